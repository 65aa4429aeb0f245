package daemon

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/memd-dev/memd/memory"
)

func TestEnrolIsIdempotent(t *testing.T) {
	p := scratchPaths(t)
	c := DefaultConfig()
	c.Repository = map[string]RepositoryConfig{"/src/a": {DefaultBranch: "trunk"}}
	seen := Seen{Path: "/src/a/.git", Worktree: "/src/a", Device: 1, Inode: 2, Roots: idList(rootB, rootA), DefaultBranch: "main"}
	before := time.Now().Unix()
	first, err := Enrol(p, c, seen, memory.ActorAgent, false)
	if err != nil {
		t.Fatal(err)
	}
	want := Entry{ID: first.ID, Path: "/src/a/.git", Device: 1, Inode: 2, Fingerprint: idList(rootA, rootB), DefaultBranch: "trunk", EnrolledBy: memory.ActorAgent, EnrolledAt: first.EnrolledAt}
	if !reflect.DeepEqual(first, want) || len(first.ID) != 16 || first.EnrolledAt < before {
		t.Errorf("got %+v, want %+v", first, want)
	}
	keys, err := LoadKeys(p.Keys(first.ID), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{p.Data, p.State, p.Journal(first.ID), p.StateDir(first.ID), p.Keys(first.ID)} {
		if m := modeOf(t, dir); m != 0o700 {
			t.Errorf("%s has mode %o, want 700", dir, m)
		}
	}

	seen.DefaultBranch = "other" // decided at enrolment
	for _, again := range []bool{false, true} {
		second, err := Enrol(p, c, seen, memory.ActorPerson, again)
		if err != nil || !reflect.DeepEqual(second, first) {
			t.Errorf("again %v: got %+v, %v, want the first", again, second, err)
		}
	}
	// State may be lost; keys stay.
	if err := os.RemoveAll(p.State); err != nil {
		t.Fatal(err)
	}
	if _, err := Enrol(p, c, seen, memory.ActorPerson, false); err != nil {
		t.Fatal(err)
	}
	if m := modeOf(t, p.StateDir(first.ID)); m != 0o700 {
		t.Errorf("state has mode %o", m)
	}
	if kept, err := LoadKeys(p.Keys(first.ID), false); err != nil || kept != keys {
		t.Errorf("keys were not kept: %v", err)
	}
}

func TestMayEnrol(t *testing.T) {
	c := DefaultConfig()
	c.Home = "/home/u"
	c.Enrol.Auto = []Glob{"/home/u/src/*", "/srv/**"}
	c.Enrol.Never = []Glob{"/srv/secret", "/**/private*"}
	const (
		person, agent, unknown = memory.ActorPerson, memory.ActorAgent, memory.ActorUnknown
	)
	for _, test := range []struct {
		path     string
		actor    memory.Actor
		explicit bool
		want     error
	}{
		{"/x/a/.git", person, false, nil},
		{"/x/a/.git", agent, true, nil},
		{"/x/a/.git", unknown, true, nil},
		{"/x/a/.git", agent, false, memory.ErrNotEnrolled},
		{"/x/a/.git", unknown, false, memory.ErrNotEnrolled},
		{"/x/a/.git", "", false, memory.ErrNotEnrolled},

		{"/home/u/src/a/.git", agent, false, nil},
		{"/home/u/src/a.git", agent, false, nil},
		{"/home/u/src/a/vendor/b/.git", agent, false, memory.ErrNotEnrolled},
		{"/home/u/srcs/a/.git", agent, false, memory.ErrNotEnrolled},
		{"/srv/deep/down/a/.git", agent, false, nil},

		// Never wins: over a person, over init, over auto.
		{"/srv/secret/.git", person, true, memory.ErrNeverEnrol},
		{"/srv/secret/below/a/.git", person, true, memory.ErrNeverEnrol},
		{"/srv/secret/.git/modules/lib", agent, false, memory.ErrNeverEnrol},
		{"/srv/secrets/.git", agent, false, nil},
		{"/a/b/private-notes/c/.git", person, true, memory.ErrNeverEnrol},
		{"/private/.git", person, true, memory.ErrNeverEnrol},

		{"/.git", person, true, memory.ErrNotRepository},
		{"/", person, true, memory.ErrNotRepository},
		{"/home/u/.git", person, true, memory.ErrNotRepository},
		{"/home/u", person, true, memory.ErrNotRepository},
		{"/home/u/a/.git", person, true, nil},
	} {
		err := MayEnrol(c, test.path, test.actor, test.explicit)
		if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
			t.Errorf("%s by %q, explicit %v: got %v, want %v", test.path, test.actor, test.explicit, err, test.want)
		}
		if err != nil && hintOf(err) == "" {
			t.Errorf("%s: %v has no hint", test.path, err)
		}
	}
	if err := MayEnrol(Config{Enrol: EnrolConfig{Never: []Glob{"/"}}}, "/x/a/.git", person, true); !errors.Is(err, memory.ErrNeverEnrol) {
		t.Errorf("never everything: got %v", err)
	}
}

