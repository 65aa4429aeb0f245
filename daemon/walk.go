package daemon

import (
	"context"
	"slices"

	"github.com/sourcegraph/conc/pool"

	"github.com/memd-dev/memd/gitwatch"
	"github.com/memd-dev/memd/memory"
)

// walk is git's walk over the whole history, under way while the newest
// commits are mined: it takes a core for a second at 80,000 commits.
type walk struct {
	pages  chan []memory.GraphNode // closed at the end
	cancel context.CancelFunc
	work   *pool.ErrorPool
	done   bool
	err    error
}

// listedAhead is how many pages the walk may be ahead of who takes them, some
// 10 MB; then it waits.
const listedAhead = 12

// listAhead starts the walk. Where the cursor says that all is listed there is
// nothing to do. Whoever calls it calls stop.
func (r *mining) listAhead(ctx context.Context, cursor []string) *walk {
	ctx, cancel := context.WithCancel(ctx)
	l := &walk{pages: make(chan []memory.GraphNode, listedAhead), cancel: cancel, work: pool.New().WithErrors()}
	if slices.Equal(cursor, r.tips) {
		close(l.pages)
		return l
	}
	not := r.present(ctx, cursor)
	l.work.Go(func() error {
		defer close(l.pages)
		send := func(page []memory.GraphNode) error {
			select {
			case l.pages <- page:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		var page []memory.GraphNode
		err := r.d.shadow.List(ctx, r.tips, gitwatch.ListOptions{Not: not}, func(n memory.GraphNode) error {
			if page = append(page, n); len(page) < listPage {
				return nil
			}
			full := page
			page = make([]memory.GraphNode, 0, listPage)
			return send(full)
		})
		if err != nil {
			return err
		}
		return send(page)
	})
	return l
}

// stop ends the walk and gives how it ended. It may be called twice; what a
// walk that was cut short says is of no interest.
func (l *walk) stop() error {
	if !l.done {
		l.done = true
		l.cancel()
		l.err = l.work.Wait()
	}
	return l.err
}
