package daemon

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// Status describes the memory and what is wrong with it.
func (d *Daemon) Status(ctx context.Context, env memory.Envelope) (*memory.Status, error) {
	d.life.RLock()
	defer d.life.RUnlock()
	if err := d.catchUp(ctx); err != nil {
		return nil, err
	}
	id := d.entry.ID
	s := &memory.Status{
		Repository: memory.DisplayPath([]byte(d.repo.CommonDir)),
		RepoID:     id,
		EnrolledBy: d.entry.EnrolledBy,
		EnrolledAt: d.entry.EnrolledAt,
		Paths: memory.StatusPaths{
			Data: d.o.Paths.Journal(id), State: d.stateOf, Index: d.db.Path(), Registry: d.o.Paths.Registry(), Config: d.o.Paths.Config,
		},
		Git:       d.repo.Git.Version,
		ReadOnly:  d.lock == nil,
		Worktrees: []string{},
	}
	state, err := d.repo.State(ctx)
	if err != nil {
		return nil, err
	}
	s.DefaultBranch = strings.TrimPrefix(d.defaultBranch(state), "refs/heads/")
	for _, w := range state.Worktrees {
		s.Worktrees = append(s.Worktrees, memory.DisplayPath([]byte(w.Path)))
	}
	head, branch, err := state.Head(d.worktree(env))
	if err != nil {
		return nil, err
	}
	s.Branch = strings.TrimPrefix(branch, "refs/heads/")
	if err := d.statusOfHistory(ctx, env, head, s); err != nil {
		return nil, err
	}
	if moved, err := d.borderMoved(ctx); err != nil {
		return nil, err
	} else if moved {
		s.Wrong = append(s.Wrong, "the clone is cut elsewhere than when it was mined: memd init mines it anew")
	}
	if s.Counts, err = d.db.Counts(ctx); err != nil {
		return nil, err
	}
	if s.Oldest, s.Newest, err = d.db.Span(ctx); err != nil {
		return nil, err
	}
	if s.Skipped, err = d.db.Skipped(ctx); err != nil {
		return nil, err
	}
	s.IndexBytes = d.db.Bytes()
	if s.PackBytes, err = d.packBytes(); err != nil {
		return nil, err
	}
	return s, d.wrongs(s)
}

// statusOfHistory fills the answer's envelope; an unborn repository has none.
func (d *Daemon) statusOfHistory(ctx context.Context, env memory.Envelope, head string, s *memory.Status) error {
	if head == "" {
		s.Wrong = append(s.Wrong, "there are no commits yet")
		return nil
	}
	v, err := d.view(ctx, env, "")
	if err != nil {
		return err
	}
	s.Answer = v.answer
	return nil
}

// wrongs says what needs attention.
func (d *Daemon) wrongs(s *memory.Status) error {
	registry, err := LoadRegistry(d.o.Paths)
	if err != nil {
		return err
	}
	for _, e := range registry.ParkedAt(d.repo.CommonDir) {
		s.Parked = append(s.Parked, e.ID)
	}
	if d.lock == nil {
		s.Wrong = append(s.Wrong, d.why.Error())
	}
	if s.Shallow {
		s.Wrong = append(s.Wrong, "this is a shallow clone: memory begins where it was cut (git fetch --unshallow)")
	}
	return nil
}

// packBytes gives the size of the repository's packs, as they are.
func (d *Daemon) packBytes() (int64, error) {
	objects, err := d.repo.Objects()
	if err != nil {
		return 0, err
	}
	entries, err := os.ReadDir(filepath.Join(objects, "pack"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	var n int64
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".pack" {
			continue
		}
		if info, err := e.Info(); err == nil { // a repack may have removed it meanwhile
			n += info.Size()
		}
	}
	return n, nil
}
