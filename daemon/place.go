package daemon

import (
	"context"

	"github.com/memd-dev/memd/memory"
)

// place finds the memory that belongs to the repository, or makes one where
// the mode allows it.
func (d *Daemon) place(ctx context.Context, env memory.Envelope, mode EnrolMode) error {
	registry, err := LoadRegistry(d.o.Paths)
	if err != nil {
		return err
	}
	exists := func(id string) bool { return d.repo.HasCommit(ctx, id) }
	// The cheap way first: the path is known, and a root of its history is
	// still there. Listing all roots walks the whole history.
	if entry, ok := registry.Recognise(d.repo.CommonDir, exists); ok && mode != EnrolExplicit {
		d.entry = entry
		return nil
	}
	seen, err := d.seen(ctx, exists)
	if err != nil {
		return err
	}
	placement, err := Locate(d.o.Paths, seen)
	if err != nil {
		return err
	}
	if placement.Opens() && mode != EnrolExplicit {
		d.entry = placement.Entry
		return nil
	}
	if placement.Kind == PlaceUnknown && !d.o.Again {
		return placement.Err()
	}
	for _, path := range []string{seen.Path, seen.Worktree} {
		if path == "" {
			continue
		}
		if mode == EnrolNever {
			return placement.Err()
		}
		if err := MayEnrol(d.o.Config, path, env.Actor, mode == EnrolExplicit); err != nil {
			return err
		}
	}
	d.entry, err = Enrol(d.o.Paths, d.o.Config, seen, env.Actor, d.o.Again)
	d.fresh = err == nil && !placement.Opens()
	return err
}

// seen describes the repository for the registry.
func (d *Daemon) seen(ctx context.Context, exists func(string) bool) (Seen, error) {
	seen, err := SeenAt(d.repo.CommonDir)
	if err != nil {
		return seen, err
	}
	if !d.repo.Bare {
		seen.Worktree = d.repo.Worktree
	}
	seen.Exists, seen.Shallow = exists, d.repo.Shallow()
	state, err := d.repo.State(ctx)
	if err != nil {
		return seen, err
	}
	seen.DefaultBranch = state.DefaultBranch()
	if tip, _, err := state.Head(d.repo.Worktree); err == nil {
		seen.Tip = tip
	}
	if seen.Roots, err = d.repo.Roots(ctx); err != nil {
		return seen, err
	}
	return seen, nil
}
