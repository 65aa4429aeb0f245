package daemon

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/memd-dev/memd/memory"
)

// idBytes is the length of a repository id: 16 hex digits.
const idBytes = 8

// Locate says which memory belongs to a repository, by Place on the registry,
// and records in the registry what changed about it: a new path, inode or
// fingerprint, or that it is no longer parked. It enrols nothing. Where the
// registry can't be written the placement still holds, and Unsaved says why.
func Locate(p Paths, seen Seen) (Placement, error) {
	r, err := LoadRegistry(p)
	if err != nil {
		return Placement{}, err
	}
	placement := Place(r, seen)
	if !placement.Opens() || isRecorded(r, placement.Entry) {
		return placement, nil
	}
	err = UpdateRegistry(p, func(r *Registry) error {
		// Again, now that nobody else writes: another process may have
		// placed the same repository, or another one at this path.
		placement = Place(r, seen)
		if placement.Opens() {
			r.Put(placement.Entry, time.Now().Unix())
		}
		return nil
	})
	if err != nil {
		placement.Unsaved = err
	}
	return placement, nil
}

func isRecorded(r *Registry, e Entry) bool {
	old, ok := r.ByID(e.ID)
	return ok && reflect.DeepEqual(old, e)
}

// MayEnrol says whether a memory may begin at a path: a common dir or a
// worktree, by its real path. Ask it for both. It refuses
//   - "/" and the home directory as a whole, for anybody
//     (memory.ErrNotRepository);
//   - what enrol.never lists, for anybody (memory.ErrNeverEnrol);
//   - implicit enrolment, by another verb than memd init, for all but a person
//     and what enrol.auto lists (memory.ErrNotEnrolled).
func MayEnrol(c Config, path string, actor memory.Actor, explicit bool) error {
	for _, dir := range repositoryDirs(path) {
		if dir == "/" || c.Home != "" && dir == filepath.Clean(c.Home) {
			return memory.Hint(
				&fault{text: fmt.Sprintf("memd keeps no memory of %q as a whole", dir), is: memory.ErrNotRepository},
				"run it in a repository below")
		}
	}
	for _, g := range c.Enrol.Never {
		if g.covers(path) {
			return memory.Hint(
				&fault{text: fmt.Sprintf("%q is never enrolled: enrol.never has %q", path, string(g)), is: memory.ErrNeverEnrol},
				"a person can take that line out of config.toml")
		}
	}
	if explicit || actor == memory.ActorPerson {
		return nil
	}
	for _, g := range c.Enrol.Auto {
		if g.matches(path) {
			return nil
		}
	}
	return memory.Hint(memory.ErrNotEnrolled, "run memd init here")
}

// Enrol gives a repository its memory: an id, the directories of journal and
// state, the keys, and at last the entry, so that an entry always has its
// keys. It is idempotent: a repository that has a memory keeps it, gets what
// is missing of it, and what changed about it is recorded. Another memory that
// has the path is parked.
//
// enrol.never wins here too. Whether a caller may enrol by another verb than
// memd init is for MayEnrol to say before. Where the registry can't place the
// repository Enrol fails with memory.ErrUnknownPlace, unless a person asks
// again: then a new memory begins, and the doubtful ones stay as they are.
// again by anybody else is memory.ErrConflict.
func Enrol(p Paths, c Config, seen Seen, actor memory.Actor, again bool) (Entry, error) {
	if !filepath.IsAbs(seen.Path) || filepath.Clean(seen.Path) != seen.Path {
		return Entry{}, fmt.Errorf("enrol %q: not an absolute, clean path: %w", seen.Path, memory.ErrInvalid)
	}
	if again && actor != memory.ActorPerson {
		return Entry{}, memory.Hint(
			&fault{text: "enrolling again needs a person", is: memory.ErrConflict},
			"run memd init --again in a terminal")
	}
	for _, path := range []string{seen.Path, seen.Worktree} {
		if path == "" {
			continue
		}
		if err := MayEnrol(c, path, actor, true); err != nil {
			return Entry{}, err
		}
	}

	r, err := LoadRegistry(p)
	if err != nil {
		return Entry{}, err
	}
	placement := Place(r, seen)
	switch {
	case placement.Opens():
		if err := makePlaces(p, placement.Entry.ID); err != nil {
			return Entry{}, err
		}
		return record(p, seen, placement.Entry, again)
	case placement.Kind == PlaceUnknown && !again:
		return Entry{}, placement.Err()
	}
	fresh := newEntry(c, seen, actor)
	entry, err := Entry{}, makePlaces(p, fresh.ID)
	if err == nil {
		entry, err = record(p, seen, fresh, again)
	}
	if entry.ID != fresh.ID { // it failed, or another process was faster
		err = errors.Join(err, unmakePlaces(p, fresh.ID))
	}
	if err != nil {
		return Entry{}, err
	}
	return entry, nil
}

