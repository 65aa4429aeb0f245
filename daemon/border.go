package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A commit at the border of a shallow clone looks like a root: it is mined as
// if it had made all of its files, and its parents are not in the graph. When
// the border moves (git fetch --unshallow, --depth), such rows are wrong, and
// the index is made anew.

// border gives the commits at which the history is cut, sorted.
func (d *Daemon) border() ([]string, error) {
	text, err := os.ReadFile(filepath.Join(d.repo.CommonDir, "shallow"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the border of a shallow clone: %w", err)
	}
	ids := strings.Fields(string(text))
	slices.Sort(ids)
	return ids, nil
}

// borderMoved reports whether what was mined began at another border. The
// caller holds d.life.
func (d *Daemon) borderMoved(ctx context.Context) (bool, error) {
	graph, _, err := d.db.Graph(ctx)
	if err != nil || graph.Len() == 0 {
		return false, err
	}
	then, err := d.db.Border(ctx)
	if err != nil {
		return false, err
	}
	now, err := d.border()
	return err == nil && !slices.Equal(then, now), err
}

// border keeps where the history is cut, once, before the first commit is
// listed.
func (r *mining) border(ctx context.Context) error {
	graph, _, err := r.db.Graph(ctx)
	if err != nil || graph.Len() > 0 {
		return err
	}
	now, err := r.d.border()
	if err != nil || len(now) == 0 {
		return err
	}
	return r.db.SetBorder(ctx, now)
}
