package sqlite

import (
	"context"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

// tiny makes a commit whose document has these words, by field.
func tiny(name string, committed int64, message, diff string) *memory.Commit {
	c := &memory.Commit{ID: nameID(name), Committed: committed, Authored: committed, Subject: name}
	at := map[string]int{}
	for f, text := range []string{message, diff} {
		for _, word := range strings.Fields(text) {
			i, ok := at[word]
			if !ok {
				i = len(c.Document.Terms)
				at[word] = i
				c.Document.Terms = append(c.Document.Terms, memory.Term{Text: word})
			}
			c.Document.Terms[i].Counts[f]++
			c.Document.Lengths[f]++
		}
	}
	return c
}

func tinyHistory() []*memory.Commit {
	return []*memory.Commit{
		tiny("d0", 100, "retry retry limit", "retry"),
		tiny("d1", 200, "retry", ""),
		tiny("d2", 300, "guard limit", "retry guard"),
		tiny("d3", 400, "guard guard guard guard", ""),
	}
}

func query(words string) Query {
	q := Query{Weights: [memory.Fields]float64{1, .5, .2}}
	for _, w := range strings.Fields(words) {
		q.Terms = append(q.Terms, memory.QueryTerm{Text: w, Count: 1, Word: w})
	}
	return q
}

// search asks, and gives the subjects with their scores.
func search(t *testing.T, db *DB, q Query) (names []string, scores []float64, found *Found) {
	t.Helper()
	found, err := db.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range found.Hits {
		rows, err := db.Rows(t.Context(), []memory.Ordinal{h.Commit})
		if err != nil {
			t.Fatal(err)
		}
		names, scores = append(names, rows[0].Subject), append(scores, h.Score)
	}
	return names, scores, found
}

func near(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) < 1e-5 })
}

// TestSearchIsBM25 compares with scores that were worked out by hand from the
// published formula, k = 1.2 and b = .75, per field, summed with 1 and .5.
func TestSearchIsBM25(t *testing.T) {
	db := openNew(t)
	keep(t, db, tinyHistory(), 0)
	q := query("retry limit")
	q.Within = everything(t, db)
	names, scores, found := search(t, db, q)
	if want := []string{"d0", "d2", "d1"}; !slices.Equal(names, want) || !near(scores, []float64{1.848031, 0.960984, 0.918629}) {
		t.Errorf("got %v %v, want %v", names, scores, want)
	}
	if !slices.Equal(found.Frequency, []int{3, 2}) {
		t.Errorf("frequencies: got %v, want 3 and 2", found.Frequency)
	}
	if h := found.Hits[0]; len(h.Terms) != 2 || h.Terms[0].Term != 0 || math.Abs(sum(h.Terms[0].Score)+sum(h.Terms[1].Score)-h.Score) > 1e-5 {
		t.Errorf("shares of the best hit: got %+v, want retry before limit and their sum", h)
	}

	// Without d2 N is 3, and its words are not counted.
	for _, id := range []string{"d0", "d1", "d3"} {
		if id == "d0" {
			q.Within = memory.NewSet(4)
		}
		q.Within.Add(ordinalOf(t, db, nameID(id)))
	}
	names, scores, found = search(t, db, q)
	if want := []string{"d0", "d1"}; !slices.Equal(names, want) || !near(scores, []float64{1.827148, 0.631455}) {
		t.Errorf("within three: got %v %v, want %v", names, scores, want)
	}
	if !slices.Equal(found.Frequency, []int{2, 1}) {
		t.Errorf("frequencies within three: got %v, want 2 and 1", found.Frequency)
	}

	// Only narrows the candidates and changes no score.
	q.Only = memory.NewSet(4)
	q.Only.Add(ordinalOf(t, db, nameID("d1")))
	q.Only.Add(ordinalOf(t, db, nameID("d2"))) // not within
	names, scores, found = search(t, db, q)
	if want := []string{"d1"}; !slices.Equal(names, want) || !near(scores, []float64{0.631455}) || !slices.Equal(found.Frequency, []int{2, 1}) {
		t.Errorf("only one: got %v %v %v, want %v", names, scores, found.Frequency, want)
	}
}

// TestSearchWithoutWeight: a commit that has the words only in a field that
// counts nothing is no hit, and none stands twice.
func TestSearchWithoutWeight(t *testing.T) {
	db := openNew(t)
	keep(t, db, tinyHistory(), 0)
	q := query("retry guard")
	q.Within = everything(t, db)
	q.Weights = [memory.Fields]float64{1}
	q.Terms = append(q.Terms, memory.QueryTerm{Text: "limit"})
	names, _, _ := search(t, db, q)
	slices.Sort(names)
	if want := []string{"d0", "d1", "d2", "d3"}; !slices.Equal(names, want) {
		t.Errorf("messages only: got %v, want %v", names, want)
	}
	q.Weights = [memory.Fields]float64{0, 1}
	names, _, _ = search(t, db, q)
	slices.Sort(names)
	if want := []string{"d0", "d2"}; !slices.Equal(names, want) {
		t.Errorf("diffs only: got %v, want %v", names, want)
	}
}

