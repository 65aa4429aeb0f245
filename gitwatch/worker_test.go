//go:build unix

package gitwatch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/memd-dev/memd/memory"
)

// chain makes a repository with n commits that each add a file of their own.
func (b *box) chain(n int) (dir string, ids []string) {
	b.Helper()
	dir = filepath.Join(b.dir, "chain")
	b.do(b.dir, "init", "-q", "-b", "main", dir)
	b.do(dir, "config", "fastimport.unpackLimit", "1000000")
	var s strings.Builder
	for i := range n {
		text := fmt.Sprintf("package p\n\nconst number%d = %d\n", i, i)
		fmt.Fprintf(&s, "commit refs/heads/main\ncommitter C <c@example.org> %d +0000\ndata 8\nsubject\n", 1e9+i)
		fmt.Fprintf(&s, "M 100644 inline f%d.go\ndata %d\n%s\n", i, len(text), text)
	}
	b.in(dir, s.String(), "fast-import", "--quiet")
	return dir, strings.Fields(b.do(dir, "rev-list", "--reverse", "main"))
}

// remove deletes a loose object, given by a revision.
func (b *box) remove(dir, rev string) {
	b.Helper()
	b.removeID(dir, b.do(dir, "rev-parse", rev))
}

func (b *box) removeID(dir, id string) {
	b.Helper()
	if err := os.Remove(filepath.Join(dir, ".git/objects", id[:2], id[2:])); err != nil {
		b.Fatal(err)
	}
}

// partial fails unless a commit has names and nothing else, and says why.
func partial(t *testing.T, c *memory.Commit, why string, paths ...string) {
	t.Helper()
	var got []string
	for _, ch := range c.Changes {
		got = append(got, string(ch.Path))
		if ch.Skipped != why || len(ch.Hunks) > 0 || ch.NewBlob == "" {
			t.Errorf("%s: %+v, want %q", ch.Path, ch, why)
		}
	}
	if c.Skipped != why || fmt.Sprint(got) != fmt.Sprint(paths) || c.Subject != "subject" || c.PatchID != "" {
		t.Errorf("%s %q: %q with paths %q, patch id %q, want %q with %q", c.ID, c.Subject, c.Skipped, got, c.PatchID, why, paths)
	}
}

// One missing blob takes the hunks of its commit and nothing else.
func TestMineReportsMissingBlobAsPartial(t *testing.T) {
	var other []int // 25 to each of the two workers, but no two in a row
	for i := 0; i < 100; i += 2 {
		other = append(other, i)
	}
	for name, c := range map[string]struct {
		missing []int
		lost    bool // commits beside them may be mined by names too
	}{
		"first": {[]int{0}, false}, "middle": {[]int{17}, false}, "last": {[]int{99}, false}, "neighbours": {[]int{20, 21}, false},
		"several": {[]int{3, 9, 30}, false}, "every other": {other, false}, "all": {seq(0, 100), true}, "many in a row": {seq(5, 85), true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			dir, ids := b.chain(100)
			gone, blob := map[int]bool{}, blobs(b, dir)
			for _, i := range c.missing {
				b.removeID(dir, blob[fmt.Sprintf("f%d.go", i)])
				gone[i] = true
			}
			commits := b.mine(dir)
			for i, id := range ids {
				got := commits[id]
				if gone[i] || c.lost && got.Skipped != "" {
					partial(t, got, "missing object", fmt.Sprintf("f%d.go", i))
				} else if got.Skipped != "" || len(got.Changes) != 1 || len(got.Changes[0].Hunks) != 1 || len(got.Changes[0].Hunks[0].Added) != 3 {
					t.Errorf("commit %d is not whole: %+v", i, got)
				}
			}
		})
	}
}

// blobs gives the blob of each path at HEAD.
func blobs(b *box, dir string) map[string]string {
	b.Helper()
	list := map[string]string{}
	for line := range strings.Lines(b.do(dir, "ls-tree", "-r", "HEAD")) {
		f := strings.Fields(line)
		list[f[3]] = f[2]
	}
	return list
}

func seq(from, to int) (list []int) {
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}

func TestMineSurvivesMissingTrees(t *testing.T) {
	b := newBox(t)
	dir, ids := b.chain(30)
	for _, i := range []int{7, 22} {
		b.remove(dir, ids[i]+"^{tree}")
	}
	commits := b.mine(dir)
	for i, id := range ids {
		switch c := commits[id]; i {
		case 7, 8, 22, 23: // the next one is compared with it
			partial(t, c, "missing object")
		default:
			agree(t, dir, c)
		}
	}
}

