package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

func TestHunksComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	odd := [][]memory.Hunk{
		nil,
		{{OldStart: 0, NewStart: 1, NewLines: 3}}, // a new file
		{{OldStart: 1, OldLines: 3, NewStart: 0}}, // an emptied one
		{{OldStart: 7, OldLines: 1, NewStart: 900, NewLines: 1}, {OldStart: 3, OldLines: 1, NewStart: 3, NewLines: 1}}, // out of order, far away
		{{OldStart: 1 << 30, OldLines: 1 << 29, NewStart: 5, NewLines: 1 << 29}},
	}
	for i := range 2000 {
		hunks := madeUpHunks(r)
		if i < len(odd) {
			hunks = odd[i]
		}
		ids, names := map[string]int64{}, map[int64]string{}
		data, err := packHunks(hunks, func(s string) (int64, error) {
			if ids[s] == 0 {
				ids[s] = int64(len(ids) + 1)
				names[ids[s]] = s
			}
			return ids[s], nil
		})
		if err != nil {
			t.Fatal(err)
		}
		got, symbols, err := unpackHunks(data)
		if err != nil {
			t.Fatalf("%+v: %v", hunks, err)
		}
		lines := packLines(hunks)
		if i != 4 { // its hashes are left out
			unpackLines(lines, got)
		}
		for k := range got {
			for _, id := range symbols[k] {
				got[k].Symbols = append(got[k].Symbols, names[id])
			}
			for _, list := range []*[]uint32{&got[k].Removed, &got[k].Added} {
				if len(*list) == 0 {
					*list = nil
				}
			}
		}
		if len(hunks) != len(got) || len(hunks) > 0 && i >= len(odd) && !reflect.DeepEqual(got, hunks) {
			t.Fatalf("got  %+v\nwant %+v", got, hunks)
		}
		for k := range hunks {
			if a, b := got[k], hunks[k]; a.OldStart != b.OldStart || a.OldLines != b.OldLines || a.NewStart != b.NewStart || a.NewLines != b.NewLines {
				t.Fatalf("hunk %d: got %+v, want %+v", k, a, b)
			}
		}
	}
	wrong := errors.New("no id")
	if _, err := packHunks([]memory.Hunk{{Symbols: []string{"x"}}}, func(string) (int64, error) { return 0, wrong }); err != wrong {
		t.Errorf("got %v, want the error of the caller", err)
	}
}

// TestLinesThatDoNotFit: hashes that don't belong to the ranges are left out
// whole, and never shared out wrongly.
func TestLinesThatDoNotFit(t *testing.T) {
	hunks := []memory.Hunk{{OldStart: 1, OldLines: 1, NewStart: 1, NewLines: 2}}
	for _, n := range []int{0, 1, 4, 8, 11, 13, 16} {
		unpackLines(make([]byte, n), hunks)
		if hunks[0].Added != nil || hunks[0].Removed != nil {
			t.Errorf("%d bytes for three lines: got %v, %v", n, hunks[0].Removed, hunks[0].Added)
		}
	}
	unpackLines(make([]byte, 12), hunks)
	if len(hunks[0].Removed) != 1 || len(hunks[0].Added) != 2 {
		t.Errorf("12 bytes for three lines: got %v, %v", hunks[0].Removed, hunks[0].Added)
	}
}

func TestTextComesBack(t *testing.T) {
	for _, n := range []int{0, 1, plainBytes, plainBytes + 1, 70_000} {
		text := strings.Repeat("why €\n", n/8+1)[:n]
		stored := packText(text)
		if _, deflated := stored.([]byte); deflated != (n > plainBytes) {
			t.Errorf("%d bytes are stored as %T", n, stored)
		}
		if got, err := unpackText(stored); err != nil || got != text {
			t.Errorf("%d bytes: got %d, %v", n, len(got), err)
		}
	}
	if _, err := unpackText([]byte("no deflate stream")); !errors.Is(err, memory.ErrCorrupt) {
		t.Errorf("a broken stream: got %v, want ErrCorrupt", err)
	}
	if _, err := unpackText(7.5); !errors.Is(err, memory.ErrCorrupt) {
		t.Errorf("a number: got %v, want ErrCorrupt", err)
	}
}

