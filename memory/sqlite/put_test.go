package sqlite

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

// TestRowsComeBack: what was put is what is read, but for what lives in other
// tables.
func TestRowsComeBack(t *testing.T) {
	db := openNew(t)
	commits := madeUp(30, 80)
	keep(t, db, commits, 9)
	ctx := t.Context()
	for _, c := range commits {
		n := ordinalOf(t, db, c.ID)
		rows, err := db.Rows(ctx, []memory.Ordinal{n})
		if err != nil {
			t.Fatal(err)
		}
		r := rows[0]
		want := *c
		want.Changes, want.Merged, want.Refs, want.Document = nil, nil, nil, memory.Document{}
		if r.Ordinal != n || !reflect.DeepEqual(r.Commit, want) {
			t.Fatalf("row of %s:\ngot  %+v\nwant %+v", c.ID, r.Commit, want)
		}
		refs, err := db.References(ctx, n)
		if err != nil || len(refs) != len(c.Refs) {
			t.Errorf("references: got %v, %v, want %v", refs, err, c.Refs)
		}
		var paths []string
		for _, f := range r.Files {
			files, err := db.Files(ctx, []int64{f.File})
			if err != nil {
				t.Fatal(err)
			}
			paths = append(paths, string(files[f.File].Path))
		}
		reasons := 0
		for _, ch := range c.Changes {
			reasons += len(ch.Reasons)
			if ch.Parent > 0 {
				continue
			}
			if !slices.Contains(paths, string(ch.Path)) {
				t.Errorf("%s: files %q lack %q", c.ID, paths, ch.Path)
			}
			sameStep(t, db, n, &ch)
		}
		if list, err := db.Reasons(ctx, n); err != nil || len(list) != reasons {
			t.Errorf("reasons: got %v, %v, want %d", list, err, reasons)
		}
	}
	if _, err := db.Rows(ctx, []memory.Ordinal{9999}); !errors.Is(err, memory.ErrNotFound) {
		t.Errorf("an unknown ordinal: got %v, want ErrNotFound", err)
	}
}

// sameStep compares a change with what the line trace reads of it.
func sameStep(t *testing.T, db *DB, n memory.Ordinal, ch *memory.Change) {
	t.Helper()
	ctx := t.Context()
	f, err := db.FileByPath(ctx, ch.Path)
	if err != nil {
		t.Fatal(err)
	}
	blob, err := blobID(ch.NewBlob)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := db.Making(ctx, f.ID, string(blob))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(steps, func(s Step) bool { return s.Commit == n && s.Parent == 0 })
	if i < 0 {
		t.Fatalf("no step made %s of %q", ch.NewBlob, ch.Path)
	}
	s := steps[i]
	if s.Status != ch.Status || s.Lazy != ch.Lazy || s.Skipped != ch.Skipped || hexID(s.OldBlob) != ch.OldBlob || hexID(s.NewBlob) != ch.NewBlob || (s.OldFile != s.File) != (ch.OldPath != nil) {
		t.Errorf("step: got %+v, want %+v", s, ch)
	}
	hunks, err := s.Hunks()
	if err != nil || len(hunks) != len(ch.Hunks) {
		t.Fatalf("hunks: got %v, %v, want %v", hunks, err, ch.Hunks)
	}
	for i, h := range hunks {
		if w := ch.Hunks[i]; h.NewStart != w.NewStart || !slices.Equal(h.Added, w.Added) || !slices.Equal(h.Removed, w.Removed) {
			t.Errorf("hunk %d: got %+v, want %+v", i, h, w)
		}
	}
}

func TestPutTwiceIsOnce(t *testing.T) {
	db := openNew(t)
	commits := madeUp(31, 50)
	keep(t, db, commits, 0)
	want := dumpOf(t, db)
	counts, err := db.Counts(t.Context())
	if err != nil || counts.Commits != 50 {
		t.Fatalf("counts: %+v, %v", counts, err)
	}
	segments := count(t, db, "SELECT count(*) FROM segment")
	keep(t, db, commits, 7)
	reopened := openAt(t, db.Path(), ReadWrite) // another writer's state, as after a crash
	keep(t, reopened, commits[10:20], 0)
	if got := dumpOf(t, reopened); got != want {
		t.Errorf("putting again changes: %s", firstDifference(got, want))
	}
	if again, err := db.Counts(t.Context()); err != nil || again != counts {
		t.Errorf("counts: got %+v, %v, want %+v", again, err, counts)
	}
	if n := count(t, db, "SELECT count(*) FROM segment"); n != segments {
		t.Errorf("%d segments, had %d", n, segments)
	}

	twice := openNew(t)
	if _, err := twice.List(t.Context(), nodesOf(commits)); err != nil {
		t.Fatal(err)
	}
	if err := twice.Put(t.Context(), append(slices.Clone(commits), commits...)); err != nil {
		t.Fatal(err)
	}
	if got := dumpOf(t, twice); got != want {
		t.Errorf("twice in one batch: %s", firstDifference(got, want))
	}
}

