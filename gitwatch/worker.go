package gitwatch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/memd-dev/memd/memory"
)

// form is a way to ask git for commits, and how its answer is read.
type form struct {
	args []string
	next func(*recordReader) (*memory.Commit, error)
}

// The forms. All take commit ids on standard input, print each commit even
// when it changes nothing, and begin it with commitFormat.
var (
	// patches prints commits with one parent or none. Copies are looked for
	// among the files of the same commit only; that took 4 % of git's time.
	patches = form{
		args: []string{"diff-tree", "--stdin", "--always", "-r", "--root", "--raw", "-p", "-M", "-C", "-U0", "-z", "--full-index", "--no-color", "--format=" + commitFormat},
		next: (*recordReader).next,
	}
	merges = form{
		args: []string{"diff-tree", "--stdin", "--always", "-r", "-c", "--raw", "-z", "--format=" + commitFormat},
		next: (*recordReader).nextMerge,
	}
	// names is what is left to ask where a blob is missing.
	names = form{
		args: []string{"diff-tree", "--stdin", "--always", "-r", "--root", "--raw", "-z", "--format=" + commitFormat},
		next: (*recordReader).nextNames,
	}
	// message is what is left where a tree is missing, which diff-tree reads
	// even when it prints nothing of it.
	message = form{
		args: []string{"rev-list", "--stdin", "--no-walk", "--no-commit-header", "--format=" + commitFormat},
		next: (*recordReader).nextNames,
	}
)

// manyBad is how many commits in a row may fail before a worker asks for names
// only for a while: in a partial clone every commit fails, and a child for each
// would take hours.
const manyBad = 20

// worker mines what it is dealt with one child after another.
type worker struct {
	m      *Miner
	as     form
	parser *recordReader
	queue  chan<- []*memory.Commit
	batch  []*memory.Commit
	size   int
	bad    int           // failures in a row
	stall  time.Duration // of a child; 0: DefaultStall
}

// all mines what take gives until it gives nothing.
func (w *worker) all(ctx context.Context, take func() []string) error {
	var left []string
	for {
		if len(left) == 0 {
			if left = take(); len(left) == 0 {
				return nil
			}
		}
		if w.bad >= manyBad {
			n := min(len(left), takeCommits)
			if err := w.degraded(ctx, left[:n]); err != nil {
				return err
			}
			left, w.bad = left[n:], manyBad-1
			continue
		}
		first := left
		rest, err := w.child(ctx, w.as, func() []string {
			ids := first
			if first = nil; ids == nil {
				ids = take()
			}
			return ids
		}, w.add)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var broken *brokenStream
		if err != nil && !errors.As(err, &broken) {
			return err
		}
		left = rest
		if broken == nil {
			continue
		}
		if broken.read > 0 {
			w.bad = 0
		}
		w.bad++
		if err := w.one(ctx, left[0]); err != nil {
			return err
		}
		left = left[1:]
	}
}

// brokenStream is a child that failed on a commit and not on us.
type brokenStream struct {
	read int // commits that were read whole before
	err  error
}

func (b *brokenStream) Error() string { return b.err.Error() }
func (b *brokenStream) Unwrap() error { return b.err }

// child runs one child over the ids that next gives, and yields what it reads
// whole. With a *brokenStream rest are the ids that were not yielded; the first
// is the one at fault.
func (w *worker) child(ctx context.Context, as form, next func() []string, yield func(context.Context, *memory.Commit) error) (rest []string, err error) {
	c, err := w.m.Shadow.Start(ctx, ChildOptions{WantStdin: true, Config: w.m.config(), Stall: w.stall}, as.args...)
	if err != nil {
		return nil, err
	}
	f := &feed{to: c.Stdin, next: next}
	w.parser.in = newScanner(c.Stdout)
	read := 0
	// A commit is yielded when the next one begins: a killed child may end
	// between two hunks, and nothing in the stream would tell.
	var held *memory.Commit
	for err == nil {
		if err = f.ahead(); err != nil {
			break
		}
		var got *memory.Commit
		if got, err = as.next(w.parser); err != nil {
			break
		}
		if held != nil {
			if yieldErr := yield(ctx, held); yieldErr != nil {
				c.Kill()
				return nil, errors.Join(yieldErr, ignoreKilled(c.Wait()))
			}
			f.done()
			read++
		}
		held = got
		if len(f.fed) == 0 || got.ID != f.fed[0] {
			err = fmt.Errorf("stream of git: commit %s was not asked for", got.ID)
			held = nil
		}
	}
	waitErr := c.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	// A child that ended by itself printed all of the commit before the one it
	// failed on.
	if held != nil && exitedByItself(waitErr) {
		if yieldErr := yield(ctx, held); yieldErr != nil {
			return nil, yieldErr
		}
		f.done()
		read++
	}
	if err == io.EOF {
		err = nil
	}
	err = errors.Join(err, waitErr)
	if rest = f.left(); len(rest) > 0 && err == nil {
		err = errors.New("git ended early")
	}
	if len(rest) == 0 {
		return nil, nil
	}
	return rest, &brokenStream{read: read, err: err}
}

