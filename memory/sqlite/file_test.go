package sqlite

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

// withFiles makes an index in which one commit touches these paths, each with
// these symbols.
func withFiles(t *testing.T, paths []string, symbols ...string) *DB {
	t.Helper()
	db := openNew(t)
	c := &memory.Commit{ID: nameID("files"), Subject: "files"}
	for i, p := range paths {
		c.Changes = append(c.Changes, memory.Change{
			Path: []byte(p), Status: memory.Added, NewBlob: nameID(p), Class: memory.Class(i % 3),
			Hunks: []memory.Hunk{{NewStart: 1, NewLines: 1, Symbols: symbols, Added: []uint32{1}}},
		})
	}
	keep(t, db, []*memory.Commit{c}, 0)
	return db
}

func pathsOf(t *testing.T, db *DB, ids []int64) []string {
	t.Helper()
	files, err := db.Files(t.Context(), append([]int64{1 << 40}, ids...))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(ids) {
		t.Errorf("%d files for %d ids", len(files), len(ids))
	}
	var list []string
	for _, f := range files {
		list = append(list, string(f.Path))
	}
	slices.Sort(list)
	return list
}

var lookupPaths = []string{
	"close.go", "server/close.go", "server/deep/close.go", "server/close_test.go", "serverless/close.go", "disclose.go",
	"docs/caf\xe9.txt", "docs/caf\xef\xbf\xbd.txt", "docs/a b.md", "docs/line\nbreak.txt", "a[b].go", "über/größe.go",
}

func TestFilesUnder(t *testing.T) {
	db := withFiles(t, lookupPaths)
	for _, tt := range []struct {
		filter string
		want   []string
	}{
		{"close.go", []string{"close.go"}},
		{"server", []string{"server/close.go", "server/close_test.go", "server/deep/close.go"}},
		{"server/", []string{"server/close.go", "server/close_test.go", "server/deep/close.go"}},
		{"server/*.go", []string{"server/close.go", "server/close_test.go"}},
		{"server/**", []string{"server/close.go", "server/close_test.go", "server/deep/close.go"}},
		{"server/**/close.go", []string{"server/close.go", "server/deep/close.go"}},
		{"**/close.go", []string{"close.go", "server/close.go", "server/deep/close.go", "serverless/close.go"}},
		{"close*", []string{"close.go", "server/close.go", "server/close_test.go", "server/deep/close.go", "serverless/close.go"}},
		{"clos?.go", []string{"close.go", "server/close.go", "server/deep/close.go", "serverless/close.go"}},
		{"server?close.go", nil},
		{"*/close.go", []string{"server/close.go", "serverless/close.go"}},
		{"**", slices.Sorted(slices.Values(lookupPaths))},
		{".", slices.Sorted(slices.Values(lookupPaths))},
		{"docs/caf\xe9.txt", []string{"docs/caf\xe9.txt"}},
		{"docs/caf?.txt", []string{"docs/caf\xe9.txt"}}, // a byte
		{"docs/*break*", []string{"docs/line\nbreak.txt"}},
		{"a[b].go", []string{"a[b].go"}},
		{"nowhere", nil},
		{"serve", nil},
	} {
		ids, err := db.FilesUnder(t.Context(), tt.filter)
		if err != nil {
			t.Fatal(err)
		}
		if got := pathsOf(t, db, ids); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.filter, got, tt.want)
		}
		for _, p := range lookupPaths {
			if got := MatchPath(tt.filter, []byte(p)); got != slices.Contains(tt.want, p) {
				t.Errorf("MatchPath(%q, %q) = %v", tt.filter, p, got)
			}
		}
	}
}

// FuzzGlobMatch compares with the regular expression that says the same.
func FuzzGlobMatch(f *testing.F) {
	f.Add("**/*.go", "a/b.go")
	f.Add("a**b*?", "aaab")
	f.Add("**", "a/b")
	f.Add("x/**/y", "x/y")
	f.Fuzz(func(t *testing.T, glob, path string) {
		ascii := func(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e }) }
		if len(glob) > 12 || len(path) > 24 || strings.Contains(glob, "***") || !ascii(glob) || !ascii(path) {
			return // three stars mean nothing, and the time of many is no subject here
		}
		pattern := regexp.QuoteMeta(glob)
		for _, by := range [][2]string{{`\*\*/`, "(?:.\x00/)@"}, {`\*\*`, ".\x00"}, {`\*`, "[^/]\x00"}, {`\?`, "[^/]"}, {"\x00", "*"}, {"@", "?"}} {
			if strings.ContainsAny(glob, "@\x00") {
				return
			}
			pattern = strings.ReplaceAll(pattern, by[0], by[1])
		}
		want := regexp.MustCompile(`(?s)\A` + pattern + `\z`).MatchString(path)
		if got := globMatch(glob, path); got != want {
			t.Errorf("%q matches %q: got %v, want %v (%s)", glob, path, got, want, pattern)
		}
	})
}

