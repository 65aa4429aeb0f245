package daemon

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/memd-dev/memd/gitwatch"
	"github.com/memd-dev/memd/memory"
)

// view is memory as seen from one revision: a commit that is not among the
// ancestors does not exist for the answer.
type view struct {
	commit string // full id
	graph  *memory.Graph
	mined  memory.Set
	within memory.Set // ancestors of the revision, itself included; listed commits only
	tip    memory.Ordinal
	listed bool // the revision itself is in the graph
	answer memory.Answer
}

// view resolves a revision ("": HEAD of the caller's worktree) and says what
// memory has of its history.
func (d *Daemon) view(ctx context.Context, env memory.Envelope, rev string) (*view, error) {
	commit, err := d.shadow.Resolve(ctx, d.repo, d.worktree(env), rev)
	if rev == "" && errors.Is(err, memory.ErrNotFound) {
		return nil, memory.Hint(&fault{text: "there are no commits here yet", is: memory.ErrNotFound}, "ask again after the first one")
	}
	if err != nil {
		return nil, err
	}
	graph, mined, err := d.db.Graph(ctx)
	if err != nil {
		return nil, err
	}
	v := &view{commit: commit, graph: graph, mined: mined, tip: -1}
	raw, err := hex.DecodeString(commit)
	if err != nil {
		return nil, fmt.Errorf("%w: object id %q", memory.ErrInvalid, commit)
	}
	unlisted := 0
	if n, ok := graph.Find(string(raw)); ok {
		v.tip, v.listed = n, true
		v.within = d.reachable(graph, n)
	} else if unlisted, err = v.fromUnlisted(ctx, d.shadow); err != nil {
		return nil, err
	}
	newest, _, ok, err := d.db.Newest(ctx, v.within)
	if err != nil {
		return nil, err
	}
	v.answer = memory.Answer{Revision: commit, Mined: mined.Count(), Total: graph.Listed(), Epoch: d.epoch, Shallow: d.repo.Shallow()}
	if v.answer.Mined < v.answer.Total {
		// What is listed may be followed no longer: a branch that was rewritten
		// before it was mined.
		tips, err := d.db.Cursor(ctx)
		if err != nil {
			return nil, err
		}
		if len(tips) > 0 {
			followed := reachableFrom(graph, tips)
			v.answer.Mined, v.answer.Total = followed.CountBoth(mined), followed.Count()
		}
	}
	if ok {
		v.answer.AsOf = hexID(graph.ID(newest))
		v.answer.Behind = unlisted + v.behind(newest)
	} else {
		v.answer.Behind = unlisted + v.within.Count()
	}
	return v, nil
}

// fromUnlisted sets what is known of a revision that was never listed: another
// branch, or a commit that could not be mined. It gives how many commits of
// its history are not listed.
func (v *view) fromUnlisted(ctx context.Context, shadow *gitwatch.Shadow) (int, error) {
	v.within = memory.NewSet(v.graph.Len())
	unlisted := 0
	var borders []memory.Ordinal
	// A walk by git, bounded: it happens where mining could not keep up.
	err := shadow.List(ctx, []string{v.commit}, gitwatch.ListOptions{Max: maxUnlisted}, func(n memory.GraphNode) error {
		raw, err := hex.DecodeString(n.ID)
		if err != nil {
			return err
		}
		if o, ok := v.graph.Find(string(raw)); ok {
			borders = append(borders, o)
			if len(borders) > maxBorders {
				return errEnough // newest first: by then the border is behind us
			}
			return nil
		}
		unlisted++
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return 0, err
	}
	if len(borders) > 0 {
		v.within = v.graph.Reachable(borders...)
	}
	return unlisted, nil
}

// maxUnlisted bounds the walk of fromUnlisted.
const maxUnlisted = 5000

// maxBorders is how many listed commits the walk meets before it ends.
const maxBorders = 200

// errEnough ends a walk early; it never leaves this file.
var errEnough = errors.New("enough")

// behind counts the commits of the view that are not mined and not older than
// the newest mined one: what a half-mined history lacks at its old end is not
// behind.
func (v *view) behind(newest memory.Ordinal) int {
	old := v.graph.Reachable(newest)
	n := 0
	for i := range v.graph.Len() {
		o := memory.Ordinal(i)
		if v.within.Has(o) && !v.mined.Has(o) && !old.Has(o) {
			n++
		}
	}
	return n
}

// reachable gives the ancestors of a commit, from a cache of a few: a session
// asks about one or two revisions.
func (d *Daemon) reachable(graph *memory.Graph, n memory.Ordinal) memory.Set {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sets.graph != graph || len(d.sets.by) >= 8 {
		d.sets.graph, d.sets.by = graph, make(map[memory.Ordinal]memory.Set)
	}
	if s, ok := d.sets.by[n]; ok {
		return s
	}
	s := graph.Reachable(n)
	d.sets.by[n] = s
	return s
}
