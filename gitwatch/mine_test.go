package gitwatch

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/memd-dev/memd/fixtures"
	"github.com/memd-dev/memd/internal/redact"
	"github.com/memd-dev/memd/memory"
)

// collector is a Sink that keeps all it gets. put, if set, runs first.
type collector struct {
	t       testing.TB
	commits map[string]*memory.Commit
	put     func(ctx context.Context, batch []*memory.Commit) error
}

func newCollector(t testing.TB) *collector {
	return &collector{t: t, commits: map[string]*memory.Commit{}}
}

func (s *collector) Put(ctx context.Context, batch []*memory.Commit) error {
	if s.put != nil {
		if err := s.put(ctx, batch); err != nil {
			return err
		}
	}
	for _, c := range batch {
		if s.commits[c.ID] != nil {
			s.t.Errorf("commit %s was mined twice", c.ID)
		}
		s.commits[c.ID] = c
	}
	return nil
}

func testRedactor() *redact.Redactor { return redact.New([]byte("0123456789abcdef0123456789abcdef")) }

// miner gives a Miner for a repository, with the attributes that memd sets.
func (b *box) miner(dir string) *Miner {
	b.Helper()
	s, err := OpenShadow(b.Context(), b.open(dir), filepath.Join(b.TempDir(), "shadow"), Attributes())
	if err != nil {
		b.Fatal(err)
	}
	return &Miner{Shadow: s, Redact: testRedactor()}
}

// items lists all commits of a repository, newest first.
func (b *box) items(dir string) []Item {
	b.Helper()
	var list []Item
	for line := range strings.Lines(b.do(dir, "rev-list", "--all", "--parents")) {
		ids := strings.Fields(line)
		list = append(list, Item{ID: ids[0], Merge: len(ids) > 2})
	}
	return list
}

// mine mines all commits of a repository, and fails unless each came once.
func (b *box) mine(dir string) map[string]*memory.Commit {
	b.Helper()
	items, sink := b.items(dir), newCollector(b)
	if err := b.miner(dir).Mine(b.Context(), items, sink); err != nil {
		b.Fatalf("Mine: %v", err)
	}
	b.complete(items, sink.commits)
	return sink.commits
}

func (b *box) complete(items []Item, got map[string]*memory.Commit) {
	b.Helper()
	for _, it := range items {
		if got[it.ID] == nil {
			b.Fatalf("commit %s was not mined", it.ID)
		}
	}
	if len(got) != len(items) {
		b.Fatalf("got %d commits, want %d", len(got), len(items))
	}
}

