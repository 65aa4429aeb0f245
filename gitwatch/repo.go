package gitwatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/memd-dev/memd/memory"
)

// Repo is a repository as found on disk. All paths are absolute and real:
// symbolic links are resolved.
type Repo struct {
	Git          *Git
	Worktree     string // top of the caller's worktree; the git dir where there is none
	GitDir       string // of this worktree
	CommonDir    string // what all worktrees share: refs, objects; its real path is part of the identity
	Bare         bool   // there is no worktree here
	ObjectFormat string // "sha1" or "sha256"
}

// Open finds the repository that holds dir, which may be any directory in a
// worktree, in a git dir, or a bare repository.
//
// It returns memory.ErrNotRepository outside one, and memory.ErrNotOwner when
// the worktree, the git dir, the common dir or the objects belong to another
// user and neither safe (memd's own list) nor the user's global safe.directory
// names the repository. The search and the owner check read no configuration of
// the repository; only then git is asked whether it can read it.
//
// core.worktree is not believed: a worktree is where its .git stands.
func Open(ctx context.Context, git *Git, dir string, safe []string) (*Repo, error) {
	real, err := realPath(dir)
	if err != nil {
		return nil, fmt.Errorf("open repository: %w", err)
	}
	found, err := discover(real)
	if err != nil {
		return nil, err
	}
	if err := found.refuseOwnGit(git.Path); err != nil {
		return nil, err
	}
	if err := found.checkOwner(ctx, git, safe); err != nil {
		return nil, err
	}
	r := &Repo{Git: git, Worktree: found.worktree, GitDir: found.gitDir, CommonDir: found.commonDir}

	out, err := r.askAbout(ctx, r.GitDir, found.gitFile, gitRevParse, "--is-bare-repository", "--show-object-format")
	if err != nil {
		err = fmt.Errorf("git %s can't read the repository %s: %w", git.Version, display([]byte(found.subject())), err)
		return nil, memory.Hint(err, "a newer git may know how it is stored")
	}
	answers := strings.Fields(string(out))
	if len(answers) != 2 {
		return nil, fmt.Errorf("git rev-parse: unexpected answer %q", out)
	}
	r.ObjectFormat = answers[1]
	if !found.gitFile && (answers[0] == "true" || r.Worktree == "") {
		r.Worktree, r.Bare = r.GitDir, true
	}
	return r, nil
}

// Shallow reports whether history was cut off by a shallow clone: the commits
// that Roots gives then have parents elsewhere.
func (r *Repo) Shallow() bool {
	info, err := os.Stat(filepath.Join(r.CommonDir, "shallow"))
	return err == nil && info.Size() > 0
}

// Objects is the real path of the object store.
func (r *Repo) Objects() (string, error) {
	path, err := filepath.EvalSymlinks(filepath.Join(r.CommonDir, "objects"))
	if err != nil {
		return "", fmt.Errorf("find the objects: %w", err)
	}
	return path, nil
}

// realCommand is a git command that may run in a real repository. There are
// these three and no other: with block they start nothing that the repository's
// configuration names (R16).
type realCommand string

const (
	gitForEachRef  realCommand = "for-each-ref"
	gitRevParse    realCommand = "rev-parse"
	gitSymbolicRef realCommand = "symbolic-ref"
)

// ask runs a command in the real repository, from the side of one git dir.
func (r *Repo) ask(ctx context.Context, gitDir string, command realCommand, args ...string) ([]byte, error) {
	return r.askAbout(ctx, gitDir, true, command, args...)
}

// askAbout is ask for the one question whose answer depends on the work tree:
// whether there is one. All others name a work tree, which none of the commands
// reads, because git ends over a core.worktree that names what is gone.
func (r *Repo) askAbout(ctx context.Context, gitDir string, isWorktree bool, command realCommand, args ...string) ([]byte, error) {
	global := append(block(), "--git-dir="+gitDir)
	if isWorktree {
		global = append(global, "--work-tree="+gitDir)
	}
	return r.Git.run(ctx, call{dir: gitDir, global: global, args: append([]string{string(command)}, args...)})
}

