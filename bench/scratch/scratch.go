// Package scratch makes memories for measurements: of any repository, from one
// commit on, in directories of their own. The repository itself is only read,
// through a bare one that borrows its objects, so that measuring leaves no trace
// in it and sees no branch but the one that is asked for.
package scratch

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/memd-dev/memd/daemon"
	"github.com/memd-dev/memd/gitwatch"
	"github.com/memd-dev/memd/memory"
)

// Repository makes a bare repository at dir that has the objects of another one
// and one commit as its detached HEAD, so that nothing else is followed. A
// repository that is there already is kept.
func Repository(objects, head, dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(abs, "HEAD")); err == nil {
		return abs, nil
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return "", err
	}
	if _, err := Git(abs, "init", "-q", "--bare", abs); err != nil {
		return "", err
	}
	from, err := filepath.Abs(filepath.Join(objects, "objects"))
	if err != nil {
		return "", err
	}
	files := map[string]string{"objects/info/alternates": from + "\n", "HEAD": head + "\n"}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(abs, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return abs, nil
}

// Open opens a memory of repo whose data and state lie under dir. miner, if not
// nil, changes how it is mined.
func Open(ctx context.Context, repo, dir string, miner func(*gitwatch.Miner)) (*daemon.Daemon, memory.Envelope, error) {
	env := memory.Envelope{Worktree: repo, Client: "memd-bench", Actor: memory.ActorPerson}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, env, err
	}
	o := options(filepath.Join(abs, "data"), filepath.Join(abs, "state"))
	o.Miner = miner
	d, err := daemon.Open(ctx, o, env, daemon.EnrolExplicit)
	return d, env, err
}

// OpenAt opens the memory that a memd with these directories made.
func OpenAt(ctx context.Context, repo, data, state string) (*daemon.Daemon, memory.Envelope, error) {
	env := memory.Envelope{Worktree: repo, Client: "memd-bench", Actor: memory.ActorPerson}
	d, err := daemon.Open(ctx, options(data, state), env, daemon.EnrolNever)
	return d, env, err
}

func options(data, state string) daemon.Options {
	return daemon.Options{
		Paths:  daemon.Paths{Data: data, State: state, Config: filepath.Join(data, "config.toml")},
		Config: daemon.DefaultConfig(),
		Client: "memd-bench",
	}
}

// Shell runs a pipeline in a clean environment and gives what it prints.
func Shell(dir, script string) ([]byte, error) {
	return command(dir, "sh", "-c", script)
}

// Git runs git in a clean environment and gives what it prints.
func Git(dir string, args ...string) ([]byte, error) {
	return command(dir, "git", args...)
}

func command(dir, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C", "TZ=UTC"}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	return out, nil
}
