package gitwatch

import (
	"context"
	"errors"
	"sync"

	"github.com/sourcegraph/conc/pool"

	"github.com/memd-dev/memd/internal/redact"
	"github.com/memd-dev/memd/memory"
)

// Item is one commit to mine.
type Item struct {
	ID    string // full, hex
	Merge bool   // has two or more parents
}

// Sink takes mined commits. Put is called from one goroutine at a time; it
// owns the batch. What it took without an error counts as mined.
type Sink interface {
	Put(ctx context.Context, batch []*memory.Commit) error
}

// Tuning of a run. Two children on two ranges of the history took .55 of one
// child's time on git.git; a third gains nothing on two cores. One commit a
// transaction costs 1 ms a commit, 500 cost .1.
const (
	mineChildren = 2
	mineBatch    = 250 // commits that a worker hands on at once
	putCommits   = 750 // commits that the sink gets at once, and stores in one transaction
	firstBatch   = 100 // so that somebody who waits sees it move
	feedAhead    = 64  // commits that a child may be ahead of its reader
	takeCommits  = 256 // commits that a worker takes from its range at once
	// bigFile is core.bigFileThreshold while mining: larger files count as
	// names only. Against git's own 512 MB it took 30 % off on git.git, whose
	// translations are the largest text files.
	bigFile = "core.bigFileThreshold=256k"
)

// Miner reads commits into memory's types. Its fields are set before Mine and
// not changed after.
type Miner struct {
	Shadow *Shadow
	Redact *redact.Redactor

	// SkipWords names paths whose words stay out of change recall, for
	// evaluations that must not see changelogs. May be nil.
	SkipWords func(path []byte) bool
	// Rewrite changes messages before anything reads them, for evaluations
	// that must not see issue numbers. May be nil.
	Rewrite func(message string) string
}

// Mine mines items, which are in the order newest first, and gives them to
// sink in batches. It ends with ctx; what sink took stays mined. A commit that
// git can't print whole is mined as far as it can be, with Commit.Skipped, and
// never ends the run. Errors: those of sink and ctx, and a git that can't be
// started.
func (m *Miner) Mine(ctx context.Context, items []Item, sink Sink) error {
	if len(items) == 0 {
		return nil
	}
	var plain, merged []string
	for _, it := range items {
		if it.Merge {
			merged = append(merged, it.ID)
		} else {
			plain = append(plain, it.ID)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// The writer is one goroutine, fed by a queue that holds a batch per
	// worker: when it is full the workers wait, and with them git.
	queue := make(chan []*memory.Commit, 1)
	work := pool.New().WithContext(ctx).WithCancelOnError()
	ranges := newRanges(plain, mineChildren)
	for i := range mineChildren {
		work.Go(func(ctx context.Context) error { return m.work(ctx, ranges, i, patches, queue) })
	}
	if len(merged) > 0 {
		one := newRanges(merged, 1)
		work.Go(func(ctx context.Context) error { return m.work(ctx, one, 0, merges, queue) })
	}
	write := pool.New().WithErrors()
	write.Go(func() error {
		defer cancel() // a writer that failed ends the workers
		var held []*memory.Commit
		for batch := range queue {
			if held = append(held, batch...); len(held) < putCommits && len(batch) >= mineBatch {
				continue
			}
			if err := sink.Put(ctx, held); err != nil {
				return err
			}
			held = nil
		}
		if len(held) == 0 {
			return nil
		}
		return sink.Put(ctx, held)
	})
	workErr := work.Wait()
	close(queue)
	writeErr := write.Wait()
	// The writer's error is the cause where it failed: the workers then only
	// saw the end of their context.
	if writeErr != nil && !errors.Is(writeErr, context.Canceled) {
		return writeErr
	}
	return errors.Join(workErr, writeErr)
}

// ranges deals out the history: each worker walks its own stretch from the
// newer end, and one that is done takes half of what the other has left.
type ranges struct {
	mu   sync.Mutex
	ids  []string
	from []int // next of worker i
	to   []int // end of worker i's stretch
}

func newRanges(ids []string, workers int) *ranges {
	r := &ranges{ids: ids, from: make([]int, workers), to: make([]int, workers)}
	for i := range workers {
		r.from[i] = len(ids) * i / workers
		r.to[i] = len(ids) * (i + 1) / workers
	}
	return r
}

// take gives worker i its next ids, none at the end.
func (r *ranges) take(i int) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.from[i] == r.to[i] {
		most := i
		for k := range r.from {
			if r.to[k]-r.from[k] > r.to[most]-r.from[most] {
				most = k
			}
		}
		left := r.to[most] - r.from[most]
		if left < 2*takeCommits {
			return nil
		}
		r.to[i] = r.to[most]
		r.from[i] = r.to[most] - left/2
		r.to[most] = r.from[i]
	}
	n := min(takeCommits, r.to[i]-r.from[i])
	list := r.ids[r.from[i] : r.from[i]+n]
	r.from[i] += n
	return list
}

// work mines one stretch after another until none is left.
func (m *Miner) work(ctx context.Context, r *ranges, i int, as form, queue chan<- []*memory.Commit) error {
	w := &worker{m: m, as: as, parser: newRecordReader(nil, m.Redact), queue: queue, size: firstBatch}
	w.parser.rewrite, w.parser.skip = m.Rewrite, m.SkipWords
	if err := w.all(ctx, func() []string { return r.take(i) }); err != nil {
		return err
	}
	return w.flush(ctx)
}

// config is what every child of the miner gets besides the shadow's own.
func (m *Miner) config() []string { return append([]string{bigFile}, DriverConfig()...) }
