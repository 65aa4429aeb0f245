package daemon

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

var (
	rootA, rootB, rootC = repeatedID("a"), repeatedID("b"), repeatedID("c")
	tipT, tipU          = repeatedID("d"), repeatedID("e")
)

func idList(ids ...string) []string { return ids }

// having makes Exists out of the objects that are there.
func having(ids ...string) func(string) bool {
	return func(id string) bool { return slices.Contains(ids, id) }
}

func TestPlace(t *testing.T) {
	alive := func(paths ...string) func(string) bool {
		return func(p string) bool { return slices.Contains(paths, p) }
	}
	with := func(e Entry, change func(*Entry)) Entry { change(&e); return e }
	parked := func(e Entry) Entry { e.Parked, e.ParkedAt = true, 9; return e }
	a := Entry{ID: "a", Path: "/a", Device: 1, Inode: 10, Fingerprint: idList(rootA)}
	b := Entry{ID: "b", Path: "/b", Device: 1, Inode: 20, Fingerprint: idList(rootB)}
	clone := with(a, func(e *Entry) { e.ID, e.Path, e.Inode = "a2", "/a2", 11 })
	bOnA := with(b, func(e *Entry) { e.Path = "/a" })
	unborn := with(a, func(e *Entry) { e.Fingerprint = nil })
	shallow := with(a, func(e *Entry) { e.Fingerprint, e.ShallowTip = nil, tipT })

	for _, test := range []struct {
		name    string
		entries []Entry
		seen    Seen
		want    PlacementKind
		id      string // of the entry
		parks   string
		others  string
	}{
		// The table, row by row.
		{name: "same path, same root", entries: []Entry{a, b}, seen: Seen{Path: "/a", Device: 1, Inode: 10, Roots: idList(rootA)}, want: PlaceSame, id: "a"},
		{name: "same path, same root, another inode: re-clone, restore", entries: []Entry{a}, seen: Seen{Path: "/a", Device: 1, Inode: 99, Roots: idList(rootA)}, want: PlaceSame, id: "a"},
		{name: "same path, changed st_dev", entries: []Entry{a}, seen: Seen{Path: "/a", Device: 7, Inode: 10, Roots: idList(rootA)}, want: PlaceSame, id: "a"},
		{name: "same path, one root shared of several", entries: []Entry{with(a, func(e *Entry) { e.Fingerprint = idList(rootA, rootB) })}, seen: Seen{Path: "/a", Roots: idList(rootC, rootB)}, want: PlaceSame, id: "a"},
		{name: "same path, disjoint", entries: []Entry{a}, seen: Seen{Path: "/a", Device: 1, Inode: 99, Roots: idList(rootB)}, want: PlaceParksOld, parks: "a"},
		{name: "same path and inode, disjoint: mkdir, rm, mkdir", entries: []Entry{a}, seen: Seen{Path: "/a", Device: 1, Inode: 10, Roots: idList(rootB)}, want: PlaceParksOld, parks: "a"},
		{name: "same path, disjoint, the old root still lies about", entries: []Entry{a}, seen: Seen{Path: "/a", Roots: idList(rootB), Exists: having(rootA)}, want: PlaceParksOld, parks: "a"},
		{name: "moved", entries: []Entry{a, b}, seen: Seen{Path: "/new", Device: 1, Inode: 10, Roots: idList(rootA), PathAlive: alive("/b")}, want: PlaceMoved, id: "a"},
		{name: "copy", entries: []Entry{a}, seen: Seen{Path: "/new", Device: 1, Inode: 99, Roots: idList(rootA), PathAlive: alive("/a")}, want: PlaceCopy, others: "a"},
		{name: "bind mount: same inode at two paths", entries: []Entry{a}, seen: Seen{Path: "/new", Device: 1, Inode: 10, Roots: idList(rootA), PathAlive: alive("/a")}, want: PlaceCopy, others: "a"},
		{name: "moved to another device", entries: []Entry{a}, seen: Seen{Path: "/new", Device: 2, Inode: 10, Roots: idList(rootA), PathAlive: alive()}, want: PlaceUnknown, others: "a"},
		{name: "deleted and cloned elsewhere", entries: []Entry{a}, seen: Seen{Path: "/new", Device: 1, Inode: 99, Roots: idList(rootA), PathAlive: alive()}, want: PlaceUnknown, others: "a"},
		{name: "new path, roots overlap, inode equal", entries: []Entry{a}, seen: Seen{Path: "/new", Device: 1, Inode: 10, Roots: idList(rootA, rootB), PathAlive: alive()}, want: PlaceUnknown, others: "a"},
		{name: "new path, roots overlap, old path alive", entries: []Entry{a}, seen: Seen{Path: "/new", Device: 1, Inode: 99, Roots: idList(rootA, rootB), PathAlive: alive("/a")}, want: PlaceUnknown, others: "a"},
		{name: "inode alone", entries: []Entry{a}, seen: Seen{Path: "/new", Device: 1, Inode: 10, Roots: idList(rootC), PathAlive: alive()}, want: PlaceNotEnrolled},
		{name: "similar name", entries: []Entry{a}, seen: Seen{Path: "/a ", Roots: idList(rootC), PathAlive: alive()}, want: PlaceNotEnrolled},
		{name: "nothing known", seen: Seen{Path: "/a", Roots: idList(rootA)}, want: PlaceNotEnrolled},
		{name: "nobody can tell what is alive", entries: []Entry{a}, seen: Seen{Path: "/new", Device: 1, Inode: 10, Roots: idList(rootA)}, want: PlaceCopy, others: "a"},

		// Several memories of one history.
		{name: "a copy, while another clone is gone", entries: []Entry{a, clone}, seen: Seen{Path: "/new", Inode: 99, Roots: idList(rootA), PathAlive: alive("/a")}, want: PlaceCopy, others: "a"},
		{name: "one of two clones moved", entries: []Entry{a, clone}, seen: Seen{Path: "/new", Device: 1, Inode: 11, Roots: idList(rootA), PathAlive: alive("/a")}, want: PlaceMoved, id: "a2"},
		{name: "two that could have moved", entries: []Entry{a, with(clone, func(e *Entry) { e.Inode = 10 })}, seen: Seen{Path: "/new", Device: 1, Inode: 10, Roots: idList(rootA), PathAlive: alive()}, want: PlaceUnknown, others: "a a2"},

		// Paths that change hands.
		{name: "moved onto another's path", entries: []Entry{a, b}, seen: Seen{Path: "/a", Device: 1, Inode: 20, Roots: idList(rootB), PathAlive: alive("/a")}, want: PlaceMoved, id: "b", parks: "a"},
		{name: "copied onto another's path", entries: []Entry{a, b}, seen: Seen{Path: "/a", Device: 1, Inode: 99, Roots: idList(rootB), PathAlive: alive("/a", "/b")}, want: PlaceParksOld, parks: "a"},
		{name: "the parked one is back", entries: []Entry{parked(a), bOnA}, seen: Seen{Path: "/a", Device: 1, Inode: 99, Roots: idList(rootA)}, want: PlaceSame, id: "a", parks: "b"},
		{name: "the one that took the path stays", entries: []Entry{parked(a), bOnA}, seen: Seen{Path: "/a", Device: 1, Inode: 10, Roots: idList(rootB)}, want: PlaceSame, id: "b"},
		{name: "the parked one turns up elsewhere", entries: []Entry{parked(a), bOnA}, seen: Seen{Path: "/new", Device: 1, Inode: 10, Roots: idList(rootA), PathAlive: alive("/a")}, want: PlaceMoved, id: "a"},
		{name: "a clone of the parked one", entries: []Entry{parked(a), bOnA}, seen: Seen{Path: "/new", Device: 1, Inode: 99, Roots: idList(rootA), PathAlive: alive("/a")}, want: PlaceUnknown, others: "a"},
		{name: "two parked ones share a root, one is equal", entries: []Entry{parked(a), parked(with(a, func(e *Entry) { e.ID, e.Fingerprint = "a2", idList(rootA, rootB) }))}, seen: Seen{Path: "/a", Roots: idList(rootB, rootA)}, want: PlaceSame, id: "a2"},
		{name: "two parked ones can't be told apart", entries: []Entry{parked(a), parked(with(a, func(e *Entry) { e.ID = "a2" }))}, seen: Seen{Path: "/a", Roots: idList(rootA)}, want: PlaceUnknown, others: "a a2"},
		{name: "only a parked stranger here", entries: []Entry{parked(a)}, seen: Seen{Path: "/a", Inode: 10, Device: 1, Roots: idList(rootB)}, want: PlaceNotEnrolled},

		// Unborn.
		{name: "unborn stays unborn", entries: []Entry{unborn}, seen: Seen{Path: "/a", Inode: 99}, want: PlaceSame, id: "a"},
		{name: "the first root of an unborn one", entries: []Entry{unborn}, seen: Seen{Path: "/a", Device: 1, Inode: 10, Roots: idList(rootA), Tip: rootA}, want: PlaceSame, id: "a"},
		{name: "another repository where an unborn one was", entries: []Entry{unborn}, seen: Seen{Path: "/a", Device: 1, Inode: 99, Roots: idList(rootB)}, want: PlaceParksOld, parks: "a"},
		{name: "an unborn one moved: an inode proves nothing", entries: []Entry{unborn}, seen: Seen{Path: "/new", Device: 1, Inode: 10, PathAlive: alive()}, want: PlaceNotEnrolled},
		{name: "git init where a repository was", entries: []Entry{a}, seen: Seen{Path: "/a", Device: 1, Inode: 10}, want: PlaceParksOld, parks: "a"},
		{name: "an orphan branch: no ref, but the root is there", entries: []Entry{a}, seen: Seen{Path: "/a", Exists: having(rootA)}, want: PlaceSame, id: "a"},

		// Shallow.
		{name: "shallow stays shallow", entries: []Entry{shallow}, seen: Seen{Path: "/a", Shallow: true, Tip: tipU, Exists: having(tipT, tipU)}, want: PlaceSame, id: "a"},
		{name: "shallow: the boundary is no root", entries: []Entry{with(a, func(e *Entry) { e.Fingerprint = idList(tipT) })}, seen: Seen{Path: "/new", Shallow: true, Roots: idList(tipT), Tip: tipU, PathAlive: alive("/a")}, want: PlaceNotEnrolled},
		{name: "unshallowed", entries: []Entry{shallow}, seen: Seen{Path: "/a", Inode: 99, Roots: idList(rootA), Tip: tipU, Exists: having(tipT)}, want: PlaceSame, id: "a"},
		{name: "another repository where a shallow one was", entries: []Entry{shallow}, seen: Seen{Path: "/a", Device: 1, Inode: 10, Roots: idList(rootB), Tip: tipU, Exists: having(tipU)}, want: PlaceParksOld, parks: "a"},
		{name: "another shallow one, or the same later: can't be told", entries: []Entry{shallow}, seen: Seen{Path: "/a", Device: 1, Inode: 10, Shallow: true, Tip: tipU, Exists: having(tipU)}, want: PlaceUnknown, others: "a"},
		{name: "made shallow, the root is there", entries: []Entry{a}, seen: Seen{Path: "/a", Shallow: true, Tip: tipU, Exists: having(rootA)}, want: PlaceSame, id: "a"},
		{name: "made shallow, the root is gone", entries: []Entry{a}, seen: Seen{Path: "/a", Shallow: true, Tip: tipU}, want: PlaceUnknown, others: "a"},
		{name: "shallow, moved", entries: []Entry{shallow}, seen: Seen{Path: "/new", Device: 1, Inode: 10, Shallow: true, Tip: tipT, PathAlive: alive()}, want: PlaceMoved, id: "a"},
		{name: "shallow, copied", entries: []Entry{shallow}, seen: Seen{Path: "/new", Device: 1, Inode: 99, Shallow: true, Tip: tipT, PathAlive: alive("/a")}, want: PlaceCopy, others: "a"},
		{name: "roots not looked for count as shallow", entries: []Entry{a}, seen: Seen{Path: "/a", Tip: tipU}, want: PlaceUnknown, others: "a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &Registry{Entries: slices.Clone(test.entries)}
			got := Place(r, test.seen)
			if got.Kind != test.want || got.Entry.ID != test.id || entryIDs(got.Parks) != test.parks || entryIDs(got.Others) != test.others {
				t.Errorf("got %v, entry %q, parks %q, others %q\nwant %v, entry %q, parks %q, others %q",
					got.Kind, got.Entry.ID, entryIDs(got.Parks), entryIDs(got.Others), test.want, test.id, test.parks, test.others)
			}
			if !reflect.DeepEqual(r.Entries, slices.Clone(test.entries)) {
				t.Error("the registry was changed")
			}
			err := got.Err()
			switch {
			case got.Opens() && err != nil:
				t.Errorf("a memory to open, and %v", err)
			case got.Opens():
				if e := got.Entry; e.Path != test.seen.Path || e.Inode != test.seen.Inode || e.Device != test.seen.Device || e.Parked || e.ParkedAt != 0 {
					t.Errorf("entry is not as seen: %+v", e)
				}
			case test.want == PlaceUnknown:
				if !errors.Is(err, memory.ErrUnknownPlace) || !strings.Contains(hintOf(err), "memd init --again") {
					t.Errorf("got %v, hint %q, want ErrUnknownPlace and how to begin anew", err, hintOf(err))
				}
			case !errors.Is(err, memory.ErrNotEnrolled) || hintOf(err) == "":
				t.Errorf("got %v, want ErrNotEnrolled with a hint", err)
			}
		})
	}
}