func TestEnrolThatIsRefusedLeavesNoTrace(t *testing.T) {
	p := scratchPaths(t)
	c := DefaultConfig()
	c.Enrol.Never = []Glob{"/src/a"}
	c.Enrol.Auto = []Glob{"/**"}
	for _, seen := range []Seen{
		{Path: "/src/a/.git", Roots: idList(rootA)},
		{Path: "/elsewhere/.git", Worktree: "/src/a/linked", Roots: idList(rootA)},
	} {
		if _, err := Enrol(p, c, seen, memory.ActorPerson, true); !errors.Is(err, memory.ErrNeverEnrol) {
			t.Errorf("%s: got %v, want ErrNeverEnrol", seen.Path, err)
		}
	}
	if _, err := Enrol(p, c, Seen{Path: "/src/b/.git"}, memory.ActorAgent, true); !errors.Is(err, memory.ErrConflict) || hintOf(err) == "" {
		t.Errorf("again by an agent: got %v, want ErrConflict with a hint", err)
	}
	for _, path := range []string{"", "a/.git", "/src/b/../c", "/src/b/"} {
		if _, err := Enrol(p, c, Seen{Path: path}, memory.ActorPerson, false); !errors.Is(err, memory.ErrInvalid) {
			t.Errorf("path %q: got %v, want ErrInvalid", path, err)
		}
	}
	if _, err := os.Stat(p.Data); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
}

func TestEnrolByManyAtOnceMakesOneMemory(t *testing.T) {
	p := scratchPaths(t)
	seen := Seen{Path: "/src/a/.git", Roots: idList(rootA)}
	var ids [20]string
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			e, err := Enrol(p, DefaultConfig(), seen, memory.ActorPerson, false)
			if err != nil {
				t.Error(err)
			}
			ids[i] = e.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("got %s and %s, want one memory", id, ids[0])
		}
	}
	for dir, want := range map[string]int{p.Data: 3, p.State: 1} { // the registry and its lock
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != want {
			t.Errorf("%s has %v, %v, want %d names", dir, entries, err, want)
		}
	}
	if _, err := LoadKeys(p.Keys(ids[0]), false); err != nil {
		t.Error(err)
	}
}

func TestEnrolThatFailsHalfwayBeginsNothing(t *testing.T) {
	p := scratchPaths(t)
	// A file where the state directory would be, so that journal and
	// keys are made and what comes after can't be.
	if err := errors.Join(os.MkdirAll(filepath.Dir(p.State), 0o700), os.WriteFile(p.State, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := Enrol(p, DefaultConfig(), Seen{Path: "/src/a/.git", Roots: idList(rootA)}, memory.ActorPerson, false); !errors.Is(err, memory.ErrForeign) {
		t.Fatalf("got %v, want ErrForeign", err)
	}
	r, err := LoadRegistry(p)
	if err != nil || len(r.Entries) != 0 {
		t.Errorf("got %v, %v, want no entry", r, err)
	}
	entries, err := os.ReadDir(p.Data)
	if err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.IsDir() }) {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestReadOnlyHomeIsNamed(t *testing.T) {
	unprivileged(t, func(t *testing.T, dir string) {
		home := filepath.Join(dir, "home")
		if err := os.Mkdir(home, 0o700); err != nil {
			t.Fatal(err)
		}
		p, err := PathsFrom(environ("HOME=" + home))
		if err != nil {
			t.Fatal(err)
		}
		seen := Seen{Path: "/src/a/.git", Device: 1, Inode: 2, Roots: idList(rootA)}
		shut := func(path string) {
			if err := os.Chmod(path, 0o500); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(path, 0o700) })
		}

		shut(home)
		_, err = Enrol(p, DefaultConfig(), seen, memory.ActorPerson, false)
		if !errors.Is(err, memory.ErrReadOnly) || !strings.Contains(err.Error(), home) || hintOf(err) == "" {
			t.Errorf("got %v, hint %q, want ErrReadOnly that names the place, with a hint", err, hintOf(err))
		}
		if got, err := Locate(p, seen); err != nil || got.Kind != PlaceNotEnrolled {
			t.Errorf("reading: got %v, %v", got.Kind, err)
		}

		// Enrolled before the disk became read-only: still found, also moved.
		if err := os.Chmod(home, 0o700); err != nil {
			t.Fatal(err)
		}
		e, err := Enrol(p, DefaultConfig(), seen, memory.ActorPerson, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(p.Registry()+".lock", 0o400); err != nil {
			t.Fatal(err)
		}
		shut(p.Data)
		shut(home)
		if got, err := Locate(p, seen); err != nil || got.Kind != PlaceSame || got.Unsaved != nil {
			t.Errorf("unchanged: got %v, %v, unsaved %v", got.Kind, err, got.Unsaved)
		}
		if _, err := Enrol(p, DefaultConfig(), Seen{Path: "/src/b/.git", Roots: idList(rootB)}, memory.ActorPerson, false); !errors.Is(err, memory.ErrReadOnly) {
			t.Errorf("another: got %v, want ErrReadOnly", err)
		}
		seen.Path, seen.PathAlive = "/src/moved/.git", func(string) bool { return false }
		got, err := Locate(p, seen)
		if err != nil || got.Kind != PlaceMoved || got.Entry.ID != e.ID || !errors.Is(got.Unsaved, memory.ErrReadOnly) {
			t.Errorf("moved: got %v %s, %v, unsaved %v", got.Kind, got.Entry.ID, err, got.Unsaved)
		}
	})
}
