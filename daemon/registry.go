package daemon

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/memd-dev/memd/memory"
)

// RegistryVersion is the format that this memd reads and writes. It rises with
// every field, because an older memd would drop what it does not know.
const RegistryVersion = 1

// maxRegistry bounds the file: an entry has about 400 bytes, so this is tens of
// thousands of repositories.
const maxRegistry = 16 << 20

// Registry says which memory belongs to which repository. The zero value is
// the empty one. It is a value in memory: LoadRegistry and UpdateRegistry are
// its file.
type Registry struct {
	Entries []Entry // in order of enrolment
}

// Entry is one memory.
type Entry struct {
	ID            string   // 16 lower-case hex digits, random, made at enrolment
	Path          string   // real path of the git common dir, raw bytes
	Device, Inode uint64   // of Path, when it was last seen
	Fingerprint   []string // root commits, sorted; empty while unborn or shallow
	ShallowTip    string   // first mined tip while unborn or shallow, else ""
	DefaultBranch string   // decided at enrolment, "" when it could not be
	EnrolledBy    memory.Actor
	EnrolledAt    int64 // seconds since 1970
	Parked        bool  // another repository took Path
	ParkedAt      int64 // seconds since 1970, 0 unless Parked
}

// ByID finds a memory by its id.
func (r *Registry) ByID(id string) (Entry, bool) {
	for _, e := range r.Entries {
		if e.ID == id {
			return e, true
		}
	}
	return Entry{}, false
}

// At finds the memory that a common dir has; never a parked one.
func (r *Registry) At(path string) (Entry, bool) {
	for _, e := range r.Entries {
		if e.Path == path && !e.Parked {
			return e, true
		}
	}
	return Entry{}, false
}

// ParkedAt lists the memories that a common dir had before, in order of
// enrolment. It is nil when there are none.
func (r *Registry) ParkedAt(path string) []Entry {
	var parked []Entry
	for _, e := range r.Entries {
		if e.Path == path && e.Parked {
			parked = append(parked, e)
		}
	}
	return parked
}

// Put adds e, or replaces the entry of its id. Another memory that has e's
// path gives it up and is parked as of now, in seconds since 1970.
func (r *Registry) Put(e Entry, now int64) {
	found := false
	for i := range r.Entries {
		switch other := &r.Entries[i]; {
		case other.ID == e.ID:
			*other, found = e, true
		case other.Path == e.Path && !other.Parked && !e.Parked:
			other.Parked, other.ParkedAt = true, now
		}
	}
	if !found {
		r.Entries = append(r.Entries, e)
	}
}

// LoadRegistry reads the registry. Without a file it is empty. A file that
// can't be read as one is memory.ErrCorrupt, one of a newer memd or of another
// user memory.ErrForeign; both are named and left alone. It takes no lock:
// the file is only ever replaced as a whole.
func LoadRegistry(p Paths) (*Registry, error) {
	r, _, err := loadRegistry(p.Registry())
	return r, err
}

// UpdateRegistry reads the registry, lets change work on it, and writes what
// came of it, all under a lock that other processes wait for. When it returns
// nil the change is on the disk. Nothing is written when change fails, when it
// changes nothing, or when the file is one that LoadRegistry refuses.
// memory.ErrReadOnly: the disk does not let us write; memory.ErrBusy: another
// process held the lock for thirty seconds.
func UpdateRegistry(p Paths, change func(*Registry) error) error {
	if err := MakeDir(p.Data); err != nil {
		return fmt.Errorf("update registry: %w", err)
	}
	path := p.Registry()
	lock, err := waitLock(path + ".lock")
	if err != nil {
		return fmt.Errorf("update registry: %w", err)
	}
	defer lock.Close()
	r, before, err := loadRegistry(path)
	if err != nil {
		return err
	}
	if err := change(r); err != nil {
		return err
	}
	if problem := r.problem(); problem != "" {
		return fmt.Errorf("update registry %q: %s: %w", path, problem, memory.ErrInvalid)
	}
	after, err := r.encode()
	if err != nil {
		return fmt.Errorf("update registry %q: %w", path, err)
	}
	if bytes.Equal(before, after) || before == nil && len(r.Entries) == 0 {
		return nil
	}
	return WriteFile(path, after, fileMode)
}

// loadRegistry gives the bytes of the file too, nil when there is none.
func loadRegistry(path string) (*Registry, []byte, error) {
	data, _, err := readOwn(path, maxRegistry)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Registry{}, nil, nil
	case err != nil:
		return nil, nil, fmt.Errorf("registry: %w", err)
	}
	r, err := decodeRegistry(path, data)
	return r, data, err
}

// fileRegistry and fileEntry are the file's own shape.
type fileRegistry struct {
	Version      int         `json:"version"`
	Repositories []fileEntry `json:"repositories"`
}

