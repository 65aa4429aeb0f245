package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/memd-dev/memd/memory"
)

// Seen is what the caller sees of a repository now. The ids come from git.
type Seen struct {
	Path          string // real path of the git common dir, raw bytes, absolute and clean
	Device, Inode uint64 // of Path
	Worktree      string // real path of the caller's worktree, "" for a bare repository; for enrolment only
	DefaultBranch string // as git names it now, "" when unknown; recorded at enrolment, never compared

	// Roots are all root commits of the followed refs, in any order. Empty
	// while unborn; with a Tip and without Roots a repository counts as
	// shallow. Ignored when Shallow, since there the commits at the boundary
	// look like roots.
	Roots   []string
	Shallow bool
	Tip     string // the commit that HEAD names, "" while unborn

	// Exists reports whether the repository has this object now. nil: none.
	Exists func(id string) bool
	// PathAlive reports whether a repository stands at the common dir of
	// another entry, as RepositoryAt does. nil counts every path as alive,
	// which opens nothing that is not at its own path.
	PathAlive func(path string) bool
}

// SeenAt fills what the file system knows about the common dir at path, with
// RepositoryAt as PathAlive. The rest is git's.
func SeenAt(path string) (Seen, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Seen{}, fmt.Errorf("look at repository: %w", err)
	}
	seen := Seen{Path: path, PathAlive: RepositoryAt}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		seen.Device, seen.Inode = uint64(st.Dev), uint64(st.Ino)
	}
	return seen, nil
}

// RepositoryAt reports whether a git common dir stands at path. A path that
// can't be looked at counts as one: a disk that does not answer is no proof
// that a repository has moved.
func RepositoryAt(path string) bool {
	_, err := os.Lstat(filepath.Join(path, "HEAD"))
	return err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR)
}

// PlacementKind says which row of the table a repository falls under.
type PlacementKind int

// The kinds of placement. Only PlaceSame and PlaceMoved have a memory to open.
const (
	PlaceUnknown     PlacementKind = iota // the registry can't say; nothing is opened
	PlaceNotEnrolled                      // neither the path nor the fingerprint was ever seen
	PlaceSame                             // same path, shares a root
	PlaceMoved                            // new path, equal fingerprint, same inode, old path gone
	PlaceParksOld                         // same path, another repository: a new memory, the old one is parked
	PlaceCopy                             // new path, equal fingerprint, old path alive: a new memory
)

// String gives the name of the kind.
func (k PlacementKind) String() string {
	names := [...]string{"unknown", "not enrolled", "same", "moved", "parks old", "copy"}
	if k >= 0 && int(k) < len(names) {
		return names[k]
	}
	return "invalid"
}

// Placement is the answer of Place.
type Placement struct {
	Kind PlacementKind
	// Entry is the memory to open for PlaceSame and PlaceMoved, brought up to
	// what was seen (path, inode, fingerprint, not parked); zero otherwise.
	Entry Entry
	// Parks is the memory that has the path now and gives it up, if any.
	Parks []Entry
	// Others are the memories that the decision was about: the originals of a
	// copy, the candidates that could not be told apart or proven.
	Others []Entry
	// Unsaved is set by Locate where the placement holds but could not be
	// written into the registry.
	Unsaved error
}

// Opens reports whether there is a memory to open.
func (p Placement) Opens() bool { return p.Kind == PlaceSame || p.Kind == PlaceMoved }

// Err is nil where there is a memory to open, else memory.ErrNotEnrolled or
// memory.ErrUnknownPlace, each with a hint.
func (p Placement) Err() error {
	switch {
	case p.Opens():
		return nil
	case p.Kind != PlaceUnknown:
		return memory.Hint(memory.ErrNotEnrolled, "run memd init here")
	}
	err := memory.ErrUnknownPlace
	if p.Others != nil {
		var names []string
		for _, e := range p.Others {
			names = append(names, fmt.Sprintf("%s of %q", e.ID, e.Path))
		}
		err = fmt.Errorf("%w: it may or may not be %s", err, strings.Join(names, " or "))
	}
	return memory.Hint(err, "a person can begin a new memory here: memd init --again")
}

