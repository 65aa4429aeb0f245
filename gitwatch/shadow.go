package gitwatch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Shadow is memd's own bare git dir, through which it reads the objects of a
// repository. It holds no objects and no refs; git finds the repository's
// objects, and what those borrow from elsewhere, by objects/info/alternates.
// It may be deleted and is made again by OpenShadow.
type Shadow struct {
	Dir          string // absolute
	ObjectFormat string // "sha1" or "sha256"

	git *Git
}

// OpenShadow makes the shadow of a repository in dir, or repairs what differs
// in it. attributes is the content of its info/attributes, the only attributes
// that its children see. It starts no child.
//
// The files are written here and not by git init: a git to come may store refs
// in a form by default that the next older one can't read, and templates would
// bring hooks.
func OpenShadow(ctx context.Context, repo *Repo, dir string, attributes []byte) (*Shadow, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open shadow: %w", err)
	}
	objects, err := repo.Objects()
	if err != nil {
		return nil, fmt.Errorf("open shadow: %w", err)
	}
	s := &Shadow{Dir: dir, ObjectFormat: repo.ObjectFormat, git: repo.Git}
	for _, sub := range []string{"objects/info", "objects/pack", "refs/heads", "info", shadowHome} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("open shadow: %w", err)
		}
	}
	files := []struct {
		name string
		text []byte
	}{
		{"config", shadowConfig(repo.ObjectFormat)},
		{"info/attributes", attributes},
		{"objects/info/alternates", alternates(objects)},
		{"HEAD", []byte("ref: refs/heads/none\n")}, // last: makes it a git dir
	}
	for _, f := range files {
		if _, err := s.write(f.name, f.text); err != nil {
			return nil, fmt.Errorf("open shadow: %w", err)
		}
	}
	if _, err := s.SyncShallow(repo); err != nil {
		return nil, err
	}
	return s, nil
}

// SyncShallow takes over where the history of a shallow clone ends, and reports
// whether that changed since the last time. Call it before a walk of history,
// and after it: a change means that the walk saw the one or the other.
func (s *Shadow) SyncShallow(repo *Repo) (changed bool, err error) {
	text, err := os.ReadFile(filepath.Join(repo.CommonDir, "shallow"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("read shallow: %w", err)
	}
	if len(text) == 0 {
		// Looked for first: a read-only disk refuses to remove even what is not
		// there.
		path := filepath.Join(s.Dir, "shallow")
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		if err := os.Remove(path); err != nil {
			return false, fmt.Errorf("remove shallow: %w", err)
		}
		return true, nil
	}
	return s.write("shallow", text)
}

// shadowHome is an empty directory in the shadow, the HOME of its children.
const shadowHome = "home"

// shadowConfig is all the configuration that children of a shadow have.
func shadowConfig(format string) []byte {
	version, extension := 0, ""
	if format != "sha1" {
		version, extension = 1, "[extensions]\n\tobjectFormat = "+format+"\n"
	}
	return fmt.Appendf(nil, `# Written by memd. It is replaced when it differs.
[core]
	repositoryFormatVersion = %d
	bare = true
	logAllRefUpdates = false
	# A larger file is a name only. diff-tree -p of a line of 100 MB: 2.93 s and
	# 298 MB without this, 0.01 s and 4.5 MB with it (measured).
	bigFileThreshold = 1m
	attributesFile = %[2]s
	excludesFile = %[2]s
	hooksPath = %[2]s
	fsmonitor = false
[gc]
	auto = 0
[maintenance]
	auto = false
[protocol]
	allow = never
%[3]s`, version, os.DevNull, extension)
}

// alternates is the content of objects/info/alternates for one object store.
// git takes a line as it is, unless it starts with a quotation mark: then it is
// a string as in C, which is how a line end gets into a path.
func alternates(objects string) []byte {
	if !strings.ContainsAny(objects, "\n") && !strings.HasPrefix(objects, `"`) && !strings.HasPrefix(objects, "#") {
		return []byte(objects + "\n")
	}
	quote := strings.NewReplacer("\\", `\\`, `"`, `\"`, "\n", `\n`)
	return []byte(`"` + quote.Replace(objects) + `"` + "\n")
}

// write replaces a file of the shadow when its content differs. Readers see the
// old or the new one. Nothing is synced: what a crash loses is made again.
func (s *Shadow) write(name string, text []byte) (changed bool, err error) {
	path := filepath.Join(s.Dir, name)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return false, nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".memd-*")
	if err != nil {
		return false, err
	}
	_, err = tmp.Write(text)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return false, err
	}
	return true, nil
}

// Start starts git on the shadow, for a caller that reads the output as it
// comes. The caller reads Child.Stdout and calls Child.Wait.
func (s *Shadow) Start(ctx context.Context, o ChildOptions, args ...string) (*Child, error) {
	return s.git.start(ctx, s.call(o, args))
}

// Run runs git on the shadow and gives all of its output, or an error and none.
func (s *Shadow) Run(ctx context.Context, o ChildOptions, args ...string) ([]byte, error) {
	return s.git.run(ctx, s.call(o, args))
}

func (s *Shadow) call(o ChildOptions, args []string) call {
	return call{
		dir:    s.Dir,
		home:   filepath.Join(s.Dir, shadowHome),
		global: []string{"--git-dir=" + s.Dir},
		args:   args,
		o:      o,
	}
}