type fileEntry struct {
	ID            string       `json:"id"`
	Path          string       `json:"path,omitempty"`
	PathB64       []byte       `json:"path_b64,omitempty"` // instead of path where that is not valid UTF-8
	Device        uint64       `json:"device"`
	Inode         uint64       `json:"inode"`
	Fingerprint   []string     `json:"fingerprint"`
	ShallowTip    string       `json:"shallow_tip,omitempty"`
	DefaultBranch string       `json:"default_branch,omitempty"`
	EnrolledBy    memory.Actor `json:"enrolled_by"`
	EnrolledAt    int64        `json:"enrolled_at"`
	Parked        bool         `json:"parked,omitempty"`
	ParkedAt      int64        `json:"parked_at,omitempty"`
}

func decodeRegistry(path string, data []byte) (*Registry, error) {
	damaged := func(format string, args ...any) error {
		return memory.Hint(
			&fault{text: fmt.Sprintf("registry %q is damaged: ", path) + fmt.Sprintf(format, args...), is: memory.ErrCorrupt},
			"memd leaves the file as it is; restore "+filepath.Base(path)+" from a backup, or move it away")
	}
	foreign := func(what string) error {
		return memory.Hint(
			&fault{text: fmt.Sprintf("registry %q %s", path, what), is: memory.ErrForeign},
			"use the newest memd that you have; this one leaves the file as it is")
	}
	// The version alone first: a newer file may look different elsewhere.
	var head struct {
		Version *int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, damaged("%v", err)
	}
	switch {
	case head.Version == nil || *head.Version < 1:
		return nil, damaged("it has no version")
	case *head.Version > RegistryVersion:
		return nil, foreign(fmt.Sprintf("has version %d, and this memd knows %d", *head.Version, RegistryVersion))
	}
	var file fileRegistry
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, damaged("%v", err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields() // writing the file back would drop them
	if err := d.Decode(new(fileRegistry)); err != nil {
		return nil, foreign(fmt.Sprintf("has what this memd does not know: %v", err))
	}
	r := &Registry{Entries: make([]Entry, 0, len(file.Repositories))}
	for i, f := range file.Repositories {
		if (f.Path == "") == (f.PathB64 == nil) {
			return nil, damaged("entry %d needs either path or path_b64", i+1)
		}
		e := Entry{
			ID: f.ID, Path: f.Path, Device: f.Device, Inode: f.Inode,
			Fingerprint: f.Fingerprint, ShallowTip: f.ShallowTip, DefaultBranch: f.DefaultBranch,
			EnrolledBy: f.EnrolledBy, EnrolledAt: f.EnrolledAt, Parked: f.Parked, ParkedAt: f.ParkedAt,
		}
		if f.PathB64 != nil {
			e.Path = string(f.PathB64)
		}
		r.Entries = append(r.Entries, e)
	}
	if problem := r.problem(); problem != "" {
		return nil, damaged("%s", problem)
	}
	return r, nil
}

// encode gives the file's bytes, the same for the same registry.
func (r *Registry) encode() ([]byte, error) {
	file := fileRegistry{Version: RegistryVersion, Repositories: make([]fileEntry, 0, len(r.Entries))}
	for _, e := range r.Entries {
		f := fileEntry{
			ID: e.ID, Path: e.Path, Device: e.Device, Inode: e.Inode,
			Fingerprint: e.Fingerprint, ShallowTip: e.ShallowTip, DefaultBranch: e.DefaultBranch,
			EnrolledBy: e.EnrolledBy, EnrolledAt: e.EnrolledAt, Parked: e.Parked, ParkedAt: e.ParkedAt,
		}
		if f.Fingerprint == nil {
			f.Fingerprint = []string{}
		}
		if !utf8.ValidString(e.Path) { // JSON would replace its bytes
			f.Path, f.PathB64 = "", []byte(e.Path)
		}
		file.Repositories = append(file.Repositories, f)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(file)
	return b.Bytes(), err
}

// problem names the first thing that no registry may have, or gives "". Ids
// become names of directories, so it also keeps a crafted file from pointing
// anywhere else.
func (r *Registry) problem() string {
	ids, paths := map[string]bool{}, map[string]bool{}
	for i, e := range r.Entries {
		switch {
		case len(e.ID) != idBytes*2 || !lowerHex(e.ID):
			return fmt.Sprintf("entry %d has no id of %d hex digits: %q", i+1, idBytes*2, e.ID)
		case ids[e.ID]:
			return fmt.Sprintf("id %s occurs twice", e.ID)
		case !filepath.IsAbs(e.Path):
			return fmt.Sprintf("path %q of %s is not absolute", e.Path, e.ID)
		case !e.Parked && paths[e.Path]:
			return fmt.Sprintf("path %q has two memories", e.Path)
		case slices.ContainsFunc(e.ids(), func(id string) bool { return !fullObjectID(id) }):
			return fmt.Sprintf("fingerprint of %s is not made of object ids", e.ID)
		}
		ids[e.ID] = true
		if !e.Parked {
			paths[e.Path] = true
		}
	}
	return ""
}

func fullObjectID(s string) bool { return (len(s) == 40 || len(s) == 64) && lowerHex(s) }

func lowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