// Place says which memory belongs to a repository. It is a pure function of
// its arguments and the answers of Seen's functions, and never opens a memory
// on a guess. The rows, the first that holds decides:
//
//	path                 fingerprint                   then
//	same                 shares a root                 PlaceSame, whatever the inode
//	new, old path gone   equal, same device:inode      PlaceMoved
//	same                 disjoint                      PlaceParksOld
//	new, old path alive  equal                         PlaceCopy
//	new                  equal, or overlaps            PlaceUnknown
//	new                  never seen                    PlaceNotEnrolled
//
// An inode alone proves nothing: mkdir, rm and mkdir give the same one. So a
// move needs all three of its conditions, and a re-clone needs no inode.
//
// A parked memory has lost its path to another repository, so its own is gone
// from there: it may have moved, and it is itself again when a repository that
// shares a root with it stands at that path once more.
//
// While a repository is unborn or shallow its roots are not known, and the
// first mined tip stands for them: it must exist. Entry follows along:
//   - Enrolled unborn, it has no fingerprint. Nothing was mined, so nothing
//     can leak, and the same path with the same device:inode is enough; the
//     first commit then gives it its fingerprint.
//   - Enrolled shallow, it has a tip. Unshallowed later, the tip still exists;
//     the roots that are known from then on replace it.
//   - Made shallow later, a root or, when that is gone, the tip must exist.
//     Where neither does, a shallow repository can't be told from another
//     one: PlaceUnknown.
func Place(r *Registry, seen Seen) Placement {
	seen = seen.settled()
	active, occupied := r.At(seen.Path)
	var parks []Entry
	if occupied {
		parks = []Entry{active}
		if relate(active, seen) == related {
			return Placement{Kind: PlaceSame, Entry: refreshed(active, seen)}
		}
	}

	// Proof that another memory belongs here comes before the refusal of the
	// one that has the path: rm -rf a && mv b a.
	back, moved := provenHere(r, seen)
	switch {
	case len(back) == 1:
		return Placement{Kind: PlaceSame, Entry: refreshed(back[0], seen), Parks: parks}
	case len(back) > 1:
		return Placement{Kind: PlaceUnknown, Others: back}
	case len(moved) == 1:
		return Placement{Kind: PlaceMoved, Entry: refreshed(moved[0], seen), Parks: parks}
	case len(moved) > 1:
		return Placement{Kind: PlaceUnknown, Others: moved}
	}

	if occupied {
		if relate(active, seen) == undecided {
			return Placement{Kind: PlaceUnknown, Others: parks}
		}
		return Placement{Kind: PlaceParksOld, Parks: parks}
	}

	var originals, doubtful []Entry
	for _, e := range r.Entries {
		switch {
		case e.Path == seen.Path: // parked here, and not this repository
		case sameRoots(e, seen) && !leftPath(e, seen):
			originals = append(originals, e)
		case sameRoots(e, seen) || sharesRoot(e, seen):
			doubtful = append(doubtful, e)
		}
	}
	switch {
	case originals != nil:
		return Placement{Kind: PlaceCopy, Others: originals}
	case doubtful != nil:
		return Placement{Kind: PlaceUnknown, Others: doubtful}
	}
	return Placement{Kind: PlaceNotEnrolled}
}

// Recognise finds the memory at a path by asking for objects only, without the
// roots, which cost git a walk over all history: one of its roots exists there,
// and the directory is the one that the registry has. Where it reports false
// the caller looks for the roots and asks Locate. So it does on purpose where
// there is something to record: after a re-clone, else a later move could not
// be proven, and while the memory has a tip in the place of roots, else they
// would never replace it.
func (r *Registry) Recognise(path string, exists func(id string) bool) (Entry, bool) {
	e, ok := r.At(path)
	if !ok || e.ShallowTip != "" {
		return Entry{}, false
	}
	seen, err := SeenAt(path)
	if err != nil || !sameInode(e, seen) || !slices.ContainsFunc(e.Fingerprint, exists) {
		return Entry{}, false
	}
	return e, true
}