func TestPlaceFollowsTheFingerprint(t *testing.T) {
	for _, test := range []struct {
		name string
		had  Entry
		seen Seen
		want []string
		tip  string
	}{
		{"first commit", Entry{}, Seen{Roots: idList(rootA), Tip: rootA}, idList(rootA), ""},
		{"unshallowed", Entry{ShallowTip: tipT}, Seen{Roots: idList(rootC, rootA), Exists: having(tipT)}, idList(rootA, rootC), ""},
		{"a root was added", Entry{Fingerprint: idList(rootA)}, Seen{Roots: idList(rootB, rootA, rootB)}, idList(rootA, rootB), ""},
		{"a root went", Entry{Fingerprint: idList(rootA, rootB)}, Seen{Roots: idList(rootB)}, idList(rootB), ""},
		{"made shallow", Entry{Fingerprint: idList(rootA)}, Seen{Shallow: true, Tip: tipT, Exists: having(rootA)}, idList(rootA), tipT},
		{"shallow, first tip kept", Entry{ShallowTip: tipT}, Seen{Shallow: true, Tip: tipU, Exists: having(tipT)}, nil, tipT},
		{"first commit, shallow", Entry{}, Seen{Shallow: true, Tip: tipU}, nil, tipU},
	} {
		test.had.ID, test.had.Path, test.seen.Path = "a", "/a", "/a"
		got := Place(&Registry{Entries: []Entry{test.had}}, test.seen)
		if got.Kind != PlaceSame || !slices.Equal(got.Entry.Fingerprint, test.want) || got.Entry.ShallowTip != test.tip {
			t.Errorf("%s: got %v %v tip %q, want %v tip %q", test.name, got.Kind, got.Entry.Fingerprint, got.Entry.ShallowTip, test.want, test.tip)
		}
	}
}