func TestFilesEnding(t *testing.T) {
	db := withFiles(t, lookupPaths)
	for _, tt := range []struct {
		tail  string
		limit int
		want  []string
	}{
		{"close.go", 10, []string{"close.go", "server/close.go", "server/deep/close.go", "serverless/close.go"}},
		{"close.go", 2, []string{"close.go", "server/close.go"}},
		{"server/close.go", 10, []string{"server/close.go"}},
		{"größe.go", 10, []string{"über/größe.go"}},
		{"ver/close.go", 10, nil},
		{"go", 10, nil},
		{"", 10, nil},
		{"!", 10, nil},
		{`"close" OR "server"`, 10, nil},
	} {
		files, err := db.FilesEnding(t.Context(), tt.tail, tt.limit)
		if err != nil {
			t.Fatalf("%q: %v", tt.tail, err)
		}
		var got []string
		for _, f := range files {
			got = append(got, string(f.Path))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.tail, got, tt.want)
		}
	}
}

// TestPathsAreBytes: two names that look the same stay two.
func TestPathsAreBytes(t *testing.T) {
	db := withFiles(t, lookupPaths)
	a, err := db.FileByPath(t.Context(), []byte("docs/caf\xe9.txt"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := db.FileByPath(t.Context(), []byte("docs/caf\xef\xbf\xbd.txt"))
	if err != nil || a.ID == b.ID {
		t.Errorf("ids %d and %d, %v", a.ID, b.ID, err)
	}
	if _, err := db.FileByPath(t.Context(), []byte("docs/caf\xe8.txt")); !errors.Is(err, memory.ErrNotFound) {
		t.Errorf("an unknown path: got %v, want ErrNotFound", err)
	}
}

func TestSymbolsNamed(t *testing.T) {
	db := withFiles(t, []string{"a.go", "b.go"}, "Server.Close", "Client.Close", "ns::Close", "Disclose", "save_all", "Größe", "x")
	for _, tt := range []struct {
		name  string
		limit int
		want  []string
	}{
		{"Server.Close", 10, []string{"Server.Close", "Server.Close"}},
		{"Server.Close", 1, []string{"Server.Close"}},
		{"Close", 10, []string{"Client.Close", "Client.Close", "Server.Close", "Server.Close", "ns::Close", "ns::Close"}},
		{"Close", 3, []string{"Client.Close", "Server.Close", "ns::Close"}},
		{"close", 10, nil}, // names are as in the code
		{"save_all", 10, []string{"save_all", "save_all"}},
		{"Größe", 10, []string{"Größe", "Größe"}},
		{"x", 10, []string{"x", "x"}},
		{"", 10, nil}, {"*", 10, nil}, {`"`, 10, nil}, {`a" OR "b`, 10, nil},
	} {
		found, err := db.SymbolsNamed(t.Context(), tt.name, tt.limit)
		if err != nil {
			t.Fatalf("%q: %v", tt.name, err)
		}
		var got, ids = []string(nil), []int64(nil)
		for _, s := range found {
			got, ids = append(got, s.Name), append(ids, s.ID)
		}
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.name, got, tt.want)
		}
		back, err := db.Symbols(t.Context(), append(ids, 1<<40))
		if err != nil || len(back) != len(ids) {
			t.Errorf("%q: %d of %d symbols by id, %v", tt.name, len(back), len(ids), err)
		}
	}
}

func TestNamesWith(t *testing.T) {
	db := withFiles(t, []string{"payment/gateway.go", "payment/refund.go", "order/refund.go"}, "Gateway.Refund", "retry")
	name := func(n Named) string {
		if n.Symbol {
			s, err := db.Symbols(t.Context(), []int64{n.ID})
			if err != nil {
				t.Fatal(err)
			}
			return "#" + s[n.ID].Name
		}
		return pathsOf(t, db, []int64{n.ID})[0]
	}
	for _, tt := range []struct {
		terms []string
		limit int
		want  string
	}{
		{[]string{"refund", "payment"}, 10, "payment/refund.go"},
		{[]string{"retry"}, 10, "#retry #retry #retry"},
		{[]string{"refund", "gateway"}, 10, "#Gateway.Refund #Gateway.Refund #Gateway.Refund"},
		{[]string{"order", "refund", "go"}, 10, "order/refund.go payment/refund.go"},
		{[]string{"order", "refund", "go"}, 1, "order/refund.go"},
		{nil, 10, ""},
		{[]string{`"`, "*"}, 10, ""},
	} {
		terms := tt.terms
		if len(terms) > 0 && len(terms[0]) > 1 {
			terms = nil
			memory.Tokens(strings.Join(tt.terms, " "), func(term string) { terms = append(terms, term) })
		}
		found, err := db.NamesWith(t.Context(), terms, tt.limit)
		if err != nil {
			t.Fatalf("%q: %v", tt.terms, err)
		}
		var got []string
		for _, n := range found {
			got = append(got, name(n))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q: got %q, want %q", tt.terms, got, tt.want)
		}
	}
}