func TestPutNeedsAListedCommit(t *testing.T) {
	db := openNew(t)
	commits := madeUp(32, 4)
	if _, err := db.List(t.Context(), nodesOf(commits[:3])); err != nil {
		t.Fatal(err)
	}
	if err := db.Put(t.Context(), commits); !errors.Is(err, memory.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if n := count(t, db, "SELECT count(*) FROM history"); n != 0 {
		t.Errorf("%d rows of a batch that was refused", n)
	}
	for _, id := range []string{"", "abc", strings.Repeat("z", 40)} {
		bad := *commits[0]
		bad.ID = id
		if err := db.Put(t.Context(), []*memory.Commit{&bad}); !errors.Is(err, memory.ErrInvalid) {
			t.Errorf("Put of id %q: got %v, want ErrInvalid", id, err)
		}
		if _, err := db.List(t.Context(), []memory.GraphNode{{ID: id}}); !errors.Is(err, memory.ErrInvalid) {
			t.Errorf("List of id %q: got %v, want ErrInvalid", id, err)
		}
	}
}

func TestListKnowsWhatIsNew(t *testing.T) {
	db := openNew(t)
	commits := madeUp(33, 5000) // more than a page of the graph
	nodes := nodesOf(commits)
	for _, tt := range []struct {
		part []memory.GraphNode
		want int
	}{{nodes[4990:], 10}, {nodes[4990:], 0}, {append(slices.Clone(nodes[:3]), nodes[:3]...), 3}, {nodes, 4987}, {nil, 0}} {
		if n, err := db.List(t.Context(), tt.part); err != nil || n != tt.want {
			t.Errorf("%d nodes: got %d new, %v, want %d", len(tt.part), n, err, tt.want)
		}
	}
	g, mined, err := db.Graph(t.Context())
	if err != nil || g.Listed() != 5000 || mined.Count() != 0 {
		t.Fatalf("got %d listed, %d mined, %v", g.Listed(), mined.Count(), err)
	}
	// Parents that were listed later are found all the same.
	if n := g.Reachable(ordinalOf(t, db, commits[4999].ID)).Count(); n != 5000 {
		t.Errorf("%d commits are reachable from the newest, want 5,000", n)
	}
	for _, c := range commits {
		var want []string
		want = append(want, c.Parents...)
		var got []string
		for _, p := range g.Parents(ordinalOf(t, db, c.ID)) {
			got = append(got, hexID(g.ID(p)))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("parents of %s: got %v, want %v", c.ID, got, want)
		}
	}
}

// TestDumpDoesNotDependOnTheOrder: two orders and two sizes of batches, listed
// in one go or in parts, give the same bytes.
func TestDumpDoesNotDependOnTheOrder(t *testing.T) {
	commits := madeUp(34, 150)
	one := openNew(t)
	keep(t, one, commits, 0)
	want := dumpOf(t, one)
	lines := strings.Split(strings.TrimSuffix(want, "\n"), "\n")
	kinds := map[string]int{}
	last := ""
	for _, l := range lines {
		kind := l[:strings.Index(l, ",")]
		kinds[kind]++
		key := l[:min(len(l), 80)]
		if strings.HasPrefix(last, kind) && kind == `{"kind":"commit"` && key <= last {
			t.Errorf("not sorted: %s after %s", key, last)
		}
		last = key
	}
	if kinds[`{"kind":"commit"`] != 150 || kinds[`{"kind":"term"`] < 30 || len(kinds) != 2 {
		t.Fatalf("the dump holds %v", kinds)
	}
	r := rand.New(rand.NewPCG(35, 36))
	for _, batch := range []int{1, 7, 64} {
		db := openNew(t)
		mixed := slices.Clone(commits)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		keep(t, db, mixed[:40], batch)
		keep(t, db, mixed, batch)
		if got := dumpOf(t, db); got != want {
			t.Errorf("batches of %d: %s", batch, firstDifference(got, want))
		}
		if err := db.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := dumpOf(t, db); got != want {
			t.Errorf("batches of %d, settled: %s", batch, firstDifference(got, want))
		}
	}
	// A part of the memory is the memory of that part.
	part, whole := openNew(t), memory.NewSet(one.loaded.graph.Len())
	keep(t, part, commits[:70], 0)
	for _, c := range commits[:70] {
		whole.Add(ordinalOf(t, one, c.ID))
	}
	var b strings.Builder
	if err := one.Dump(t.Context(), whole, make([]byte, 32), &b); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), dumpOf(t, part); got != want {
		t.Errorf("a part: %s", firstDifference(got, want))
	}
}
