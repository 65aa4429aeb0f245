package gitwatch

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/memd-dev/memd/fixtures"
	"github.com/memd-dev/memd/memory"
)

// streams gives what git prints in each form for a written history.
func streams(f *testing.F) (list [][]byte) {
	f.Helper()
	for _, name := range []string{"shop", "merges"} {
		repo, err := fixtures.Load(name)
		if err != nil {
			f.Fatal(err)
		}
		repo.Bare = true
		dir := filepath.Join(f.TempDir(), name)
		if _, err := repo.Write(dir); err != nil {
			f.Fatal(err)
		}
		ids, err := fixtures.Git(dir, "rev-list", "--all", "--max-count=2")
		if err != nil {
			f.Fatal(err)
		}
		for _, as := range []form{patches, merges, names} {
			cmd := exec.Command("git", as.args...)
			cmd.Dir, cmd.Env, cmd.Stdin = dir, fixtures.Env(), strings.NewReader(ids+"\n")
			out, err := cmd.Output()
			if err != nil {
				f.Fatal(err)
			}
			list = append(list, out)
		}
	}
	return list
}

// FuzzPatchStream reads any bytes as a stream of git. Each commit that comes
// out is clean, and each takes at least a byte of the stream.
func FuzzPatchStream(f *testing.F) {
	for _, s := range streams(f) {
		f.Add(s)
	}
	head := strings.Repeat("1", 40) + strings.Repeat("\x00", 9)
	f.Add([]byte(head + "\x00:100644 100644 1 2 M\x00a.go\x00\x00diff --git a/a b/a\n@@ -1,999999999 +1 @@\n-x\n"))
	f.Add([]byte(head + "\n:::100644 100644 100644 100644 1 2 3 4 MMM\x00a\x00"))
	f.Add([]byte(head + ":\x00"))
	f.Add([]byte(head + ":0 0 0 0 \x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, next := range []func(*recordReader) (*memory.Commit, error){
			(*recordReader).next, (*recordReader).nextMerge, (*recordReader).nextNames,
			func(p *recordReader) (*memory.Commit, error) {
				c := &memory.Commit{ID: strings.Repeat("1", 40)}
				return c, p.firstParent(c)
			},
		} {
			p := newRecordReader(bytes.NewReader(data), testRedactor())
			n := 0
			for {
				c, err := next(p)
				if err != nil {
					break
				}
				if n++; n > len(data) {
					t.Fatalf("%d commits of %d bytes", n, len(data))
				}
				clean(t, c)
				for _, ch := range c.Changes {
					if ch.Class.NamesOnly() && (len(ch.Hunks) > 0 || len(ch.Reasons) > 0) {
						t.Errorf("%q is %s and has hunks", ch.Path, ch.Class)
					}
				}
			}
		}
	})
}

// BenchmarkMine mines a made-up history of 2,000 commits and throws it away.
// ratio is its time over that of "git log -p -M -U0 --no-merges", which is
// the least that reading all patches costs.
func BenchmarkMine(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "r")
	const commits = 2000
	if err := fixtures.GenerateRepo(dir, fixtures.Synthetic{Seed: 1, Commits: commits}); err != nil {
		b.Fatal(err)
	}
	git, err := FindGit()
	if err != nil {
		b.Fatal(err)
	}
	repo, err := Open(b.Context(), git, dir, nil)
	if err != nil {
		b.Fatal(err)
	}
	shadow, err := OpenShadow(b.Context(), repo, filepath.Join(b.TempDir(), "shadow"), Attributes())
	if err != nil {
		b.Fatal(err)
	}
	out, err := fixtures.Git(dir, "rev-list", "--all", "--parents")
	if err != nil {
		b.Fatal(err)
	}
	var items []Item
	for line := range strings.Lines(out) {
		ids := strings.Fields(line)
		items = append(items, Item{ID: ids[0], Merge: len(ids) > 2})
	}
	m := &Miner{Shadow: shadow, Redact: testRedactor()}
	var baseline, mining time.Duration
	for b.Loop() {
		begin := time.Now()
		cmd := exec.Command(git.Path, "log", "-p", "-M", "-U0", "--no-merges", "--all")
		cmd.Dir, cmd.Env, cmd.Stderr = dir, fixtures.Env(), os.Stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, stdout); err != nil {
			b.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Fatal(err)
		}
		baseline += time.Since(begin)

		begin = time.Now()
		sink := newCollector(b)
		if err := m.Mine(b.Context(), items, sink); err != nil || len(sink.commits) != commits {
			b.Fatalf("%d commits, %v", len(sink.commits), err)
		}
		mining += time.Since(begin)
	}
	b.ReportMetric(float64(commits*b.N)/mining.Seconds(), "commits/s")
	b.ReportMetric(float64(commits*b.N)/baseline.Seconds(), "baseline-commits/s")
	b.ReportMetric(mining.Seconds()/baseline.Seconds(), "ratio")
}
