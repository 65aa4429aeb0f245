package daemon

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sort"
	"time"

	"github.com/memd-dev/memd/gitwatch"
	"github.com/memd-dev/memd/memory"
	"github.com/memd-dev/memd/memory/sqlite"
)

// Tuning of mining, from the daemon's side.
const (
	// firstCommits are mined before the rest is even listed: they answer most
	// questions, and walking 80,000 commits takes git a second.
	firstCommits = 1000
	// listPage is how many commits are listed in one transaction.
	listPage = 8192
	// catchUpTime is how long a question may wait for commits made since the
	// last one; what is left then shows as Behind.
	catchUpTime = 300 * time.Millisecond
	// catchUpCommits is the most that a question mines: more is a fetch or a
	// first run, and belongs to Mine.
	catchUpCommits = 300
	// settleAfter is the number of mined commits from which the index is put
	// in order for reading at the end of a run.
	settleAfter = 2000
)

// Rules is the version of the mining rules. An index that other rules made is
// made anew by a rebuild.
const Rules = 1

// Mine reads into the index what it lacks of the followed refs.
func (d *Daemon) Mine(ctx context.Context, env memory.Envelope, q memory.MineQuery, progress func(memory.Progress)) (*memory.Mined, error) {
	if q.Newest < 0 {
		return nil, fmt.Errorf("%w: newest %d", memory.ErrInvalid, q.Newest)
	}
	if err := d.writable(); err != nil {
		return nil, err
	}
	d.life.RLock()
	moved, err := d.borderMoved(ctx)
	d.life.RUnlock()
	if err != nil {
		return nil, d.explainIndex(err)
	}
	if moved {
		return d.Rebuild(ctx, env, progress)
	}
	d.life.RLock()
	defer d.life.RUnlock()
	run := &mining{d: d, db: d.db, progress: progress, start: time.Now()}
	if err := run.all(ctx, q.Newest); err != nil {
		return nil, d.explainIndex(err)
	}
	graph, _, err := d.db.Graph(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.settle(ctx, graph, reachableFrom(graph, run.tips)); err != nil {
		return nil, err
	}
	return run.result(ctx)
}

// mining is one run of the miner into one index.
type mining struct {
	d        *Daemon
	db       *sqlite.DB
	progress func(memory.Progress)
	start    time.Time

	tips  []string // followed commits at the start of the run
	total int      // commits reachable from them, once listed
	had   int      // mined before this run
	new   int      // mined by it
}

// all lists and mines. newest > 0 limits both.
func (r *mining) all(ctx context.Context, newest int) (err error) {
	if err := r.follow(ctx); err != nil || len(r.tips) == 0 {
		return err
	}
	end, err := r.db.Bulk(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	if err := r.border(ctx); err != nil {
		return err
	}
	cursor, err := r.db.Cursor(ctx)
	if err != nil {
		return err
	}
	ahead := r.listAhead(ctx, cursor)
	defer ahead.stop()
	if len(cursor) == 0 || newest > 0 {
		first := firstCommits
		if newest > 0 {
			first = newest
		}
		if _, err := r.list(ctx, gitwatch.ListOptions{Max: first}); err != nil {
			return err
		}
		if err := r.mine(ctx, first); err != nil {
			return err
		}
	}
	// With a limit too: an answer says how much of the history is not mined.
	if err := r.listAll(ctx, cursor, ahead); err != nil || newest > 0 {
		return err
	}
	if err := r.mine(ctx, 0); err != nil {
		return err
	}
	if err := r.db.SetRules(ctx, Rules); err != nil {
		return err
	}
	if r.new >= settleAfter {
		return r.db.Settle(ctx)
	}
	return nil
}

// follow finds what memory follows.
func (r *mining) follow(ctx context.Context) error {
	state, err := r.d.repo.State(ctx)
	if err != nil {
		return err
	}
	branch := r.d.defaultBranch(state)
	r.tips = state.Followed(branch)
	// Also where it is shallow no longer: the shadow must not stay cut.
	_, err = r.d.shadow.SyncShallow(r.d.repo)
	return err
}

// listAll takes the listing of the whole history of the tips into the graph,
// and moves the cursor.
func (r *mining) listAll(ctx context.Context, cursor []string, ahead *walk) error {
	if !slices.Equal(cursor, r.tips) {
		for page := range ahead.pages {
			if _, err := r.db.List(ctx, page); err != nil {
				return err
			}
		}
		if err := ahead.stop(); err != nil {
			return fmt.Errorf("list commits: %w", err)
		}
		if err := r.db.SetCursor(ctx, r.tips); err != nil {
			return err
		}
	}
	graph, mined, err := r.db.Graph(ctx)
	if err != nil {
		return err
	}
	within := reachableFrom(graph, r.tips)
	r.total = within.Count()
	r.had = within.CountBoth(mined) - r.new
	return nil
}

// present leaves out cursor commits that git no longer has: a rewritten branch
// after gc would make rev-list fail.
func (r *mining) present(ctx context.Context, cursor []string) []string {
	if len(cursor) == 0 {
		return nil
	}
	blobs, err := r.d.openBlobs(ctx)
	if err != nil {
		return nil
	}
	var kept []string
	for _, id := range cursor {
		if _, err := blobs.Read(id, maxObjectBytes); !errors.Is(err, memory.ErrNotFound) && err == nil {
			kept = append(kept, id)
		}
	}
	return kept
}

// maxObjectBytes bounds a commit that is read whole.
const maxObjectBytes = 1 << 20

// list writes commits into the graph, and gives how many git named.
func (r *mining) list(ctx context.Context, o gitwatch.ListOptions) (n int, err error) {
	page := make([]memory.GraphNode, 0, listPage)
	flush := func() error {
		_, err := r.db.List(ctx, page)
		page = page[:0]
		return err
	}
	err = r.d.shadow.List(ctx, r.tips, o, func(node memory.GraphNode) error {
		n++
		if page = append(page, node); len(page) == listPage {
			return flush()
		}
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("list commits: %w", err)
	}
	return n, flush()
}

// mine mines what is listed and not mined, newest first; at most limit commits
// when limit > 0.
func (r *mining) mine(ctx context.Context, limit int) error {
	graph, mined, err := r.db.Graph(ctx)
	if err != nil {
		return err
	}
	within := reachableFrom(graph, r.tips)
	if r.total == 0 {
		r.total = within.Count()
		r.had = within.CountBoth(mined)
	}
	var todo []memory.Ordinal
	for n := range graph.Len() {
		if o := memory.Ordinal(n); within.Has(o) && !mined.Has(o) {
			todo = append(todo, o)
		}
	}
	// Ordinals of one listing run from new to old; a later listing has newer
	// commits, so that a plain order of ordinals would mine them last.
	sort.SliceStable(todo, func(a, b int) bool { return graph.Generation(todo[a]) > graph.Generation(todo[b]) })
	if limit > 0 && len(todo) > limit {
		todo = todo[:limit]
	}
	merges, err := r.db.Merges(ctx)
	if err != nil {
		return err
	}
	items := make([]gitwatch.Item, len(todo))
	for i, n := range todo {
		items[i] = gitwatch.Item{ID: hexID(graph.ID(n)), Merge: merges.Has(n)}
	}
	defer limitMemory(len(todo))()
	m := &gitwatch.Miner{Shadow: r.d.shadow, Redact: r.d.redactor()}
	if r.d.o.Miner != nil {
		r.d.o.Miner(m)
	}
	err = m.Mine(ctx, items, r)
	r.report() // also where it was cut short: "interrupted at N of M" needs N
	return err
}

// limitMemory sets a soft limit for the Go heap while a history is mined, and
// gives the function that takes it back. Without one the heap grows to twice
// what is live before it is collected: 172 MB at 82,000 commits, 117 MB with
// it, for no measurable time. What is live grows with the commits that wait.
func limitMemory(commits int) (restore func()) {
	old := debug.SetMemoryLimit(72<<20 + 300*int64(commits))
	return func() { debug.SetMemoryLimit(old) }
}

// Put stores a batch and says how far the run is.
func (r *mining) Put(ctx context.Context, batch []*memory.Commit) error {
	if err := r.db.Put(ctx, batch); err != nil {
		return err
	}
	r.new += len(batch)
	r.report()
	return nil
}

func (r *mining) report() {
	if r.progress == nil {
		return
	}
	elapsed := time.Since(r.start).Seconds()
	r.progress(memory.Progress{Mined: r.had + r.new, Total: r.total, Rate: float64(r.new) / max(elapsed, 1e-3), Elapsed: elapsed})
}

func (r *mining) result(ctx context.Context) (*memory.Mined, error) {
	out := &memory.Mined{New: r.new, Elapsed: time.Since(r.start).Seconds()}
	graph, mined, err := r.db.Graph(ctx)
	if err != nil {
		return nil, err
	}
	within := reachableFrom(graph, r.tips)
	out.Total, out.Mined = r.total, within.CountBoth(mined)
	out.Shallow, out.Epoch = r.d.repo.Shallow(), r.d.epoch
	if id, _, ok, err := r.db.Newest(ctx, within); err != nil {
		return nil, err
	} else if ok {
		out.AsOf = hexID(graph.ID(id))
	}
	out.Skipped, err = r.db.Skipped(ctx)
	return out, err
}

// reachableFrom gives the ancestors of commits by hex id; those that are not
// listed are left out.
func reachableFrom(graph *memory.Graph, ids []string) memory.Set {
	var from []memory.Ordinal
	for _, id := range ids {
		raw, err := hex.DecodeString(id)
		if err != nil {
			continue // ids come from git or from the cursor: hex
		}
		if n, ok := graph.Find(string(raw)); ok {
			from = append(from, n)
		}
	}
	return graph.Reachable(from...)
}

// catchUp mines the few commits that were made since the last request. A
// memory that can't be written, or that has more to mine, answers as it is:
// the answer says how far behind it is.
func (d *Daemon) catchUp(ctx context.Context) error {
	if d.lock == nil {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, catchUpTime)
	defer cancel()
	run := &mining{d: d, db: d.db, start: time.Now()}
	err := run.few(limited)
	switch {
	case err == nil || limited.Err() != nil:
		return ctx.Err() // what broke after the limit broke because of it
	case errors.Is(err, memory.ErrDiskFull), errors.Is(err, memory.ErrReadOnly), errors.Is(err, memory.ErrBusy):
		return nil // the answer says how far behind it is, and status says why
	}
	return err
}

// few lists what is new at the tips and mines it when it is little.
func (r *mining) few(ctx context.Context) error {
	if err := r.follow(ctx); err != nil || len(r.tips) == 0 {
		return err
	}
	cursor, err := r.db.Cursor(ctx)
	if err != nil {
		return err
	}
	if slices.Equal(cursor, r.tips) {
		return nil
	}
	graph, _, err := r.db.Graph(ctx)
	if err != nil || graph.Len() == 0 {
		return err
	}
	// A first run that was cut short has no cursor; then what is newest counts.
	var nodes []memory.GraphNode
	o := gitwatch.ListOptions{Not: r.present(ctx, cursor), Max: catchUpCommits}
	err = r.d.shadow.List(ctx, r.tips, o, func(n memory.GraphNode) error {
		nodes = append(nodes, n)
		return nil
	})
	if err != nil {
		return fmt.Errorf("list commits: %w", err)
	}
	whole := len(nodes) < catchUpCommits
	if !whole && !joins(graph, nodes) {
		return nil
	}
	if _, err := r.db.List(ctx, nodes); err != nil {
		return err
	}
	if err := r.mineTips(ctx); err != nil {
		return err
	}
	if len(cursor) > 0 && whole {
		return r.db.SetCursor(ctx, r.tips)
	}
	return nil
}

// joins reports whether no parent of the commits is missing. Listed with a gap
// below them, they would hide the history that memory has from every answer.
func joins(graph *memory.Graph, nodes []memory.GraphNode) bool {
	fresh := make(map[string]bool, len(nodes))
	for _, n := range nodes {
		fresh[n.ID] = true
	}
	known := func(id string) bool {
		raw, err := hex.DecodeString(id)
		if err != nil {
			return false
		}
		_, ok := graph.Find(string(raw))
		return ok
	}
	for _, n := range nodes {
		for _, p := range n.Parents {
			if !fresh[p] && !known(n.ID) && !known(p) {
				return false
			}
		}
	}
	return true
}

// mineTips mines the newest commits, at most catchUpCommits of them, that are
// listed after what was mined before.
func (r *mining) mineTips(ctx context.Context) error {
	graph, mined, err := r.db.Graph(ctx)
	if err != nil {
		return err
	}
	newest, _, ok, err := r.db.Newest(ctx, reachableFrom(graph, r.tips))
	if err != nil || !ok {
		return err
	}
	old := graph.Reachable(newest)
	within := reachableFrom(graph, r.tips)
	n := 0
	for i := range graph.Len() {
		if o := memory.Ordinal(i); within.Has(o) && !mined.Has(o) && !old.Has(o) {
			n++
		}
	}
	if n == 0 || n > catchUpCommits {
		return nil
	}
	return r.mine(ctx, n)
}

// defaultBranch gives the branch that trust goes by: the user's configuration,
// what was stored at enrolment, or what the refs say.
func (d *Daemon) defaultBranch(state *gitwatch.State) string {
	for _, path := range []string{d.repo.CommonDir, d.repo.Worktree} {
		if b := d.o.Config.DefaultBranch(path); b != "" {
			return b
		}
	}
	if d.entry.DefaultBranch != "" {
		return d.entry.DefaultBranch
	}
	return state.DefaultBranch()
}