func TestMineSurvivesMissingCommit(t *testing.T) {
	b := newBox(t)
	dir, ids := b.chain(10)
	items := b.items(dir)
	ghost := strings.Repeat("1", 40)
	items = append(items[:4:4], append([]Item{{ID: ghost}, {ID: strings.Repeat("2", 40), Merge: true}}, items[4:]...)...)
	sink := newCollector(t)
	if err := b.miner(dir).Mine(t.Context(), items, sink); err != nil {
		t.Fatal(err)
	}
	b.complete(items, sink.commits)
	if c := sink.commits[ghost]; c.Skipped != "missing object" || len(c.Changes) > 0 {
		t.Errorf("got %+v", c)
	}
	for _, id := range ids {
		agree(t, dir, sink.commits[id])
	}
}

// A merge whose names git can't give must not take those of others along.
func TestMissingTreeOfAMergeLeavesOtherMerges(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	b.do(dir, "config", "gc.auto", "0")
	var merges []string
	for i := range 6 {
		b.do(dir, "checkout", "-q", "-b", fmt.Sprintf("side%d", i))
		b.commit(dir, fmt.Sprintf("s%d", i), "side\n")
		b.do(dir, "checkout", "-q", "main")
		b.commit(dir, fmt.Sprintf("m%d", i), "main\n")
		b.do(dir, "merge", "-q", "--no-ff", "-m", "subject", fmt.Sprintf("side%d", i))
		merges = append(merges, b.do(dir, "rev-parse", "HEAD"))
	}
	for name, c := range map[string]func() (items []Item, lost map[string]bool){
		"missing commit first": func() ([]Item, map[string]bool) {
			ghost := strings.Repeat("1", 40)
			return append([]Item{{ID: ghost, Merge: true}}, b.items(dir)...), map[string]bool{ghost: true}
		},
		"missing tree": func() ([]Item, map[string]bool) {
			items := b.items(dir)
			b.remove(dir, merges[2]+"^{tree}")
			return items, map[string]bool{merges[2]: true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			items, lost := c()
			sink := newCollector(t)
			if err := b.miner(dir).Mine(t.Context(), items, sink); err != nil {
				t.Fatal(err)
			}
			b.complete(items, sink.commits)
			for i, id := range merges {
				c := sink.commits[id]
				if lost[id] {
					if c.Skipped != "missing object" || c.Merged != nil {
						t.Errorf("merge %d: %+v", i, c)
					}
				} else if fmt.Sprintf("%s", c.Merged) != fmt.Sprintf("[s%d]", i) || c.Skipped != "" {
					t.Errorf("merge %d: %q, %s", i, c.Skipped, c.Merged)
				}
			}
		})
	}
}

// logged makes the shadow's git write a line for each of its starts.
func (b *box) logged(m *Miner) (starts func() int) {
	log := filepath.Join(b.TempDir(), "log")
	m.Shadow.git = script(b.T, "echo start >>'"+log+"'\nexec "+b.git.Path+" \"$@\"\n")
	return func() int {
		text, err := os.ReadFile(log)
		if err != nil {
			b.Fatal(err)
		}
		return strings.Count(string(text), "\n")
	}
}

func TestPartialCloneIsMinedByNames(t *testing.T) {
	b := newBox(t)
	up, ids := b.chain(700)
	b.do(up, "config", "uploadpack.allowFilter", "true")
	b.do(b.dir, "clone", "-q", "--filter=blob:none", "--no-checkout", "file://"+up, "r")
	dir := filepath.Join(b.dir, "r")
	objects := b.do(dir, "count-objects", "-v")
	items, sink := b.items(dir), newCollector(t)
	m := b.miner(dir)
	starts := b.logged(m)
	if err := m.Mine(t.Context(), items, sink); err != nil {
		t.Fatal(err)
	}
	b.complete(items, sink.commits)
	for i, id := range ids {
		partial(t, sink.commits[id], "missing object", fmt.Sprintf("f%d.go", i))
	}
	if n := starts(); n > 200 {
		t.Errorf("git was started %d times for %d commits", n, len(ids))
	}
	if after := b.do(dir, "count-objects", "-v"); after != objects {
		t.Errorf("objects came: %s, before %s", after, objects)
	}
}