// validID reports whether s is a full object id in the repository's format.
func validID(s, format string) bool {
	if len(s) != idLength(format) {
		return false
	}
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && (s[i] < 'a' || s[i] > 'f') {
			return false
		}
	}
	return true
}

func idLength(format string) int {
	if format == "sha256" {
		return 64
	}
	return 40
}

// found is a repository before it was checked.
type found struct {
	worktree  string // "" where there is none
	gitDir    string
	commonDir string
	gitFile   bool // the worktree has a .git file, so it is one for certain
}

// subject is the path by which people and safe.directory name it.
func (f *found) subject() string {
	if f.worktree != "" {
		return f.worktree
	}
	return f.gitDir
}

// refuseOwnGit keeps out a git that the worktree itself supplies, by an
// absolute entry of PATH that points into it. A worktree that is the whole home
// or disk holds tools by right.
func (f *found) refuseOwnGit(path string) error {
	home, _ := os.UserHomeDir()
	top := f.worktree
	if top == "" || top == "/" || top == home || !strings.HasPrefix(path, top+string(filepath.Separator)) {
		return nil
	}
	err := fmt.Errorf("git in PATH is %s, inside the repository itself: %w", display([]byte(path)), memory.ErrInvalid)
	return memory.Hint(err, "put another git first in PATH")
}

// checkOwner is the check that git makes (safe.directory) and that --git-dir
// switches off.
func (f *found) checkOwner(ctx context.Context, git *Git, safe []string) error {
	foreign, err := f.foreign()
	if err != nil || foreign == "" || named(safe, f.subject()) {
		return err
	}
	global, err := git.safeDirectories(ctx)
	if err != nil {
		return err
	}
	if named(global, f.subject()) {
		return nil
	}
	err = fmt.Errorf("%s: %w", display([]byte(foreign)), memory.ErrNotOwner)
	return memory.Hint(err, "if you trust it: git config --global --add safe.directory "+shellWord(f.subject()))
}

// foreign gives the first part of the repository that isn't ours, or "".
func (f *found) foreign() (string, error) {
	paths := []string{f.gitDir, f.commonDir, filepath.Join(f.commonDir, "objects")}
	if f.worktree != "" {
		paths = append(paths, f.worktree, filepath.Join(f.worktree, ".git"))
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return "", fmt.Errorf("check the owner: %w", err)
		}
		if !ours(info) {
			return path, nil
		}
	}
	return "", nil
}

// named reports whether a list in the manner of safe.directory names a path: by
// itself, by a folder above it with "/*" at the end, or by "*". An empty entry
// empties the list so far.
func named(list []string, path string) bool {
	yes := false
	for _, entry := range list {
		switch above, isPrefix := strings.CutSuffix(entry, "/*"); {
		case entry == "":
			yes = false
		case entry == "*":
			yes = true
		case isPrefix:
			yes = yes || strings.HasPrefix(path, above+"/")
		default:
			real, err := filepath.EvalSymlinks(entry)
			yes = yes || filepath.Clean(entry) == path || err == nil && real == path
		}
	}
	return yes
}

// discover walks up from a real path, as git does, and reads no configuration.
func discover(dir string) (*found, error) {
	for at := dir; ; at = filepath.Dir(at) {
		dotGit := filepath.Join(at, ".git")
		info, err := os.Stat(dotGit)
		switch {
		case err == nil && info.Mode().IsRegular():
			gitDir, err := readGitFile(dotGit)
			if err != nil {
				return nil, err
			}
			return describe(gitDir, at, true)
		case err == nil && info.IsDir() && isGitDir(dotGit):
			gitDir, err := realPath(dotGit)
			if err != nil {
				return nil, fmt.Errorf("open repository: %w", err)
			}
			return describe(gitDir, at, false)
		case err != nil && errors.Is(err, fs.ErrPermission):
			return nil, fmt.Errorf("look for a repository: %w", err)
		}
		if isGitDir(at) {
			return describe(at, worktreeOf(at), false)
		}
		if at == filepath.Dir(at) {
			err := fmt.Errorf("%s: %w", display([]byte(dir)), memory.ErrNotRepository)
			return nil, memory.Hint(err, "go to a repository, or make one with git init")
		}
	}
}

