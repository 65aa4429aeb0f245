package main

import (
	"context"

	"github.com/memd-dev/memd/daemon"
	"github.com/memd-dev/memd/memory"
)

// openDaemon opens the memory of the repository around r.Dir in this process.
// It is the one place where the command line meets the daemon.
func openDaemon(ctx context.Context, r OpenRequest) (Opened, error) {
	paths, err := daemon.PathsFrom(r.Getenv)
	if err != nil {
		return nil, err
	}
	config, err := daemon.LoadConfig(paths.Config, r.Getenv)
	if err != nil {
		return nil, err
	}
	enrol := map[Enrol]daemon.EnrolMode{
		EnrolNever:    daemon.EnrolNever,
		EnrolImplicit: daemon.EnrolImplicit,
		EnrolExplicit: daemon.EnrolExplicit,
	}[r.Enrol]

	client := "memd-cli/" + readBuild().Version
	envelope := memory.Envelope{
		Worktree: r.Dir,
		Client:   client,
		Actor:    daemon.ActorFrom(r.Getenv, r.StdinTTY, r.StderrTTY),
	}
	d, err := daemon.Open(ctx, daemon.Options{Paths: paths, Config: config, Client: client, Repair: r.Repair, Again: r.Again}, envelope, enrol)
	if err != nil {
		return nil, err
	}
	envelope.Worktree = d.Worktree()
	return &opened{d, envelope}, nil
}

// schema gives the version of the index that this memd writes.
func schema() int { return daemon.Schema() }

// opened is a daemon in this process, and the envelope of the caller.
type opened struct {
	*daemon.Daemon
	envelope memory.Envelope
}

func (o *opened) Envelope() memory.Envelope { return o.envelope }

// Doctor gives the daemon's checks.
func (o *opened) Doctor(ctx context.Context) ([]Check, error) {
	found, err := o.Daemon.Doctor(ctx)
	checks := make([]Check, len(found))
	for i, c := range found {
		checks[i] = Check{Name: c.Name, OK: c.OK, Detail: c.Detail, Hint: c.Hint}
	}
	return checks, err
}