func TestRecognise(t *testing.T) {
	dir := t.TempDir()
	seen, err := SeenAt(dir)
	if err != nil {
		t.Fatal(err)
	}
	here := Entry{ID: "b", Path: dir, Device: seen.Device, Inode: seen.Inode, Fingerprint: idList(rootB, rootC)}
	with := func(change func(*Entry)) Entry { e := here; change(&e); return e }
	parked := with(func(e *Entry) { e.ID, e.Parked, e.Fingerprint = "a", true, idList(rootA) })
	for _, test := range []struct {
		name   string
		active Entry
		ids    []string
		want   bool
	}{
		{"a root is there", here, idList(rootC), true},
		{"no root is there", here, idList(rootA), false},
		{"re-cloned", with(func(e *Entry) { e.Inode++ }), idList(rootB), false},
		{"shallow", with(func(e *Entry) { e.Fingerprint, e.ShallowTip = nil, tipT }), idList(tipT), false},
		{"unborn", with(func(e *Entry) { e.Fingerprint = nil }), idList(rootA), false},
		{"another path", with(func(e *Entry) { e.Path += "/x" }), idList(rootB), false},
	} {
		r := &Registry{Entries: []Entry{parked, test.active}}
		e, ok := r.Recognise(dir, having(test.ids...))
		if ok != test.want || ok && e.ID != "b" {
			t.Errorf("%s: got %q, %v, want %v", test.name, e.ID, ok, test.want)
		}
	}
}

