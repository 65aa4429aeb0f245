package daemon

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/memd-dev/memd/fixtures"
	"github.com/memd-dev/memd/memory"
)

// stage is a repository and what memd keeps of it, in directories of their
// own.
type stage struct {
	*testing.T
	dir string // of the repository
	p   Paths
	ids map[string]string // of a written history: full id by label
}

// newStage writes a history of package fixtures. Mining it is for the test.
func newStage(t *testing.T, name string) *stage {
	t.Helper()
	repo, err := fixtures.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{T: t, dir: filepath.Join(realDir(t), name), p: scratchPaths(t)}
	if s.ids, err = repo.Write(s.dir); err != nil {
		t.Fatal(err)
	}
	return s
}

// generatedStage makes a bare repository with a made-up history.
func generatedStage(t *testing.T, o fixtures.Synthetic) *stage {
	t.Helper()
	s := &stage{T: t, dir: filepath.Join(realDir(t), "made.git"), p: scratchPaths(t)}
	if err := fixtures.GenerateRepo(s.dir, o); err != nil {
		t.Fatal(err)
	}
	return s
}

// realDir is a scratch directory without symbolic links in its name.
func realDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func (s *stage) git(args ...string) string {
	s.Helper()
	out, err := fixtures.Git(s.dir, args...)
	if err != nil {
		s.Fatal(err)
	}
	return out
}

func (s *stage) write(name, text string) {
	s.Helper()
	name = filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		s.Fatal(err)
	}
}

// commit writes a file and commits it, and gives the id.
func (s *stage) commit(name, text, message string) string {
	s.Helper()
	s.write(name, text)
	s.git("add", "--", name)
	s.git("commit", "-q", "-m", message)
	return s.git("rev-parse", "HEAD")
}

func (s *stage) envelope() memory.Envelope {
	return memory.Envelope{Worktree: s.dir, Client: "test/1", Actor: memory.ActorPerson}
}

// open opens the memory as memd init does; the test's end closes it.
func (s *stage) open() *Daemon {
	s.Helper()
	d, err := s.tryOpen(EnrolExplicit)
	if err != nil {
		s.Fatal(err)
	}
	return d
}

func (s *stage) tryOpen(mode EnrolMode) (*Daemon, error) {
	d, err := Open(s.Context(), Options{Paths: s.p, Config: DefaultConfig(), Client: "test/1"}, s.envelope(), mode)
	if err == nil {
		s.Cleanup(func() {
			if err := d.Close(); err != nil {
				s.Errorf("close: %v", err)
			}
		})
	}
	return d, err
}

// anew gives the same repository and journal, keys included, with nothing
// mined: what is made in it can be compared with what was made before.
func (s *stage) anew() *stage {
	s.Helper()
	other := *s
	other.p.State = filepath.Join(s.TempDir(), "state", "memd")
	return &other
}

// mined opens the memory and mines all of it.
func (s *stage) mined() *Daemon {
	s.Helper()
	d := s.open()
	s.mine(d, 0)
	return d
}

func (s *stage) mine(d *Daemon, newest int) *memory.Mined {
	s.Helper()
	m, err := d.Mine(s.Context(), s.envelope(), memory.MineQuery{Newest: newest}, nil)
	if err != nil {
		s.Fatal(err)
	}
	return m
}

func (s *stage) recall(d *Daemon, q memory.RecallQuery) *memory.Recall {
	s.Helper()
	a, err := d.Recall(s.Context(), s.envelope(), q)
	if err != nil {
		s.Fatalf("recall %+v: %v", q, err)
	}
	return a
}

func (s *stage) why(d *Daemon, q memory.WhyQuery) *memory.Why {
	s.Helper()
	a, err := d.Why(s.Context(), s.envelope(), q)
	if err != nil {
		s.Fatalf("why %s:%d: %v", q.Path, q.First, err)
	}
	return a
}

func (s *stage) dump(d *Daemon) string {
	s.Helper()
	var b bytes.Buffer
	if err := d.Dump(s.Context(), s.envelope(), &b); err != nil {
		s.Fatal(err)
	}
	return b.String()
}

// label names a commit as the written history does.
func (s *stage) label(id string) string {
	for label, full := range s.ids {
		if full == id {
			return label
		}
	}
	return id[:min(len(id), 10)]
}

// labels names the commits of an answer, in its order.
func (s *stage) labels(a *memory.Recall) []string {
	var list []string
	for _, c := range a.Commits {
		list = append(list, s.label(c.ID))
	}
	return list
}

// story names the commits of a story with what each did.
func (s *stage) story(a *memory.Why) string {
	var list []string
	for _, e := range a.Story {
		list = append(list, s.label(e.ID)+" "+e.What)
	}
	return strings.Join(list, "; ")
}

// listing is every file below a directory, with size and mode.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		fmt.Fprintf(&b, "%s %v %d %d\n", rel, info.Mode(), info.Size(), info.ModTime().UnixNano())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
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
			return fmt.Sprintf("line %d of %d and %d:\n%.500s\n%.500s", i+1, len(x), len(y), p, q)
		}
	}
	return "no difference"
}

// sameDump fails when two memories differ.
func sameDump(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: the dumps differ in %s", what, firstDifference(got, want))
	}
}