// record writes the entry of a repository whose places are made: that of the
// memory that it has, else the one given. What an entry needs is made before
// the registry is locked, since that is most of the fsyncs: under the lock, the
// hundred enrolments of twenty processes made the last ones wait for more than
// ten seconds on a busy disk.
func record(p Paths, seen Seen, entry Entry, again bool) (Entry, error) {
	err := UpdateRegistry(p, func(r *Registry) error {
		placement := Place(r, seen)
		_, known := r.ByID(entry.ID)
		switch {
		case placement.Opens():
			entry = placement.Entry
		case known: // it was this repository's a moment ago
			return fmt.Errorf("enrol %q: another process has just enrolled another repository there: %w", seen.Path, memory.ErrConflict)
		case placement.Kind == PlaceUnknown && !again:
			return placement.Err()
		}
		r.Put(entry, time.Now().Unix())
		return nil
	})
	if err != nil {
		return Entry{}, err
	}
	return entry, nil
}

func newEntry(c Config, seen Seen, actor memory.Actor) Entry {
	if actor == "" {
		actor = memory.ActorUnknown
	}
	var id [idBytes]byte
	rand.Read(id[:]) // never fails: it ends the process instead
	e := refreshed(Entry{
		ID:            hex.EncodeToString(id[:]),
		DefaultBranch: seen.DefaultBranch,
		EnrolledBy:    actor,
		EnrolledAt:    time.Now().Unix(),
	}, seen.settled())
	for _, path := range []string{seen.Path, seen.Worktree} {
		if branch := c.DefaultBranch(path); branch != "" {
			e.DefaultBranch = branch
		}
	}
	return e
}

// makePlaces makes what a memory has before its first commit is mined.
func makePlaces(p Paths, id string) error {
	if err := MakeDir(p.Journal(id)); err != nil {
		return err
	}
	if _, err := LoadKeys(p.Keys(id), true); err != nil {
		return err
	}
	if err := MakeDir(p.State); err != nil {
		return err
	}
	return MakeDir(p.StateDir(id))
}

// unmakePlaces removes the directories of an id that did not come to be. An
// error after the registry was replaced leaves the entry there, and then they
// stay.
func unmakePlaces(p Paths, id string) error {
	r, err := LoadRegistry(p)
	if err != nil {
		return err
	}
	if _, there := r.ByID(id); there {
		return nil
	}
	err = os.RemoveAll(p.Journal(id))
	// Where the state directory is no directory there is nothing below it.
	if _, e := os.Lstat(p.StateDir(id)); e == nil {
		err = errors.Join(err, os.RemoveAll(p.StateDir(id)))
	}
	return err
}

// repositoryDirs are the directories that a path may be named by: itself and,
// for the .git of a worktree, the worktree.
func repositoryDirs(path string) []string {
	if dir, ok := strings.CutSuffix(path, "/.git"); ok {
		if dir == "" {
			dir = "/"
		}
		return []string{path, dir}
	}
	return []string{path}
}