func entryIDs(entries []Entry) string {
	var ids []string
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	return strings.Join(ids, " ")
}

// realGit runs the real git in an environment of its own.
func realGit(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := tryGit(t, dir, args...)
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return out
}

func tryGit(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C", "TZ=UTC",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_AUTHOR_DATE=1700000000 +0000",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_COMMITTER_DATE=1700000000 +0000",
	}
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// makeRepository makes a repository with commits of these messages.
func makeRepository(t *testing.T, dir string, messages ...string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	realGit(t, dir, "init", "-q", "-b", "main")
	for _, m := range messages {
		realGit(t, dir, "commit", "-q", "--allow-empty", "-m", m)
	}
}

// lookAt is what the caller of Place does: it asks git.
func lookAt(t *testing.T, dir string) Seen {
	t.Helper()
	common, err := filepath.EvalSymlinks(realGit(t, dir, "rev-parse", "--path-format=absolute", "--git-common-dir"))
	if err != nil {
		t.Fatal(err)
	}
	seen, err := SeenAt(common)
	if err != nil {
		t.Fatal(err)
	}
	seen.Worktree = dir
	seen.Shallow = realGit(t, dir, "rev-parse", "--is-shallow-repository") == "true"
	seen.Roots = strings.Fields(realGit(t, dir, "rev-list", "--max-parents=0", "--all"))
	if tip, err := tryGit(t, dir, "rev-parse", "--verify", "-q", "HEAD"); err == nil {
		seen.Tip = tip
	}
	seen.Exists = func(id string) bool {
		_, err := tryGit(t, dir, "cat-file", "-e", id)
		return err == nil
	}
	return seen
}