// provenHere are the memories, other than the active one of the path, that are
// proven to be this repository's: parked here and sharing a root (back), or
// moved here.
func provenHere(r *Registry, seen Seen) (back, moved []Entry) {
	for _, e := range r.Entries {
		switch {
		case e.Path == seen.Path:
			if e.Parked && sharesRoot(e, seen) {
				back = append(back, e)
			}
		case sameRoots(e, seen) && leftPath(e, seen) && sameInode(e, seen):
			moved = append(moved, e)
		}
	}
	if len(back) > 1 { // several share a root: at most one is this very one
		exact := slices.DeleteFunc(slices.Clone(back), func(e Entry) bool { return !sameRoots(e, seen) })
		if len(exact) == 1 {
			back = exact
		}
	}
	return back, moved
}

// relation is how the fingerprint of a memory stands to a repository at the
// same path.
type relation int

const (
	disjoint  relation = iota
	related            // they have a root in common
	undecided          // a shallow repository lacks what would tell
)

func relate(e Entry, seen Seen) relation {
	switch {
	case len(e.ids()) == 0: // enrolled unborn
		if seen.unborn() || sameInode(e, seen) {
			return related
		}
		return disjoint
	case sharesRoot(e, seen):
		return related
	case seen.Shallow:
		return undecided
	}
	return disjoint
}

// sharesRoot reports whether a repository has at least one commit of the
// fingerprint, as a root where its roots are known.
func sharesRoot(e Entry, seen Seen) bool {
	return e.ShallowTip != "" && seen.has(e.ShallowTip) || slices.ContainsFunc(e.Fingerprint, seen.hasRoot)
}

// sameRoots reports whether a fingerprint is exactly that of a repository.
func sameRoots(e Entry, seen Seen) bool {
	if len(e.Fingerprint) == 0 {
		return e.ShallowTip != "" && seen.has(e.ShallowTip)
	}
	if len(seen.Roots) > 0 && len(seen.Roots) != len(e.Fingerprint) {
		return false
	}
	return !slices.ContainsFunc(e.Fingerprint, func(id string) bool { return !seen.hasRoot(id) })
}

// leftPath reports whether the repository of e is gone from its path.
func leftPath(e Entry, seen Seen) bool {
	return e.Parked || seen.PathAlive != nil && !seen.PathAlive(e.Path)
}

func sameInode(e Entry, seen Seen) bool { return e.Device == seen.Device && e.Inode == seen.Inode }

// refreshed is e as it is to be recorded once it is proven to be what is seen.
// seen must be settled.
func refreshed(e Entry, seen Seen) Entry {
	e.Path, e.Device, e.Inode = seen.Path, seen.Device, seen.Inode
	e.Parked, e.ParkedAt = false, 0
	switch {
	case len(seen.Roots) > 0:
		e.Fingerprint, e.ShallowTip = seen.Roots, ""
	case seen.Tip != "" && (e.ShallowTip == "" || !seen.has(e.ShallowTip)):
		e.ShallowTip = seen.Tip
	}
	return e
}

// ids are all commits that can identify an entry.
func (e Entry) ids() []string {
	if e.ShallowTip == "" {
		return e.Fingerprint
	}
	return append(slices.Clone(e.Fingerprint), e.ShallowTip)
}

// settled has either all roots, sorted and each once, or, when Shallow, none.
func (s Seen) settled() Seen {
	if s.Shallow {
		s.Roots = nil
	}
	s.Roots = slices.Compact(slices.Sorted(slices.Values(s.Roots)))
	s.Shallow = s.Shallow || s.Tip != "" && len(s.Roots) == 0
	return s
}

func (s Seen) unborn() bool { return len(s.Roots) == 0 && !s.Shallow }

func (s Seen) has(id string) bool {
	return id == s.Tip || s.Exists != nil && s.Exists(id)
}

// hasRoot asks for the object where the roots are not known.
func (s Seen) hasRoot(id string) bool {
	if len(s.Roots) > 0 {
		return slices.Contains(s.Roots, id)
	}
	return s.has(id)
}
