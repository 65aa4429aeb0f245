package sqlite

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

// nameID makes an object id out of a name.
func nameID(name string) string {
	sum := sha1.Sum([]byte(name))
	return hex.EncodeToString(sum[:])
}

var (
	madeUpWords = strings.Fields("retry timeout guard refund order store lock cache parse index cursor merge shadow window limit bank card total cents queue batch close flush open read write token page")
	madeUpPaths = []string{
		"order/order.go", "order/store.go", "order/refund.go", "payment/gateway.go", "payment/close.go", "web/checkout.js", "tools/report.py",
		"docs/a b.md", "docs/caf\xe9.txt", "docs/line\nbreak.txt", "close.go", "order/sub/deep/close.go", "README.md", "order/order_test.go",
	}
)

// madeUp makes a history of n commits with merges, renames, deletions, odd
// paths and long bodies: all that a row can hold. The same seed gives the same
// commits. The first one is the root.
func madeUp(seed uint64, n int) []*memory.Commit {
	r := rand.New(rand.NewPCG(seed, 1))
	b := memory.NewDocumentBuilder()
	word := func() string { return madeUpWords[r.IntN(len(madeUpWords))] }
	words := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = word()
		}
		return strings.Join(list, " ")
	}
	var list []*memory.Commit
	for i := range n {
		name := fmt.Sprintf("%d/%d", seed, i)
		c := &memory.Commit{
			ID:        nameID(name),
			Author:    memory.Person{Name: "Ana " + word(), Email: word() + "@example.org"},
			Committer: memory.Person{Name: "Ben", Email: "ben@example.org"},
			Authored:  1_600_000_000 + int64(60*i), Committed: 1_600_000_000 + int64(60*i) + int64(r.IntN(40)),
			Subject: words(4), Flags: memory.Flags(r.IntN(128)) &^ memory.FlagMerge,
			PatchID: nameID("patch" + name)[:32],
		}
		if i > 0 {
			c.Parents = []string{list[i-1].ID}
		}
		if i > 5 && r.IntN(6) == 0 {
			c.Parents = append(c.Parents, list[i-1-r.IntN(4)-1].ID)
			c.Flags |= memory.FlagMerge
			c.Merged = [][]byte{[]byte(madeUpPaths[r.IntN(len(madeUpPaths))]), []byte("only/merged.go")}
		}
		switch r.IntN(4) {
		case 0:
			c.Body = words(300) // over what is stored plain
		case 1:
			c.Body = words(10)
		}
		if r.IntN(5) == 0 {
			c.Refs = []memory.Reference{{Kind: memory.RefIssue, Value: fmt.Sprint(r.IntN(50))}, {Kind: memory.RefFixes, Value: nameID("x")[:10]}}
		}
		if r.IntN(9) == 0 {
			c.Skipped = "too many files"
		}
		b.Reset()
		b.Message(c.Subject + "\n" + c.Body)
		for _, at := range r.Perm(len(madeUpPaths))[:r.IntN(4)] {
			ch := memory.Change{
				Path: []byte(madeUpPaths[at]), Status: memory.Modified, Class: memory.Class(at % 4),
				OldBlob: nameID(name + "old" + fmt.Sprint(at)), NewBlob: nameID(name + "new" + fmt.Sprint(at)),
			}
			switch r.IntN(8) {
			case 0:
				ch.Status, ch.OldBlob = memory.Added, ""
			case 1:
				ch.Status, ch.NewBlob = memory.Deleted, ""
			case 2:
				ch.Status, ch.OldPath = memory.Renamed, []byte("was/"+madeUpPaths[at])
			case 3:
				ch.Skipped = "binary"
			}
			if ch.Skipped == "" {
				ch.Hunks = madeUpHunks(r)
			}
			if r.IntN(3) == 0 {
				ch.Reasons = []memory.Reason{{Text: "because " + words(3), Symbol: "Close", Line: 1 + r.IntN(90)}, {Text: "must " + word(), Line: 2, Removed: true}}
			}
			for range r.IntN(5) {
				b.Identifier([]byte(word()))
			}
			b.Path(memory.DisplayPath(ch.Path))
			c.Changes = append(c.Changes, ch)
			if len(c.Parents) > 1 {
				again := ch
				again.Parent, again.Lazy, again.Hunks, again.Reasons = 1, true, nil, nil
				c.Changes = append(c.Changes, again)
			}
		}
		c.Document = b.Build()
		list = append(list, c)
	}
	return list
}