func describe(gitDir, worktree string, gitFile bool) (*found, error) {
	common, err := commonDir(gitDir)
	if err != nil {
		return nil, err
	}
	return &found{worktree: worktree, gitDir: gitDir, commonDir: common, gitFile: gitFile}, nil
}

// readGitFile follows a .git file, as linked worktrees and submodules have it.
func readGitFile(path string) (string, error) {
	text, err := readSmall(path)
	if err != nil {
		return "", fmt.Errorf("read .git file: %w", err)
	}
	target, ok := strings.CutPrefix(text, "gitdir: ")
	if !ok {
		return "", fmt.Errorf("%s is no git directory and names none: %w", display([]byte(path)), memory.ErrNotRepository)
	}
	gitDir, err := realPath(absolute(target, filepath.Dir(path)))
	if err == nil && !isGitDir(gitDir) {
		err = errors.New("no git directory there")
	}
	if err != nil {
		err = fmt.Errorf("%s points at %s: %w (%w)", display([]byte(path)), display([]byte(target)), memory.ErrNotRepository, err)
		return "", memory.Hint(err, "if the repository was moved: git worktree repair, run in its main worktree")
	}
	return gitDir, nil
}

// commonDir gives what all worktrees share, for the git dir of one of them.
func commonDir(gitDir string) (string, error) {
	text, err := readSmall(filepath.Join(gitDir, "commondir"))
	if errors.Is(err, fs.ErrNotExist) {
		return gitDir, nil
	}
	if err != nil {
		return "", fmt.Errorf("find the common dir: %w", err)
	}
	common, err := realPath(absolute(text, gitDir))
	if err != nil {
		return "", fmt.Errorf("find the common dir: %w", err)
	}
	return common, nil
}

// isGitDir is git's own test: a HEAD that looks like one, objects and refs.
func isGitDir(path string) bool {
	if !looksLikeHead(filepath.Join(path, "HEAD")) {
		return false
	}
	common, err := commonDir(path)
	if err != nil {
		return false
	}
	for _, name := range []string{"objects", "refs"} {
		if _, err := os.Stat(filepath.Join(common, name)); err != nil {
			return false
		}
	}
	return true
}

func looksLikeHead(path string) bool {
	if target, err := os.Readlink(path); err == nil {
		return strings.HasPrefix(target, "refs/") // as git made them until 2005
	}
	text, err := readSmall(path)
	if err != nil {
		return false
	}
	return strings.HasPrefix(text, "ref:") || validID(text, "sha1") || validID(text, "sha256")
}

// realPath makes a path absolute and resolves its symbolic links.
func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// absolute resolves a path that a file in dir names.
func absolute(path, dir string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// readSmall reads a one-line file of git's, without the line's end. Such files
// hold one path; what is longer than any path is not one of them.
func readSmall(path string) (string, error) {
	const maxBytes = 8 << 10
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	// A FIFO would hold us up, a huge file fill the memory.
	if !info.Mode().IsRegular() || info.Size() > maxBytes {
		return "", fmt.Errorf("%s: not a small regular file", display([]byte(path)))
	}
	text, err := os.ReadFile(path)
	return strings.TrimRight(string(text), "\r\n"), err
}

// display makes bytes of the repository safe to print: as they are where that
// is plain text, else quoted.
func display(b []byte) string {
	s := string(b)
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// shellWord makes a path safe to print in a command that people copy.
func shellWord(path string) string {
	if shown := display([]byte(path)); shown != path {
		return shown
	}
	if strings.ContainsAny(path, " '\"\\$`!*?[](){}<>|&;#~") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