// world is a directory with repositories and a registry beside them.
type world struct {
	*testing.T
	dir string
	p   Paths
}

func (w world) enrol(name string) Entry {
	w.Helper()
	e, err := Enrol(w.p, DefaultConfig(), lookAt(w.T, w.dir+"/"+name), memory.ActorPerson, false)
	if err != nil {
		w.Fatal(err)
	}
	return e
}

func (w world) locate(name string, want PlacementKind, id string) Placement {
	w.Helper()
	got, err := Locate(w.p, lookAt(w.T, w.dir+"/"+name))
	if err != nil || got.Unsaved != nil || got.Kind != want || got.Entry.ID != id {
		w.Fatalf("%s: got %v %q, %v, %v, want %v %q", name, got.Kind, got.Entry.ID, err, got.Unsaved, want, id)
	}
	return got
}

func (w world) run(args ...string) {
	w.Helper()
	cmd := exec.CommandContext(w.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env = w.dir, []string{"PATH=/usr/bin:/bin"}
	if out, err := cmd.CombinedOutput(); err != nil {
		w.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// TestIdentityOfRealRepositories goes through the lives of repositories with
// real git and a real registry.
func TestIdentityOfRealRepositories(t *testing.T) {
	for name, story := range map[string]func(w world){
		"another repository at the path": func(w world) {
			makeRepository(w.T, w.dir+"/a", "one")
			old := w.enrol("a")
			again := false
			for range 5 {
				w.run("rm", "-rf", "a")
				makeRepository(w.T, w.dir+"/a", "of somebody else")
				if seen := lookAt(w.T, w.dir+"/a"); seen.Device == old.Device && seen.Inode == old.Inode {
					again = true
					break
				}
			}
			w.Logf("same device:inode as the old one: %v", again)
			got := w.locate("a", PlaceParksOld, "")
			if entryIDs(got.Parks) != old.ID {
				w.Errorf("parks %q, want %q", entryIDs(got.Parks), old.ID)
			}
			fresh := w.enrol("a")
			if fresh.ID == old.ID {
				w.Fatal("the other repository got the old memory")
			}
			w.locate("a", PlaceSame, fresh.ID)
			r, err := LoadRegistry(w.p)
			if err != nil || entryIDs(r.ParkedAt(fresh.Path)) != old.ID {
				w.Errorf("parked: %v, %v, want %s", r, err, old.ID)
			}
			// And back: the old one is itself again.
			w.run("rm", "-rf", "a")
			makeRepository(w.T, w.dir+"/a", "one")
			w.locate("a", PlaceSame, old.ID)
			w.locate("a", PlaceSame, old.ID)
		},
		"re-clone": func(w world) {
			makeRepository(w.T, w.dir+"/upstream", "one", "two")
			realGit(w.T, w.dir, "clone", "-q", "upstream", "a")
			e := w.enrol("a")
			w.run("rm", "-rf", "a")
			w.run("mkdir", "takes-the-inode")
			realGit(w.T, w.dir, "clone", "-q", "upstream", "a")
			w.locate("a", PlaceSame, e.ID)
		},
		"mv": func(w world) {
			makeRepository(w.T, w.dir+"/a", "one")
			e := w.enrol("a")
			w.run("mv", "a", "b")
			if got := w.locate("b", PlaceMoved, e.ID); got.Entry.Path != w.dir+"/b/.git" {
				w.Errorf("path %q", got.Entry.Path)
			}
			w.locate("b", PlaceSame, e.ID) // recorded
		},
		"cp -r": func(w world) {
			makeRepository(w.T, w.dir+"/a", "one")
			e := w.enrol("a")
			w.run("cp", "-r", "a", "b")
			w.locate("b", PlaceCopy, "")
			if copied := w.enrol("b"); copied.ID == e.ID {
				w.Error("the copy writes into the original's memory")
			}
			w.locate("a", PlaceSame, e.ID)
		},
		"rm and a clone elsewhere": func(w world) {
			makeRepository(w.T, w.dir+"/upstream", "one")
			realGit(w.T, w.dir, "clone", "-q", "upstream", "a")
			e := w.enrol("a")
			realGit(w.T, w.dir, "clone", "-q", "upstream", "b")
			w.run("rm", "-rf", "a")
			w.locate("b", PlaceUnknown, "")
			seen := lookAt(w.T, w.dir+"/b")
			if _, err := Enrol(w.p, DefaultConfig(), seen, memory.ActorPerson, false); !errors.Is(err, memory.ErrUnknownPlace) {
				w.Errorf("got %v, want ErrUnknownPlace", err)
			}
			again, err := Enrol(w.p, DefaultConfig(), seen, memory.ActorPerson, true)
			if err != nil || again.ID == e.ID {
				w.Errorf("again: got %q, %v, want a new memory", again.ID, err)
			}
			w.locate("b", PlaceSame, again.ID)
		},
		"worktrees share": func(w world) {
			makeRepository(w.T, w.dir+"/a", "one")
			e := w.enrol("a")
			realGit(w.T, w.dir+"/a", "worktree", "add", "-q", "../linked")
			w.locate("linked", PlaceSame, e.ID)
			if got := w.enrol("linked"); got.ID != e.ID {
				w.Errorf("the linked worktree got %s, want %s", got.ID, e.ID)
			}
		},
		"unborn": func(w world) {
			makeRepository(w.T, w.dir+"/a")
			e := w.enrol("a")
			if e.Fingerprint != nil || e.ShallowTip != "" {
				w.Errorf("an unborn repository has a fingerprint: %+v", e)
			}
			realGit(w.T, w.dir+"/a", "commit", "-q", "--allow-empty", "-m", "one")
			w.locate("a", PlaceSame, e.ID)
			w.run("mv", "a", "b")
			w.locate("b", PlaceMoved, e.ID)
		},
		"shallow and unshallow": func(w world) {
			makeRepository(w.T, w.dir+"/upstream", "one", "two", "three")
			realGit(w.T, w.dir, "clone", "-q", "--depth=1", "file://"+w.dir+"/upstream", "a")
			e := w.enrol("a")
			if e.Fingerprint != nil || e.ShallowTip == "" {
				w.Fatalf("a shallow clone has roots: %+v", e)
			}
			realGit(w.T, w.dir+"/upstream", "commit", "-q", "--allow-empty", "-m", "four")
			realGit(w.T, w.dir+"/a", "fetch", "-q", "--depth=1")
			realGit(w.T, w.dir+"/a", "reset", "-q", "--hard", "FETCH_HEAD")
			w.locate("a", PlaceSame, e.ID)
			realGit(w.T, w.dir+"/a", "fetch", "-q", "--unshallow")
			got := w.locate("a", PlaceSame, e.ID)
			if len(got.Entry.Fingerprint) != 1 || got.Entry.ShallowTip != "" {
				w.Errorf("after unshallow: %+v", got.Entry)
			}
			w.run("mv", "a", "b")
			w.locate("b", PlaceMoved, e.ID)
		},
		"submodule has its own": func(w world) {
			makeRepository(w.T, w.dir+"/lib", "lib")
			makeRepository(w.T, w.dir+"/a", "one")
			realGit(w.T, w.dir+"/a", "-c", "protocol.file.allow=always", "submodule", "add", "-q", w.dir+"/lib", "lib")
			e := w.enrol("a")
			w.locate("a/lib", PlaceNotEnrolled, "")
			if sub := w.enrol("a/lib"); sub.ID == e.ID || !strings.HasSuffix(sub.Path, "/.git/modules/lib") {
				w.Errorf("submodule: %+v", sub)
			}
		},
		"bytes in the path": func(w world) {
			name := "b\xff\n\"é"
			makeRepository(w.T, w.dir+"/"+name, "one")
			e := w.enrol(name)
			if e.Path != w.dir+"/"+name+"/.git" {
				w.Errorf("path %q", e.Path)
			}
			w.locate(name, PlaceSame, e.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			story(world{T: t, dir: dir, p: Paths{Data: dir + "/data", State: dir + "/state"}})
		})
	}
}

func TestRepositoryAtCountsWhatCanNotBeSeenAsAlive(t *testing.T) {
	unprivileged(t, func(t *testing.T, dir string) {
		repo := filepath.Join(dir, "shut", "a")
		if err := os.MkdirAll(repo, 0o700); err != nil {
			t.Fatal(err)
		}
		if RepositoryAt(repo) {
			t.Error("an empty directory counts as a repository")
		}
		if err := os.WriteFile(repo+"/HEAD", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if !RepositoryAt(repo) || RepositoryAt(repo+"/HEAD/x") || RepositoryAt(repo+"x") {
			t.Error("a repository is not told from none")
		}
		if err := os.Chmod(filepath.Dir(repo), 0); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(filepath.Dir(repo), 0o700)
		if !RepositoryAt(repo) {
			t.Error("a repository that can't be looked at counts as gone")
		}
	})
}