// madeUpHunks makes hunks in order, most of them as a -U0 diff numbers them.
func madeUpHunks(r *rand.Rand) []memory.Hunk {
	var list []memory.Hunk
	at, shift := 1, 0
	for range r.IntN(4) {
		h := memory.Hunk{OldStart: at + r.IntN(50), OldLines: r.IntN(4), NewLines: r.IntN(4)}
		if h.OldLines+h.NewLines == 0 {
			h.NewLines = 1
		}
		h.NewStart = newStart(h.OldStart, h.OldLines, h.NewLines, shift)
		if r.IntN(10) == 0 {
			h.NewStart += 3
		}
		for range h.OldLines {
			h.Removed = append(h.Removed, r.Uint32())
		}
		for range h.NewLines {
			h.Added = append(h.Added, r.Uint32())
		}
		for _, s := range []string{"Close", "Server.Close", "ns::Save", "Überweisung"} {
			if r.IntN(4) == 0 {
				h.Symbols = append(h.Symbols, s)
			}
		}
		at = h.OldStart + h.OldLines + 1
		shift += h.NewLines - h.OldLines
		list = append(list, h)
	}
	return list
}

func nodesOf(commits []*memory.Commit) []memory.GraphNode {
	var nodes []memory.GraphNode
	for _, c := range commits {
		nodes = append(nodes, memory.GraphNode{ID: c.ID, Parents: c.Parents})
	}
	return nodes
}

// openNew opens an index in a directory of its own.
func openNew(t testing.TB) *DB {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "index.db"), ReadWrite)
}

func openAt(t testing.TB, path string, mode Mode) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, mode)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// keep lists the commits and puts them in batches of a size (0: all at once).
func keep(t testing.TB, db *DB, commits []*memory.Commit, batch int) {
	t.Helper()
	if _, err := db.List(t.Context(), nodesOf(commits)); err != nil {
		t.Fatal(err)
	}
	if batch == 0 {
		batch = max(len(commits), 1)
	}
	for at := 0; at < len(commits); at += batch {
		if err := db.Put(t.Context(), commits[at:min(at+batch, len(commits))]); err != nil {
			t.Fatal(err)
		}
	}
}

// everything is the set of all listed commits.
func everything(t testing.TB, db *DB) memory.Set {
	t.Helper()
	g, _, err := db.Graph(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	set := memory.NewSet(g.Len())
	for n := range g.Len() {
		set.Add(memory.Ordinal(n))
	}
	return set
}

// ordinalOf gives the ordinal of a listed commit by its hex id.
func ordinalOf(t testing.TB, db *DB, id string) memory.Ordinal {
	t.Helper()
	found, err := db.Prefix(t.Context(), id, 2)
	if err != nil || len(found) != 1 {
		t.Fatalf("ordinal of %s: got %v, %v", id, found, err)
	}
	return found[0]
}

func dumpOf(t testing.TB, db *DB) string {
	t.Helper()
	var b bytes.Buffer
	if err := db.Dump(t.Context(), everything(t, db), make([]byte, 32), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// count asks the file itself.
func count(t testing.TB, db *DB, query string) int {
	t.Helper()
	var n int
	if err := db.read.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// firstDifference gives the first line in which two texts differ.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(x), len(y)) {
		var p, q string
		if i < len(x) {
			p = x[i]
		}
		if i < len(y) {
			q = y[i]
		}
		if p != q {
			return fmt.Sprintf("line %d:\n%.400s\n%.400s", i+1, p, q)
		}
	}
	return "no difference"
}