// TestTextThatInflatesIsCut: a crafted row must not fill the memory.
func TestTextThatInflatesIsCut(t *testing.T) {
	bomb := packText(strings.Repeat("\x00", 4*maxTextBytes)).([]byte)
	got, err := unpackText(bomb)
	if err != nil || len(got) != maxTextBytes {
		t.Errorf("%d bytes inflate to %d, %v, want %d", len(bomb), len(got), err, maxTextBytes)
	}
}

func madeUpDocuments(r *rand.Rand, n int) []document {
	docs := make([]document, n)
	doc := memory.Ordinal(0)
	for i := range docs {
		doc += memory.Ordinal(1 + r.IntN(100))
		docs[i] = document{doc: doc, author: r.Int32N(1 << 20), committed: r.Int64N(1<<40) - 1<<39, flags: memory.Flags(r.IntN(1 << 15))}
		for f := range docs[i].lengths {
			docs[i].lengths[f] = uint16(r.IntN(1 << 16))
		}
	}
	return docs
}

func TestDocumentsComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, 2, 500} {
		want := madeUpDocuments(r, n)
		mixed := slices.Clone(want)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		got := make([]document, 0)
		if err := unpackDocuments(packDocuments(mixed), func(d document) { got = append(got, d) }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d documents do not come back", n)
		}
	}
}

func TestDirectoryComesBackAndFindsPages(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		var d directory
		for range r.IntN(200) {
			d.first = append(d.first, fmt.Sprintf("%04x", r.IntN(1<<16)))
		}
		sort.Strings(d.first)
		d.first = slices.Compact(d.first)
		for range d.first {
			d.row = append(d.row, r.Int64N(1<<50))
		}
		got, err := unpackDirectory(d.pack())
		if err != nil || !slices.Equal(got.first, d.first) || !slices.Equal(got.row, d.row) {
			t.Fatalf("got %+v, %v, want %+v", got, err, d)
		}
		for range 100 {
			term := fmt.Sprintf("%04x", r.IntN(1<<16))
			want, found := int64(0), false
			for i, f := range d.first { // the last page that begins at or before the term
				if f <= term {
					want, found = d.row[i], true
				}
			}
			if row, ok := got.page(term); ok != found || row != want {
				t.Fatalf("page of %s: got %d, %v, want %d, %v", term, row, ok, want, found)
			}
		}
	}
}

func madeUpPostings(r *rand.Rand, n int) []posting {
	var list []posting
	doc := memory.Ordinal(-1)
	for range n {
		doc += memory.Ordinal(1 + r.IntN(1+r.IntN(5000)))
		p := posting{doc: doc}
		for f := range p.counts {
			if r.IntN(2) == 0 {
				p.counts[f] = uint16(r.IntN(1 + r.IntN(1<<16)))
			}
		}
		list = append(list, p)
	}
	return list
}

func TestPostingsComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		want := madeUpPostings(r, r.IntN(50))
		got, err := decodePostings(nil, appendPostings(nil, want))
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %v, %v, want %v", got, err, want)
		}
	}
}

