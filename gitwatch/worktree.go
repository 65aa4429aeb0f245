package gitwatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// Worktree is one worktree of a repository and what it has checked out.
type Worktree struct {
	Path   string // absolute; of a bare repository its git dir
	GitDir string // absolute real path of its own git dir
	Head   string // full commit id; "" while unborn
	Branch string // full ref name, such as "refs/heads/main"; "" when detached
	Gone   bool   // the directory is not there; git keeps its commits until it prunes
}

// Worktrees lists the main worktree first (of a bare repository, the
// repository itself), then the linked ones by the name of their git dir.
func (r *Repo) Worktrees(ctx context.Context) ([]Worktree, error) {
	state, err := r.State(ctx)
	if err != nil {
		return nil, err
	}
	return state.Worktrees, nil
}

// listWorktrees reads the git dirs without their heads.
func (r *Repo) listWorktrees() ([]Worktree, error) {
	main := Worktree{GitDir: r.CommonDir, Path: worktreeOf(r.CommonDir)}
	if r.GitDir == r.CommonDir {
		main.Path = r.Worktree // known better: a submodule's git dir doesn't say
	}
	if main.Path == "" {
		main.Path = r.CommonDir
	}
	list := []Worktree{main}

	dir := filepath.Join(r.CommonDir, "worktrees")
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list worktrees: %w", err)
	}
	for _, e := range entries {
		gitDir, err := filepath.EvalSymlinks(filepath.Join(dir, e.Name()))
		if err != nil || !isGitDir(gitDir) {
			continue // half made, half removed, or somebody's stray file
		}
		w := Worktree{GitDir: gitDir, Path: worktreeOf(gitDir)}
		if _, err := os.Stat(filepath.Join(w.Path, ".git")); w.Path == "" || err != nil {
			w.Gone = true
		}
		list = append(list, w)
	}
	return list, nil
}

// worktreeOf gives the worktree that belongs to a git dir as far as its place
// tells: the file "gitdir" of a linked worktree, the folder around a ".git".
// It returns "" for others, bare repositories among them.
func worktreeOf(gitDir string) string {
	// Relative since git 2.48, on request.
	if text, err := readSmall(filepath.Join(gitDir, "gitdir")); err == nil {
		path := filepath.Dir(absolute(strings.TrimSpace(text), gitDir))
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return real
		}
		return path
	}
	if filepath.Base(gitDir) == ".git" {
		return filepath.Dir(gitDir)
	}
	return ""
}

// gitDirOf finds the git dir of a worktree of this repository: the absolute
// real path of the worktree's top, or of a directory in it. memory.ErrInvalid
// when it belongs to another repository.
func (r *Repo) gitDirOf(worktree string) (string, error) {
	if worktree == "" || worktree == r.Worktree {
		return r.GitDir, nil
	}
	real, err := realPath(worktree)
	if err != nil {
		return "", fmt.Errorf("find the worktree: %w", err)
	}
	found, err := discover(real)
	if err != nil {
		return "", err
	}
	if found.commonDir != r.CommonDir {
		return "", fmt.Errorf("%s is no worktree of %s: %w",
			display([]byte(worktree)), display([]byte(r.CommonDir)), memory.ErrInvalid)
	}
	return found.gitDir, nil
}

// readHead reads the HEAD of a git dir. It returns a full id or the name of a
// ref; ok is false when only git itself can tell, as with reftable.
func readHead(gitDir, format string) (id, ref string, ok bool) {
	path := filepath.Join(gitDir, "HEAD")
	if target, err := os.Readlink(path); err == nil && strings.HasPrefix(target, "refs/") {
		return "", target, true
	}
	text, err := readSmall(path)
	if err != nil {
		return "", "", false
	}
	if name, isRef := strings.CutPrefix(text, "ref:"); isRef {
		name = strings.TrimSpace(name)
		return "", name, name != "refs/heads/.invalid" // reftable's stand-in
	}
	return text, "", validID(text, format)
}