func TestSearchOfNothing(t *testing.T) {
	db := openNew(t)
	if found, err := db.Search(t.Context(), query("retry")); err != nil || len(found.Hits) != 0 {
		t.Errorf("an empty index: got %+v, %v", found, err)
	}
	keep(t, db, tinyHistory(), 0)
	for _, words := range []string{"", "absent"} {
		q := query(words)
		q.Within = everything(t, db)
		if found, err := db.Search(t.Context(), q); err != nil || len(found.Hits) != 0 {
			t.Errorf("%q: got %+v, %v", words, found, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.Search(ctx, query("retry")); err == nil {
		t.Error("a cancelled search gives no error")
	}
}

// TestSearchTies: equal scores go to the newer commit, then to the larger id,
// with a limit and without.
func TestSearchTies(t *testing.T) {
	var commits []*memory.Commit
	var want []string
	for i := range 60 {
		c := tiny(strings.Repeat("x", i+1), 1000+int64(i/3), "same", "")
		commits = append(commits, c)
		want = append(want, c.ID)
	}
	slices.SortFunc(want, func(a, b string) int {
		when := func(id string) int64 {
			return commits[slices.IndexFunc(commits, func(c *memory.Commit) bool { return c.ID == id })].Committed
		}
		if x, y := when(a), when(b); x != y {
			return int(y - x)
		}
		return strings.Compare(b, a)
	})
	for _, batch := range []int{0, 7} {
		for _, reversed := range []bool{false, true} {
			db := openNew(t)
			list := slices.Clone(commits)
			if reversed {
				slices.Reverse(list)
			}
			keep(t, db, list, batch)
			g, _, err := db.Graph(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, limit := range []int{0, 1, 5, 59, 60, 100} {
				q := query("same")
				q.Within, q.Limit = everything(t, db), limit
				found, err := db.Search(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, h := range found.Hits {
					got = append(got, hexID(g.ID(h.Commit)))
				}
				if n := min(max(limit, 0), 60); limit > 0 && !slices.Equal(got, want[:n]) || limit == 0 && !slices.Equal(got, want) {
					t.Errorf("batches of %d, reversed %v, limit %d: got %.40q, want %.40q", batch, reversed, limit, got, want)
				}
			}
		}
	}
}

// TestSearchDoesNotDependOnSegments: the same question has the same answer over
// one segment, over many, and after they were merged.
func TestSearchDoesNotDependOnSegments(t *testing.T) {
	commits := madeUp(20, 260)
	type answer struct {
		ids    []string
		scores []float64
		df     []int
	}
	ask := func(db *DB, words string, limit int) answer {
		t.Helper()
		q := query(words)
		q.Terms = memory.QueryTerms(words)
		q.Within, q.Limit = everything(t, db), limit
		found, err := db.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		g, _, err := db.Graph(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a := answer{df: found.Frequency}
		for _, h := range found.Hits {
			a.ids, a.scores = append(a.ids, hexID(g.ID(h.Commit))), append(a.scores, h.Score)
		}
		return a
	}
	one, many := openNew(t), openNew(t)
	keep(t, one, commits, 0)
	keep(t, many, commits, 12)
	if a, b := count(t, one, "SELECT count(*) FROM segment"), count(t, many, "SELECT count(*) FROM segment"); a != 1 || b < 5 {
		t.Fatalf("%d segments against %d: nothing is compared", a, b)
	}
	questions := []string{"retry limit of the bank card", "guard double refund order", "close", "page token queue", "parse index cursor merge shadow window", "checkout.js", "only merged"}
	before := map[string]answer{}
	for _, words := range questions {
		for _, limit := range []int{3, 50, 0} {
			x, y := ask(one, words, limit), ask(many, words, limit)
			if !reflect.DeepEqual(x, y) {
				t.Errorf("%q, limit %d: one segment gives %v %v, many give %v %v", words, limit, x.df, x.scores, y.df, y.scores)
			}
		}
		before[words] = ask(many, words, 50)
	}
	for _, db := range []*DB{one, many} {
		for range 2 {
			if err := db.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := count(t, db, "SELECT count(*) FROM segment WHERE tier = 0"); n > 1 {
				t.Fatalf("%d young segments after Settle", n)
			}
			for _, words := range questions {
				if got := ask(db, words, 50); !reflect.DeepEqual(got, before[words]) {
					t.Errorf("%q after Settle: got %v, want %v", words, got, before[words])
				}
			}
		}
	}
	pages, orphans := count(t, many, "SELECT count(*) FROM posting"), count(t, one, "SELECT count(*) FROM posting")
	if pages != orphans {
		t.Errorf("after Settle one index has %d pages, the other %d", orphans, pages)
	}
}

func TestTouching(t *testing.T) {
	db := openNew(t)
	commits := madeUp(21, 120)
	keep(t, db, commits, 10)
	ctx := t.Context()
	touches := func(c *memory.Commit, path string) bool {
		for _, ch := range c.Changes {
			if string(ch.Path) == path || string(ch.OldPath) == path {
				return true
			}
		}
		return slices.ContainsFunc(c.Merged, func(p []byte) bool { return string(p) == path })
	}
	for _, settled := range []bool{false, true} {
		for _, path := range append(slices.Clone(madeUpPaths), "was/order/order.go", "only/merged.go") {
			f, err := db.FileByPath(ctx, []byte(path))
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			set, err := db.Touching(ctx, []int64{f.ID}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range commits {
				if got, want := set.Has(ordinalOf(t, db, c.ID)), touches(c, path); got != want {
					t.Errorf("settled %v: %s touches %q: got %v, want %v", settled, c.ID[:7], path, got, want)
				}
			}
		}
		named, err := db.SymbolsNamed(ctx, "ns::Save", 100)
		if err != nil || len(named) == 0 {
			t.Fatal(named, err)
		}
		var ids []int64
		for _, s := range named {
			ids = append(ids, s.ID)
		}
		set, err := db.Touching(ctx, nil, ids)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range commits {
			want := slices.ContainsFunc(c.Changes, func(ch memory.Change) bool {
				return slices.ContainsFunc(ch.Hunks, func(h memory.Hunk) bool { return slices.Contains(h.Symbols, "ns::Save") })
			})
			if got := set.Has(ordinalOf(t, db, c.ID)); got != want {
				t.Errorf("settled %v: %s touches ns::Save: got %v, want %v", settled, c.ID[:7], got, want)
			}
		}
		if err := db.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if set, err := db.Touching(ctx, []int64{1 << 40}, []int64{1 << 40}); err != nil || set.Count() != 0 {
		t.Errorf("unknown ids: got %d commits, %v", set.Count(), err)
	}
}

func TestFilteredAndNewest(t *testing.T) {
	db := openNew(t)
	commits := tinyHistory()
	commits[2].Author = memory.Person{Name: "Ben Okafor", Email: "ben@shop.example"}
	commits = append(commits, tiny("listed only", 900, "", ""))
	if _, err := db.List(t.Context(), nodesOf(commits)); err != nil {
		t.Fatal(err)
	}
	if err := db.Put(t.Context(), commits[:4]); err != nil {
		t.Fatal(err)
	}
	names := func(set memory.Set) string {
		var list []string
		for _, c := range commits {
			if set.Has(ordinalOf(t, db, c.ID)) {
				list = append(list, c.Subject)
			}
		}
		return strings.Join(list, " ")
	}
	all := everything(t, db)
	bens, err := db.Authors(t.Context(), "OKAFOR <ben")
	if err != nil || len(bens) != 1 {
		t.Fatalf("authors: got %v, %v", bens, err)
	}
	for _, tt := range []struct {
		since, until int64
		authors      map[int64]bool
		want         string
	}{
		{0, 0, nil, "d0 d1 d2 d3"}, {200, 0, nil, "d1 d2 d3"}, {0, 200, nil, "d0 d1"}, {200, 300, nil, "d1 d2"},
		{0, 0, bens, "d2"}, {0, 299, bens, ""}, {0, 0, map[int64]bool{}, ""},
	} {
		set, err := db.Filtered(t.Context(), all, tt.since, tt.until, tt.authors)
		if err != nil || names(set) != tt.want {
			t.Errorf("since %d until %d by %v: got %q, %v, want %q", tt.since, tt.until, tt.authors, names(set), err, tt.want)
		}
	}
	n, when, ok, err := db.Newest(t.Context(), all)
	if err != nil || !ok || when != 400 || n != ordinalOf(t, db, commits[3].ID) {
		t.Errorf("newest: got %d at %d, %v, %v, want d3", n, when, ok, err)
	}
	only := memory.NewSet(5)
	only.Add(ordinalOf(t, db, commits[4].ID))
	if _, _, ok, err := db.Newest(t.Context(), only); ok || err != nil {
		t.Errorf("newest of what is not mined: got %v, %v", ok, err)
	}
	if got := db.CommittedAt(ordinalOf(t, db, commits[4].ID)); got != 0 {
		t.Errorf("a commit that is not mined has the time %d", got)
	}
	if oldest, newest, err := db.Span(t.Context()); err != nil || oldest != 100 || newest != 400 {
		t.Errorf("span: got %d to %d, %v", oldest, newest, err)
	}
}