// fakeGit answers diff-tree -p one commit at a time with the real git; at the
// commit id it does what text says, once per start.
func fakeGit(b *box, id, text string) *Git {
	return script(b.T, `case "$*" in *" -p "*) ;; *) exec `+b.git.Path+` "$@";; esac
while read -r id; do
	if [ "$id" = `+id+` ]; then `+text+`; fi
	echo "$id" | `+b.git.Path+` "$@"
done
`)
}

func TestBrokenChildCostsItsCommitOnly(t *testing.T) {
	for _, c := range []struct{ name, text, why string }{
		{"silent", "exec sleep 1000", "git took too long"},
		{"silent after half", `echo "$id" | GIT "$@" | head -c 300; exec sleep 1000`, "git took too long"},
		{"crash", "kill -SEGV $$", "missing object"},
		{"crash after half", `echo "$id" | GIT "$@" | head -c 300; kill -SEGV $$`, "missing object"},
		{"exit after half", `echo "$id" | GIT "$@" | head -c 300; exit 128`, "missing object"},
		{"quiet end", "exit 0", "missing object"},
		{"noise", "echo noise; exit 0", "missing object"},
		{"another commit", `echo OTHER | GIT "$@"; exit 0`, "missing object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			dir, ids := b.chain(12)
			m := b.miner(dir)
			text := strings.NewReplacer("GIT", b.git.Path, "OTHER", ids[2]).Replace(c.text)
			m.Shadow.git = fakeGit(b, ids[6], text)
			queue := make(chan []*memory.Commit, 1)
			w := &worker{m: m, as: patches, parser: newRecordReader(nil, m.Redact), queue: queue, size: 1000, stall: 300 * time.Millisecond}
			if err := w.all(t.Context(), once(ids...)); err != nil {
				t.Fatal(err)
			}
			if len(w.batch) != len(ids) {
				t.Fatalf("got %d commits, want %d", len(w.batch), len(ids))
			}
			for i, got := range w.batch {
				if got.ID != ids[i] {
					t.Fatalf("commit %d is %s, want %s", i, got.ID, ids[i])
				}
				if i == 6 {
					partial(t, got, c.why, "f6.go")
				} else {
					agree(t, dir, got)
				}
			}
		})
	}
}

// A child that is killed between two hunks, or between two names, leaves what
// looks like the end of a commit.
func TestChildKilledAtASeamLeavesNoHalfCommit(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	b.write(filepath.Join(dir, "f.go"), numbered(50, "line %d"))
	b.all(dir, "base")
	b.write(filepath.Join(dir, "f.go"), strings.NewReplacer("line 5\n", "x\n", "line 40\n", "y\n").Replace(numbered(50, "line %d")))
	id := b.all(dir, "subject")
	b.do(dir, "checkout", "-q", "-b", "side", "HEAD~1")
	b.write(filepath.Join(dir, "s1"), "1\n")
	b.write(filepath.Join(dir, "s2"), "2\n")
	b.all(dir, "side")
	b.do(dir, "checkout", "-q", "main")
	b.do(dir, "merge", "-q", "--no-ff", "-m", "subject", "side")
	merge := b.do(dir, "rev-parse", "HEAD")

	m := b.miner(dir)
	m.Shadow.git = script(t, `case "$*" in
*" -p "*) cut='/^@@ -41/,$d';;
*--diff-merges*) cut='s/:000000 100644 0* [0-9a-f]* A.s2.*//';;
*) exec `+b.git.Path+` "$@";;
esac
`+b.git.Path+` "$@" | sed "$cut"
kill -SEGV $$
`)
	queue := make(chan []*memory.Commit, 1)
	mine := func(as form, id string) *memory.Commit {
		t.Helper()
		w := &worker{m: m, as: as, parser: newRecordReader(nil, m.Redact), queue: queue, size: 1000}
		if err := errors.Join(w.all(t.Context(), once(id)), w.flush(t.Context())); err != nil {
			t.Fatal(err)
		}
		return (<-queue)[0]
	}
	partial(t, mine(patches, id), "missing object", "f.go")
	if c := mine(merges, merge); c.Merged != nil || c.Skipped == "" {
		t.Errorf("merge: %q, %q", c.Merged, c.Skipped)
	}
	m.Shadow.git = b.git
	if c := mine(merges, merge); len(c.Merged) != 2 || c.Skipped != "" {
		t.Errorf("merge with a whole child: %q, %q", c.Merged, c.Skipped)
	}
}