func TestPrefixAndAbbreviate(t *testing.T) {
	db := openNew(t)
	commits := madeUp(40, 400)
	keep(t, db, commits, 0)
	ctx := t.Context()
	for _, c := range commits[:50] {
		for _, n := range []int{4, 5, 7, 12, 39, 40} {
			for _, prefix := range []string{c.ID[:n], strings.ToUpper(c.ID[:n])} {
				var want []string
				for _, o := range commits {
					if strings.HasPrefix(o.ID, c.ID[:n]) {
						want = append(want, o.ID)
					}
				}
				found, err := db.Prefix(ctx, prefix, 100)
				if err != nil || len(found) != len(want) {
					t.Errorf("%s: got %d commits, %v, want %d", prefix, len(found), err, len(want))
				}
			}
		}
	}
	for _, prefix := range []string{"", "abc", "xyzt", strings.Repeat("0", 40), strings.Repeat("0", 41), strings.Repeat("f", 64)} {
		if found, err := db.Prefix(ctx, prefix, 10); err != nil || len(found) != 0 {
			t.Errorf("%q: got %v, %v", prefix, found, err)
		}
	}
	short, err := db.Abbreviate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := short(commits[0].ID); got != commits[0].ID[:7] || short("ab") != "ab" || short("") != "" {
		t.Errorf("a small history abbreviates to %q", got)
	}
	many := openNew(t)
	var nodes []memory.GraphNode
	for i := range 60_000 {
		nodes = append(nodes, memory.GraphNode{ID: nameID(fmt.Sprint(i))})
	}
	if _, err := many.List(ctx, nodes); err != nil {
		t.Fatal(err)
	}
	if short, err = many.Abbreviate(ctx); err != nil || len(short(nodes[0].ID)) != 10 {
		t.Errorf("60,000 commits abbreviate to %q, %v, want 10 digits", short(nodes[0].ID), err)
	}
}

func TestReferring(t *testing.T) {
	db := openNew(t)
	commits := tinyHistory()
	commits[0].Refs = []memory.Reference{{Kind: memory.RefIssue, Value: "214"}, {Kind: memory.RefIssue, Value: "214"}, {Kind: memory.RefFixes, Value: "abcdef1"}}
	commits[2].Refs = []memory.Reference{{Kind: memory.RefCommit, Value: "214"}}
	keep(t, db, commits, 0)
	for _, tt := range []struct {
		value string
		kinds []memory.ReferenceKind
		want  int
	}{{"214", nil, 2}, {"214", []memory.ReferenceKind{memory.RefIssue}, 1}, {"214", []memory.ReferenceKind{memory.RefIssue, memory.RefCommit}, 2}, {"abcdef1", nil, 1}, {"abcdef", nil, 0}} {
		if found, err := db.Referring(t.Context(), tt.value, tt.kinds...); err != nil || len(found) != tt.want {
			t.Errorf("%s of %v: got %v, %v, want %d", tt.value, tt.kinds, found, err, tt.want)
		}
	}
}

func TestMergeHunksAreKept(t *testing.T) {
	db := openNew(t)
	want := []memory.Hunk{{OldStart: 3, OldLines: 1, NewStart: 3, NewLines: 2}, {OldStart: 9, NewStart: 11, NewLines: 1}}
	if _, ok, err := db.MergeHunks(t.Context(), "old", "new"); ok || err != nil {
		t.Errorf("before: %v, %v", ok, err)
	}
	for range 2 {
		if err := db.KeepHunks(t.Context(), []MadeHunks{{"old", "new", want}, {"same", "lines", nil}}); err != nil {
			t.Fatal(err)
		}
	}
	got, ok, err := db.MergeHunks(t.Context(), "old", "new")
	if err != nil || !ok || len(got) != 2 || got[0].NewLines != 2 || got[1].NewStart != 11 {
		t.Errorf("got %+v, %v, %v, want %+v", got, ok, err, want)
	}
	if got, ok, err := db.MergeHunks(t.Context(), "same", "lines"); err != nil || !ok || len(got) != 0 {
		t.Errorf("no hunks: got %v, %v, %v", got, ok, err)
	}
}