// in runs git with text on its standard input.
func (b *box) in(dir, text string, args ...string) string {
	b.Helper()
	cmd := exec.Command(b.git.Path, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, fixtures.Env(), strings.NewReader(text)
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// fixture writes a history of package fixtures.
func (b *box) fixture(name string) (dir string, ids map[string]string) {
	b.Helper()
	repo, err := fixtures.Load(name)
	if err != nil {
		b.Fatal(err)
	}
	repo.Bare = true
	dir = filepath.Join(b.dir, name)
	if ids, err = repo.Write(dir); err != nil {
		b.Fatal(err)
	}
	return dir, ids
}

// gitChange is what git says of one changed path.
type gitChange struct {
	status           string
	path, oldPath    string
	oldBlob, newBlob string
	hunks            []gitHunk
}

type gitHunk struct {
	header         [4]int
	removed, added []string
}

var hunkPattern = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// oracle reads what git says of one commit, by two plain calls and in another
// way than the miner: the lines of a file never stand in the first column.
func oracle(t testing.TB, dir, id string) []gitChange {
	t.Helper()
	run := func(args ...string) string {
		args = append(append([]string{"diff-tree", "-r", "--root", "--no-commit-id", "-M", "-C"}, args...), id)
		out, err := fixtures.Git(dir, args...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	var list []gitChange
	fields := strings.Split(run("--raw", "-z", "--no-abbrev"), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		f := strings.Fields(fields[i])
		c := gitChange{status: f[4][:1], path: fields[i+1], oldBlob: strings.Trim(f[2], "0"), newBlob: strings.Trim(f[3], "0")}
		if c.oldBlob != "" {
			c.oldBlob = f[2]
		}
		if c.newBlob != "" {
			c.newBlob = f[3]
		}
		if c.status == "R" || c.status == "C" {
			c.oldPath, c.path = c.path, fields[i+2]
			i++
		}
		list = append(list, c)
	}
	var sections [][]gitHunk
	for line := range strings.Lines(run("-p", "-U0")) {
		line = strings.TrimSuffix(line, "\n")
		n := len(sections) - 1
		if strings.HasPrefix(line, "diff --git ") {
			sections = append(sections, nil)
		} else if m := hunkPattern.FindStringSubmatch(line); m != nil {
			var h gitHunk
			for k := range h.header {
				h.header[k] = 1
				if m[k+1] != "" {
					h.header[k], _ = strconv.Atoi(m[k+1])
				}
			}
			sections[n] = append(sections[n], h)
		} else if n >= 0 && len(sections[n]) > 0 {
			h := &sections[n][len(sections[n])-1]
			switch line[0] {
			case '-':
				h.removed = append(h.removed, line[1:])
			case '+':
				h.added = append(h.added, line[1:])
			}
		}
	}
	for i := range list {
		n := 1
		if list[i].status == "T" {
			n = 2
		}
		for range n {
			list[i].hunks = append(list[i].hunks, sections[0]...)
			sections = sections[1:]
		}
	}
	return list
}

// agree fails where a mined commit says another thing than git.
func agree(t testing.TB, dir string, c *memory.Commit) {
	t.Helper()
	want := oracle(t, dir, c.ID)
	if len(c.Changes) != len(want) {
		t.Errorf("%s %q: %d changes, want %d", c.ID, c.Subject, len(c.Changes), len(want))
		return
	}
	if c.Skipped != "" {
		t.Errorf("%s %q: skipped: %s", c.ID, c.Subject, c.Skipped)
	}
	for i, w := range want {
		got := c.Changes[i]
		where := fmt.Sprintf("%s %q", c.Subject, w.path)
		if string(got.Status) != w.status || string(got.Path) != w.path || string(got.OldPath) != w.oldPath ||
			got.OldBlob != w.oldBlob || got.NewBlob != w.newBlob || got.Skipped != "" || got.Parent != 0 {
			t.Errorf("%s: got %c %q from %q, %s → %s, %q\nwant %+v", where, got.Status, got.Path, got.OldPath, got.OldBlob, got.NewBlob, got.Skipped, w)
			continue
		}
		// What git calls binary may be a text over its limit of size.
		text := ClassOf(got.Path) != memory.ClassBinary && got.Class != memory.ClassLink
		if lazy := got.Class.NamesOnly() && text && w.oldBlob != "" && w.newBlob != "" && w.oldBlob != w.newBlob; got.Lazy != lazy {
			t.Errorf("%s: Lazy is %v, class %s", where, got.Lazy, got.Class)
		}
		if got.Class.NamesOnly() {
			if len(got.Hunks) > 0 || len(got.Reasons) > 0 {
				t.Errorf("%s: is %s, yet has %d hunks and %d reasons", where, got.Class, len(got.Hunks), len(got.Reasons))
			}
			continue
		}
		if len(got.Hunks) != len(w.hunks) {
			t.Errorf("%s: %d hunks, want %d", where, len(got.Hunks), len(w.hunks))
			continue
		}
		for k, h := range got.Hunks {
			if header := [4]int{h.OldStart, h.OldLines, h.NewStart, h.NewLines}; header != w.hunks[k].header {
				t.Errorf("%s: hunk %d is %v, want %v", where, k, header, w.hunks[k].header)
			}
			if !slices.Equal(h.Removed, hashes(w.hunks[k].removed)) || !slices.Equal(h.Added, hashes(w.hunks[k].added)) {
				t.Errorf("%s: hunk %d: line hashes differ", where, k)
			}
		}
	}
}

func hashes(lines []string) []uint32 {
	var list []uint32
	for _, l := range lines {
		list = append(list, LineHash([]byte(l)))
	}
	return list
}

// texts gives every text of a commit that people or models may see, but for
// paths.
func texts(c *memory.Commit) []string {
	list := []string{c.Author.Name, c.Author.Email, c.Committer.Name, c.Committer.Email, c.Subject, c.Body, c.Skipped}
	for _, r := range c.Refs {
		list = append(list, r.Value)
	}
	for _, ch := range c.Changes {
		for _, h := range ch.Hunks {
			list = append(list, h.Symbols...)
		}
		for _, r := range ch.Reasons {
			list = append(list, r.Text, r.Symbol)
		}
	}
	for _, term := range c.Document.Terms {
		list = append(list, term.Text)
	}
	return list
}

// clean fails where a text of a commit breaks the promise of memory.Commit.
func clean(t testing.TB, c *memory.Commit) {
	t.Helper()
	for _, s := range texts(c) {
		bad := func(r rune) bool {
			return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
		}
		if !utf8.ValidString(s) || strings.ContainsFunc(s, bad) || len(s) > maxMessageBytes+16 {
			t.Errorf("%s: text of %d bytes that is not clean: %q", c.ID, len(s), clip(s))
		}
	}
}

func change(t testing.TB, c *memory.Commit, path string) *memory.Change {
	t.Helper()
	for i := range c.Changes {
		if bytes.Equal(c.Changes[i].Path, []byte(path)) {
			return &c.Changes[i]
		}
	}
	t.Fatalf("%s %q: no change of %q", c.ID, c.Subject, path)
	return nil
}