// TestPagesHoldAllTerms: whatever the lengths, each term is found in the page
// that the directory names, with its postings.
func TestPagesHoldAllTerms(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	terms := map[string][]posting{}
	for range 3000 {
		terms[strings.Repeat(madeUpWords[r.IntN(len(madeUpWords))], 1+r.IntN(3))+fmt.Sprint(r.IntN(2000))] = madeUpPostings(r, 1+r.IntN(20))
	}
	terms["of many"] = madeUpPostings(r, 20_000) // alone larger than a page
	var names []string
	for name := range terms {
		names = append(names, name)
	}
	sort.Strings(names)
	var d directory
	var pages [][]byte
	w := &pageWriter{emit: func(p page) error {
		d.first, d.row = append(d.first, p.first), append(d.row, int64(len(pages)))
		pages = append(pages, p.data)
		return nil
	}}
	for _, name := range names {
		if err := w.add(name, terms[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.add("zzz without postings", nil); err != nil {
		t.Fatal(err)
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	if len(pages) < 10 || !sort.StringsAreSorted(d.first) {
		t.Fatalf("%d pages, sorted: %v", len(pages), sort.StringsAreSorted(d.first))
	}
	var seen []string
	for _, data := range pages {
		if len(data) > 2*pageBytes && !bytes.Contains(data, []byte("of many")) {
			t.Errorf("a page has %d bytes", len(data))
		}
		if err := entries(data, func(term, _ []byte) bool { seen = append(seen, string(term)); return true }); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(seen, names) {
		t.Errorf("pages hold %d terms, want %d", len(seen), len(names))
	}
	for _, name := range names {
		row, ok := d.page(name)
		var got []posting
		err := entries(pages[row], func(term, postings []byte) bool {
			if string(term) != name {
				return true
			}
			var err error
			if got, err = decodePostings(nil, postings); err != nil {
				t.Error(err)
			}
			return false
		})
		if !ok || err != nil || !slices.Equal(got, terms[name]) {
			t.Fatalf("%s: %v, %v, %d postings, want %d", name, ok, err, len(got), len(terms[name]))
		}
	}
}

func TestGraphComesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	id := func() string {
		b := make([]byte, 20+12*r.IntN(2))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return string(b)
	}
	for range 200 {
		nodes := make([]memory.GraphNode, r.IntN(60))
		for i := range nodes {
			nodes[i].ID = id()
		}
		for i := range nodes {
			for range r.IntN(4) {
				if r.IntN(3) == 0 {
					nodes[i].Parents = append(nodes[i].Parents, id()) // on another page
				} else {
					nodes[i].Parents = append(nodes[i].Parents, nodes[r.IntN(len(nodes))].ID)
				}
			}
		}
		got, err := unpackGraph(packGraph(nodes), len(nodes))
		if err != nil || len(got) != len(nodes) || len(nodes) > 0 && !reflect.DeepEqual(got, nodes) {
			t.Fatalf("got %q, %v, want %q", got, err, nodes)
		}
	}
}

// bounded fails when f allocates out of proportion to what it reads: a crafted
// length must not fill the memory.
func bounded(t *testing.T, data []byte, f func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if got, limit := after.TotalAlloc-before.TotalAlloc, uint64(1<<20+512*len(data)); got > limit {
		t.Errorf("%d bytes make it allocate %d, want at most %d", len(data), got, limit)
	}
}

func FuzzUnpackHunks(f *testing.F) {
	r := rand.New(rand.NewPCG(13, 14))
	for range 10 {
		hunks := madeUpHunks(r)
		data, err := packHunks(hunks, func(s string) (int64, error) { return int64(len(s)), nil })
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, packLines(hunks))
	}
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 7}, []byte{})
	f.Add([]byte{1, 0, 0xff, 0xff, 0xff, 0xff, 7, 0xff, 0xff, 0xff, 0xff, 7, 0}, []byte{1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, data, lines []byte) {
		bounded(t, append(data, lines...), func() {
			hunks, symbols, err := unpackHunks(data)
			if err != nil {
				if !errors.Is(err, memory.ErrCorrupt) {
					t.Errorf("got %v, want ErrCorrupt", err)
				}
				return
			}
			if len(hunks) != len(symbols) {
				t.Errorf("%d hunks, %d lists of symbols", len(hunks), len(symbols))
			}
			unpackLines(lines, hunks)
			for _, h := range hunks {
				if h.OldLines < 0 || h.NewLines < 0 || h.Added != nil && len(h.Added) != h.NewLines {
					t.Errorf("impossible hunk %+v", h)
				}
			}
		})
	})
}

func FuzzEntries(f *testing.F) {
	w := &pageWriter{emit: func(p page) error { f.Add(p.data); return nil }}
	r := rand.New(rand.NewPCG(15, 16))
	for i, name := range []string{"cache", "cachelin", "guard", "retri"} {
		if err := w.add(name, madeUpPostings(r, 3*i+1)); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.flush(); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{1, 1, 'a', 0})
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		bounded(t, data, func() {
			var list []posting
			err := entries(data, func(_, postings []byte) bool {
				var err error
				if list, err = decodePostings(list[:0], postings); err != nil && !errors.Is(err, memory.ErrCorrupt) {
					t.Errorf("got %v, want ErrCorrupt", err)
				}
				for i := 1; i < len(list); i++ {
					if list[i].doc < list[i-1].doc {
						t.Errorf("postings run backwards: %v", list)
					}
				}
				return true
			})
			if err != nil && !errors.Is(err, memory.ErrCorrupt) {
				t.Errorf("got %v, want ErrCorrupt", err)
			}
		})
	})
}