// exitedByItself reports whether no signal ended the child.
func exitedByItself(err error) bool { return err == nil || exitStatus(err) >= 0 }

// ignoreKilled drops the error of a child that we killed because of another.
func ignoreKilled(err error) error {
	if errors.Is(err, ErrKilled) {
		return nil
	}
	return err
}

// one mines a commit that a child failed on: once more, then without hunks,
// then without names. It can't fail but for the sink and the context.
func (w *worker) one(ctx context.Context, id string) error {
	var cause error
	for i, as := range []form{w.as, names, message} {
		mark := func(ctx context.Context, c *memory.Commit) error {
			if i > 0 {
				w.mark(c, cause)
			}
			return w.add(ctx, c)
		}
		_, err := w.child(ctx, as, once(id), mark)
		var broken *brokenStream
		if !errors.As(err, &broken) {
			return err
		}
		cause = broken.err
	}
	return w.add(ctx, &memory.Commit{ID: id, Skipped: skippedMissing})
}

// once gives one id, then nothing.
func once(ids ...string) func() []string {
	return func() []string {
		list := ids
		ids = nil
		return list
	}
}

// degraded mines commits by their names only.
func (w *worker) degraded(ctx context.Context, ids []string) error {
	left := ids
	for len(left) > 0 {
		rest, err := w.child(ctx, names, once(left...), func(ctx context.Context, c *memory.Commit) error {
			w.mark(c, nil)
			return w.add(ctx, c)
		})
		var broken *brokenStream
		if err != nil && !errors.As(err, &broken) {
			return err
		}
		if left = rest; broken != nil {
			if err := w.one(ctx, left[0]); err != nil {
				return err
			}
			left = left[1:]
		}
	}
	return nil
}

// mark says on a commit why its hunks are missing.
func (w *worker) mark(c *memory.Commit, cause error) {
	c.Skipped = skippedMissing
	if errors.Is(cause, ErrStalled) {
		c.Skipped = skippedStalled
	}
	for i := range c.Changes {
		c.Changes[i].Skipped = c.Skipped
	}
}

// add puts a commit into the batch, and the batch into the queue when it is
// full. It waits while the queue is full.
func (w *worker) add(ctx context.Context, c *memory.Commit) error {
	w.batch = append(w.batch, c)
	if len(w.batch) < w.size {
		return nil
	}
	w.size = mineBatch
	return w.flush(ctx)
}

func (w *worker) flush(ctx context.Context) error {
	if len(w.batch) == 0 {
		return ctx.Err()
	}
	batch := w.batch
	w.batch = nil
	if slices.ContainsFunc(batch, func(c *memory.Commit) bool { return len(c.Parents) > 1 }) {
		if err := w.addMergedNames(ctx, batch); err != nil {
			return err
		}
	}
	select {
	case w.queue <- batch:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// feed gives a child ids, a little ahead of what is read from it: far enough
// that it never waits, and less than its pipe holds, so that we never do.
type feed struct {
	to     io.WriteCloser
	next   func() []string
	queue  []string // taken, not given to the child
	fed    []string // given to the child, not done
	closed bool
}

func (f *feed) ahead() error {
	for !f.closed && len(f.fed) < feedAhead {
		if len(f.queue) == 0 {
			if f.queue = f.next(); len(f.queue) == 0 {
				f.closed = true
				return f.to.Close()
			}
		}
		n := min(len(f.queue), 2*feedAhead)
		b := make([]byte, 0, n*65)
		for _, id := range f.queue[:n] {
			b = append(append(b, id...), '\n')
		}
		f.fed = append(f.fed, f.queue[:n]...)
		f.queue = f.queue[n:]
		if _, err := f.to.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// done says that the oldest id was read.
func (f *feed) done() { f.fed = f.fed[1:] }

// left gives all ids that were taken and not read.
func (f *feed) left() []string {
	return append(append([]string(nil), f.fed...), f.queue...)
}

// nextNames gives the next commit of a stream of the form names or message.
func (p *recordReader) nextNames() (*memory.Commit, error) {
	if err := p.atCommit(); err != nil {
		return nil, err
	}
	c, err := p.header()
	if err != nil {
		return nil, err
	}
	p.begin(c)
	p.gap()
	raw, err := p.rawEntries()
	if err != nil {
		return nil, err
	}
	for _, e := range raw {
		ch := e.change()
		ch.Lazy = ch.Class != memory.ClassBinary && ch.Class != memory.ClassLink && ch.OldBlob != "" && ch.NewBlob != ""
		p.document.Path(memory.DisplayPath(ch.Path))
		c.Changes = append(c.Changes, ch)
	}
	return p.finish(c), nil
}
