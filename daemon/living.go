package daemon

import (
	"context"
	"errors"

	"github.com/memd-dev/memd/memory"
	"github.com/memd-dev/memd/memory/sqlite"
)

// confirm asks git about a file where two lines of work disagree: one took it
// away, and the newest step of the other, which does not know of that, left it
// there. What a merge made of them is in no step of either.
func (l *living) confirm(ctx context.Context, id int64, steps []sqlite.Step, alive bool) (bool, error) {
	var newest memory.Ordinal = -1
	var against []memory.Ordinal
	for _, s := range steps {
		switch {
		case !l.v.within.Has(s.Commit):
		case (s.NewBlob != "") != alive:
			against = append(against, s.Commit)
		case newest < 0 || l.v.graph.Generation(s.Commit) > l.v.graph.Generation(newest):
			newest = s.Commit
		}
	}
	if newest < 0 || len(against) == 0 {
		return alive, nil
	}
	older := l.v.graph.Reachable(newest)
	for _, n := range against {
		if older.Has(n) {
			continue
		}
		files, err := l.d.db.Files(ctx, []int64{id})
		if err != nil {
			return false, err
		}
		_, _, err = l.d.shadow.BlobAt(ctx, l.v.commit, files[id].Path)
		if errors.Is(err, memory.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	}
	return alive, nil
}
