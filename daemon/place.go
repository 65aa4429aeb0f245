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
	if !d.strange(registry, exists) {
		if seen.Roots, err = d.repo.Roots(ctx); err != nil {
			return err
		}
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
	return seen, nil
}

// maxAsked is how many known ids are looked for one by one before the roots are
// listed at once: a call of git takes 2 ms, the walk .6 s on git.git.
const maxAsked = 50

// strange reports whether nothing in the registry can have to do with this
// repository: no memory has its path, and no id that a memory knows is in it.
// Then its roots decide nothing; it is enrolled by its tip, and settle gives it
// its fingerprint when the history is listed.
func (d *Daemon) strange(r *Registry, exists func(string) bool) bool {
	asked := 0
	for _, e := range r.Entries {
		if e.Path == d.repo.CommonDir {
			return false
		}
		for _, id := range e.ids() {
			if asked++; asked > maxAsked || exists(id) {
				return false
			}
		}
	}
	return true
}

// settle records the roots of a memory that was enrolled by its tip, now that
// the whole history is listed.
func (d *Daemon) settle(ctx context.Context, graph *memory.Graph, within memory.Set) error {
	if len(d.entry.Fingerprint) > 0 || d.repo.Shallow() {
		return nil
	}
	seen, err := d.seen(ctx, func(id string) bool { return d.repo.HasCommit(ctx, id) })
	if err != nil {
		return err
	}
	for n := range graph.Len() {
		if o := memory.Ordinal(n); within.Has(o) && len(graph.Parents(o)) == 0 {
			seen.Roots = append(seen.Roots, hexID(graph.ID(o)))
		}
	}
	placement, err := Locate(d.o.Paths, seen)
	if err == nil && placement.Opens() && placement.Entry.ID == d.entry.ID {
		d.entry = placement.Entry
	}
	return err
}