func FuzzUnpackGraph(f *testing.F) {
	raw := func(n int) []memory.GraphNode {
		var nodes []memory.GraphNode
		for i := range n {
			node := memory.GraphNode{ID: strings.Repeat(string(rune('a'+i)), 20)}
			if i > 0 {
				node.Parents = []string{nodes[i-1].ID, strings.Repeat("z", 20)}
			}
			nodes = append(nodes, node)
		}
		return nodes
	}
	f.Add(packGraph(raw(3)), 3)
	f.Add(packGraph(raw(3)), 4)
	f.Add(packGraph(raw(3)), -1)
	f.Add([]byte{1, 'a', 1, 0xff, 0xff, 0xff, 0xff, 7}, 1)
	f.Add([]byte{1, 'a', 0xff, 0xff, 0xff, 0xff, 7}, 1<<40)
	f.Fuzz(func(t *testing.T, data []byte, count int) {
		bounded(t, data, func() {
			nodes, err := unpackGraph(data, count)
			if err != nil {
				if !errors.Is(err, memory.ErrCorrupt) {
					t.Errorf("got %v, want ErrCorrupt", err)
				}
				return
			}
			if len(nodes) != count {
				t.Errorf("%d nodes, want %d", len(nodes), count)
			}
			g := memory.NewGraph(nodes)
			for n := range g.Len() {
				g.Reachable(memory.Ordinal(n))
			}
		})
	})
}

func FuzzUnpackDocuments(f *testing.F) {
	f.Add(packDocuments(madeUpDocuments(rand.New(rand.NewPCG(17, 18)), 5)))
	f.Add([]byte{2, 0xff, 0xff, 0xff, 0xff, 7, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 7, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		bounded(t, data, func() {
			err := unpackDocuments(data, func(d document) {
				if d.doc < 0 {
					t.Errorf("ordinal %d", d.doc)
				}
			})
			if err != nil && !errors.Is(err, memory.ErrCorrupt) {
				t.Errorf("got %v, want ErrCorrupt", err)
			}
		})
	})
}

func FuzzUnpackDirectory(f *testing.F) {
	f.Add((&directory{first: []string{"a", "cache"}, row: []int64{7, 3}}).pack(), "b")
	f.Add([]byte{0xff, 0xff, 3, 0}, "")
	f.Fuzz(func(t *testing.T, data []byte, term string) {
		bounded(t, data, func() {
			d, err := unpackDirectory(data)
			if err != nil {
				if !errors.Is(err, memory.ErrCorrupt) {
					t.Errorf("got %v, want ErrCorrupt", err)
				}
				return
			}
			d.page(term)
		})
	})
}

func FuzzUnpackFiles(f *testing.F) {
	f.Add([]byte{1, 5, 'M', 2, 1, 2})
	f.Add([]byte{3, 5})
	f.Fuzz(func(t *testing.T, data []byte) {
		bounded(t, data, func() {
			if _, err := unpackFiles(data); err != nil && !errors.Is(err, memory.ErrCorrupt) {
				t.Errorf("got %v, want ErrCorrupt", err)
			}
		})
	})
}
