package gitwatch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

// box is a directory for repositories, and a git for making them in an
// environment that has nothing of the machine's.
type box struct {
	*testing.T
	dir   string
	git   *Git
	clock int
}

func newBox(t *testing.T) *box {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "home of the user")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, ".gitconfig"))
	git, err := FindGit()
	if err != nil {
		t.Fatal(err)
	}
	return &box{T: t, dir: dir, git: git}
}

// do runs git for the test and returns what it prints, trimmed.
func (b *box) do(dir string, args ...string) string {
	b.Helper()
	cmd := exec.Command(b.git.Path, append([]string{"-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = dir
	date := fmt.Sprintf("%d +0000", 1700000000+b.clock)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(b.dir, "nowhere"), "LC_ALL=C", "TZ=UTC",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_AUTHOR_DATE=" + date,
		"GIT_COMMITTER_NAME=C", "GIT_COMMITTER_EMAIL=c@example.org", "GIT_COMMITTER_DATE=" + date,
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("git %q in %s: %v\n%s", args, dir, err, out)
	}
	return strings.TrimSpace(string(out))
}

// init makes a repository with one commit of the file "a".
func (b *box) init(name string, options ...string) string {
	b.Helper()
	dir := filepath.Join(b.dir, name)
	b.do(b.dir, append(append([]string{"init", "-q", "-b", "main"}, options...), "--", dir)...)
	b.commit(dir, "a", "one\n")
	return dir
}

// commit writes a file and commits it, and returns the id.
func (b *box) commit(dir, name, text string) string {
	b.Helper()
	b.clock++
	b.write(filepath.Join(dir, name), text)
	b.do(dir, "add", "--", name)
	b.do(dir, "commit", "-q", "-m", "change "+name)
	return b.do(dir, "rev-parse", "HEAD")
}

func (b *box) write(path, text string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}

func (b *box) open(dir string) *Repo {
	b.Helper()
	r, err := Open(b.Context(), b.git, dir, nil)
	if err != nil {
		b.Fatalf("Open(%q): %v", dir, err)
	}
	return r
}

func (b *box) shadow(r *Repo) *Shadow {
	b.Helper()
	s, err := OpenShadow(b.Context(), r, filepath.Join(b.TempDir(), "shadow"), nil)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func TestOpenFindsEveryLayout(t *testing.T) {
	b := newBox(t)
	plain := b.init("plain")
	b.write(filepath.Join(plain, "deep/er/x"), "x")
	b.do(plain, "worktree", "add", "-q", "-b", "side", filepath.Join(b.dir, "linked"))
	b.do(b.dir, "clone", "-q", "--bare", plain, "bare.git")
	b.do(filepath.Join(b.dir, "bare.git"), "worktree", "add", "-q", filepath.Join(b.dir, "ofbare"), "main")
	super := b.init("super")
	b.do(super, "submodule", "add", "-q", plain, "sub")
	b.do(b.dir, "init", "-q", "-b", "main", "unborn")
	b.do(b.dir, "init", "-q", "-b", "main", "--separate-git-dir", filepath.Join(b.dir, "apart"), "separate")
	odd := b.init("sp ace\nli\"ne\\")
	b.init("two", "--object-format=sha256")
	if err := os.Symlink(filepath.Join(plain, "deep"), filepath.Join(b.dir, "link")); err != nil {
		t.Fatal(err)
	}
	// core.worktree of a submodule may be gone; that is no concern of ours.
	b.do(b.dir, "clone", "-q", plain, "dangling")
	b.do(filepath.Join(b.dir, "dangling"), "config", "core.worktree", "/nonexistent")

	for _, c := range []struct {
		name, dir        string
		worktree, gitDir string
		common           string // "" = gitDir
		bare             bool
	}{
		{name: "plain", dir: "plain", worktree: "plain", gitDir: "plain/.git"},
		{name: "subdirectory", dir: "plain/deep/er", worktree: "plain", gitDir: "plain/.git"},
		{name: "through a symlink", dir: "link/er", worktree: "plain", gitDir: "plain/.git"},
		{name: "inside .git", dir: "plain/.git/objects", worktree: "plain", gitDir: "plain/.git"},
		{name: "linked worktree", dir: "linked", worktree: "linked", gitDir: "plain/.git/worktrees/linked", common: "plain/.git"},
		{name: "inside its git dir", dir: "plain/.git/worktrees/linked", worktree: "linked", gitDir: "plain/.git/worktrees/linked", common: "plain/.git"},
		{name: "bare", dir: "bare.git", worktree: "bare.git", gitDir: "bare.git", bare: true},
		{name: "inside bare", dir: "bare.git/refs/heads", worktree: "bare.git", gitDir: "bare.git", bare: true},
		{name: "worktree of bare", dir: "ofbare", worktree: "ofbare", gitDir: "bare.git/worktrees/ofbare", common: "bare.git"},
		{name: "submodule", dir: "super/sub", worktree: "super/sub", gitDir: "super/.git/modules/sub"},
		{name: "separate git dir", dir: "separate", worktree: "separate", gitDir: "apart"},
		{name: "unborn", dir: "unborn", worktree: "unborn", gitDir: "unborn/.git"},
		{name: "odd path", dir: filepath.Base(odd), worktree: filepath.Base(odd), gitDir: filepath.Base(odd) + "/.git"},
		{name: "sha256", dir: "two", worktree: "two", gitDir: "two/.git"},
		{name: "dangling core.worktree", dir: "dangling", worktree: "dangling", gitDir: "dangling/.git"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Open(t.Context(), b.git, filepath.Join(b.dir, c.dir), nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.common == "" {
				c.common = c.gitDir
			}
			format := "sha1"
			if c.name == "sha256" {
				format = "sha256"
			}
			want := Repo{Git: b.git, Worktree: filepath.Join(b.dir, c.worktree), GitDir: filepath.Join(b.dir, c.gitDir),
				CommonDir: filepath.Join(b.dir, c.common), Bare: c.bare, ObjectFormat: format}
			if *r != want {
				t.Errorf("got  %+v\nwant %+v", *r, want)
			}
		})
	}
}

func TestOpenRefusesWhatIsNoRepository(t *testing.T) {
	b := newBox(t)
	b.write(filepath.Join(b.dir, "broken/.git"), "hello\n")
	b.write(filepath.Join(b.dir, "dangling/.git"), "gitdir: ../gone\n")
	b.write(filepath.Join(b.dir, "hollow/.git/HEAD"), "ref: refs/heads/main\n")
	b.write(filepath.Join(b.dir, "empty/x"), "")
	for _, dir := range []string{"broken", "dangling", "hollow", "empty"} {
		_, err := Open(t.Context(), b.git, filepath.Join(b.dir, dir), nil)
		if !errors.Is(err, memory.ErrNotRepository) {
			t.Errorf("%s: got %v, want ErrNotRepository", dir, err)
		}
	}
	var hinted *memory.Hinted
	if _, err := Open(t.Context(), b.git, filepath.Join(b.dir, "empty"), nil); !errors.As(err, &hinted) {
		t.Errorf("no hint in %v", err)
	}
	if _, err := Open(t.Context(), b.git, filepath.Join(b.dir, "absent"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent: got %v, want ErrNotExist", err)
	}
}

func TestOpenSaysWhenGitCannotReadTheLayout(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	b.do(dir, "config", "core.repositoryFormatVersion", "1")
	b.do(dir, "config", "extensions.noSuchThing", "true")
	_, err := Open(t.Context(), b.git, dir, nil)
	if err == nil || !strings.Contains(strings.ToLower(err.Error()), "nosuchthing") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line that names the extension", err)
	}
}

func TestOpenRefusesTheRepositoryOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to give files away")
	}
	for _, part := range []string{"", ".git", ".git/objects"} {
		t.Run("part "+part, func(t *testing.T) {
			b := newBox(t)
			dir := b.init("theirs")
			b.do(dir, "worktree", "add", "-q", "--detach", filepath.Join(b.dir, "mine"))
			if err := os.Chown(filepath.Join(dir, part), 65534, 65534); err != nil {
				t.Fatal(err)
			}
			// Its configuration must not even be read.
			b.write(filepath.Join(dir, ".git/config"), "[broken\n")
			_, err := Open(t.Context(), b.git, dir, nil)
			if !errors.Is(err, memory.ErrNotOwner) {
				t.Fatalf("got %v, want ErrNotOwner", err)
			}
			b.write(filepath.Join(dir, ".git/config"), "[core]\n\trepositoryFormatVersion = 0\n")

			if part == ".git" {
				if _, err := Open(t.Context(), b.git, filepath.Join(b.dir, "mine"), nil); !errors.Is(err, memory.ErrNotOwner) {
					t.Errorf("linked worktree: got %v, want ErrNotOwner", err)
				}
			}
			for _, safe := range [][]string{{dir}, {"*"}, {b.dir + "/*"}, {"/elsewhere", dir}} {
				r, err := Open(t.Context(), b.git, dir, safe)
				if err != nil {
					t.Fatalf("safe %q: %v", safe, err)
				}
				if _, err := r.State(t.Context()); err != nil {
					t.Errorf("safe %q: State: %v", safe, err)
				}
			}
			for _, safe := range [][]string{{dir, ""}, {b.dir}, {dir + "/.git"}, {"/elsewhere/*"}} {
				if _, err := Open(t.Context(), b.git, dir, safe); !errors.Is(err, memory.ErrNotOwner) {
					t.Errorf("safe %q: got %v, want ErrNotOwner", safe, err)
				}
			}
			global := os.Getenv("GIT_CONFIG_GLOBAL")
			b.write(global, "[user]\n\tname = x\n")
			if _, err := Open(t.Context(), b.git, dir, nil); !errors.Is(err, memory.ErrNotOwner) {
				t.Errorf("global without an entry: got %v, want ErrNotOwner", err)
			}
			b.write(global, "[safe]\n\tdirectory = "+dir+"\n")
			if _, err := Open(t.Context(), b.git, dir, nil); err != nil {
				t.Errorf("global safe.directory: %v", err)
			}
		})
	}
}

func TestOpenRefusesAGitThatTheWorktreeSupplies(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	b.write(filepath.Join(dir, "bin/git"), "#!/bin/sh\necho ran >"+b.dir+"/canary\n")
	own := *b.git
	own.Path = filepath.Join(dir, "bin/git")
	if _, err := Open(t.Context(), &own, dir, nil); !errors.Is(err, memory.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
	if _, err := os.Stat(filepath.Join(b.dir, "canary")); err == nil {
		t.Error("it ran")
	}
}

func TestFindGitSkipsRelativeEntriesOfPath(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte("#!/bin/sh\necho git version 9.9.9\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	real := os.Getenv("PATH")
	t.Chdir(dir)
	t.Setenv("PATH", ".:bin::"+real)
	g, err := FindGit()
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(g.Path) || strings.HasPrefix(g.Path, dir) || g.Version == "9.9.9" {
		t.Errorf("took %s, version %s", g.Path, g.Version)
	}
	t.Setenv("PATH", ".")
	if _, err := FindGit(); err == nil {
		t.Error("found git in a relative PATH")
	}
}

func TestFindGitRefusesOldVersions(t *testing.T) {
	for version, want := range map[string]bool{
		"1.9.1": true, "2.38.4": true, "2.39.5": false, "2.39.5 (Apple Git-154)": false, "3.0.0": false, "odd": false,
	} {
		if got := tooOld(version); got != want {
			t.Errorf("tooOld(%q) = %v, want %v", version, got, want)
		}
	}
}

func TestStateKnowsWorktreesAndHeads(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	one := b.do(dir, "rev-parse", "HEAD")
	b.do(dir, "worktree", "add", "-q", "-b", "side", filepath.Join(b.dir, "side"))
	two := b.commit(filepath.Join(b.dir, "side"), "b", "two\n")
	b.do(dir, "worktree", "add", "-q", "--detach", filepath.Join(b.dir, "apart"))
	three := b.commit(filepath.Join(b.dir, "apart"), "c", "three\n")
	b.do(dir, "worktree", "add", "-q", "--detach", filepath.Join(b.dir, "gone"))
	if err := os.RemoveAll(filepath.Join(b.dir, "gone")); err != nil {
		t.Fatal(err)
	}
	b.do(dir, "tag", "-a", "-m", "v1", "v1")
	b.do(dir, "pack-refs", "--all")
	b.do(dir, "symbolic-ref", "refs/heads/alias", "refs/heads/side")

	for _, from := range []string{dir, filepath.Join(b.dir, "side")} {
		r := b.open(from)
		got, err := r.Worktrees(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		git := filepath.Join(dir, ".git")
		want := []Worktree{
			{Path: dir, GitDir: git, Head: one, Branch: "refs/heads/main"},
			{Path: filepath.Join(b.dir, "apart"), GitDir: git + "/worktrees/apart", Head: three},
			{Path: filepath.Join(b.dir, "gone"), GitDir: git + "/worktrees/gone", Head: one, Gone: true},
			{Path: filepath.Join(b.dir, "side"), GitDir: git + "/worktrees/side", Head: two, Branch: "refs/heads/side"},
		}
		if !slices.Equal(got, want) {
			t.Errorf("from %s: got  %+v\nwant %+v", from, got, want)
		}
		id, branch, err := r.Head(t.Context(), filepath.Join(b.dir, "apart"))
		if id != three || branch != "" || err != nil {
			t.Errorf("Head(apart) = %q, %q, %v", id, branch, err)
		}
		ids, err := r.Followed(t.Context(), "")
		wantIDs := []string{one, two, three}
		slices.Sort(wantIDs)
		if err != nil || !slices.Equal(ids, wantIDs) {
			t.Errorf("Followed = %v, %v, want %v", ids, err, wantIDs)
		}
	}
	refs, err := b.open(dir).Refs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range refs {
		names = append(names, r.Name+">"+r.SymbolicTarget)
	}
	if want := []string{"refs/heads/alias>refs/heads/side", "refs/heads/main>", "refs/heads/side>", "refs/tags/v1>"}; !slices.Equal(names, want) {
		t.Errorf("Refs: got %v, want %v", names, want)
	}
	other := b.init("other")
	if _, _, err := b.open(dir).Head(t.Context(), other); !errors.Is(err, memory.ErrInvalid) {
		t.Errorf("Head of another repository's worktree: got %v, want ErrInvalid", err)
	}
}

func TestUnbornRepositoryHasNoHead(t *testing.T) {
	b := newBox(t)
	dir := filepath.Join(b.dir, "r")
	b.do(b.dir, "init", "-q", "-b", "trunk", dir)
	r := b.open(dir)
	id, branch, err := r.Head(t.Context(), dir)
	if id != "" || branch != "refs/heads/trunk" || err != nil {
		t.Errorf("Head = %q, %q, %v", id, branch, err)
	}
	if name, err := r.DefaultBranch(t.Context()); name != "" || err != nil {
		t.Errorf("DefaultBranch = %q, %v", name, err)
	}
	if ids, err := r.Followed(t.Context(), ""); len(ids) != 0 || err != nil {
		t.Errorf("Followed = %v, %v", ids, err)
	}
	if roots, err := r.Roots(t.Context()); len(roots) != 0 || err != nil {
		t.Errorf("Roots = %v, %v", roots, err)
	}
	if _, err := b.shadow(r).Resolve(t.Context(), r, dir, ""); !errors.Is(err, memory.ErrNotFound) {
		t.Errorf("Resolve: got %v, want ErrNotFound", err)
	}
}

func TestHeadOutsideTheBranchesIsAskedOfGit(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	id := b.do(dir, "rev-parse", "HEAD")
	b.do(dir, "update-ref", "refs/odd/place", "HEAD")
	b.do(dir, "symbolic-ref", "HEAD", "refs/odd/place")
	got, branch, err := b.open(dir).Head(t.Context(), dir)
	if got != id || branch != "refs/odd/place" || err != nil {
		t.Errorf("Head = %q, %q, %v", got, branch, err)
	}
}

func TestDefaultBranchFollowsTheRemote(t *testing.T) {
	b := newBox(t)
	up := b.init("up")
	tip := b.do(up, "rev-parse", "HEAD")
	b.do(up, "branch", "-m", "trunk")
	b.do(b.dir, "clone", "-q", up, "r")
	dir := filepath.Join(b.dir, "r")
	b.do(dir, "checkout", "-q", "-b", "topic")
	mine := b.commit(dir, "b", "two\n")
	b.do(dir, "branch", "-q", "-D", "trunk")
	check := func(want string) {
		t.Helper()
		if got, err := b.open(dir).DefaultBranch(t.Context()); got != want || err != nil {
			t.Errorf("DefaultBranch = %q, %v, want %q", got, err, want)
		}
	}
	check("refs/remotes/origin/trunk")
	want := []string{tip, mine}
	slices.Sort(want)
	if got, err := b.open(dir).Followed(t.Context(), ""); err != nil || !slices.Equal(got, want) {
		t.Errorf("Followed = %v, %v, want %v", got, err, want)
	}
	b.do(dir, "remote", "rename", "origin", "my/up")
	b.do(dir, "remote", "set-head", "my/up", "trunk")
	check("refs/remotes/my/up/trunk")
	b.do(dir, "remote", "add", "second", up)
	b.do(dir, "fetch", "-q", "second")
	b.do(dir, "remote", "set-head", "second", "trunk")
	check("refs/heads/topic") // two remotes, none is origin
	b.do(dir, "checkout", "-q", "--detach")
	check("")
}

func TestRefsAreListedWhenTheirObjectsAreMissing(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	b.write(filepath.Join(dir, ".git/refs/heads/lost"), strings.Repeat("2", 40)+"\n")
	b.do(dir, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
	s, err := b.open(dir).State(t.Context())
	if err != nil || len(s.Refs) != 2 || s.DefaultBranch() != "refs/heads/main" {
		t.Errorf("State = %+v, %v", s, err)
	}
}

func TestShallowCloneEndsWhereItWasCut(t *testing.T) {
	b := newBox(t)
	up := b.init("up")
	root := b.do(up, "rev-parse", "HEAD")
	cut := b.commit(up, "a", "two\n")
	b.commit(up, "a", "three\n")
	b.do(b.dir, "clone", "-q", "--depth=2", "file://"+up, "r")
	r := b.open(filepath.Join(b.dir, "r"))
	if !r.Shallow() || b.open(up).Shallow() {
		t.Errorf("Shallow: clone %v, original %v", r.Shallow(), b.open(up).Shallow())
	}
	s := b.shadow(r)
	tips, err := r.Followed(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if roots, err := s.Roots(t.Context(), tips); err != nil || !slices.Equal(roots, []string{cut}) {
		t.Errorf("Roots = %v, %v, want the cut %s", roots, err, cut)
	}
	if changed, err := s.SyncShallow(r); changed || err != nil {
		t.Errorf("SyncShallow without a change = %v, %v", changed, err)
	}
	b.do(filepath.Join(b.dir, "r"), "fetch", "-q", "--unshallow")
	if changed, err := s.SyncShallow(r); !changed || err != nil || r.Shallow() {
		t.Errorf("SyncShallow after unshallow = %v, %v; Shallow = %v", changed, err, r.Shallow())
	}
	if roots, err := s.Roots(t.Context(), tips); err != nil || !slices.Equal(roots, []string{root}) {
		t.Errorf("Roots = %v, %v, want %s", roots, err, root)
	}
}

func TestRootsOfTheRepositoryLeaveNoTrace(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	one := b.do(dir, "rev-parse", "HEAD")
	b.do(dir, "checkout", "-q", "--orphan", "pages")
	two := b.commit(dir, "p", "p\n")
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	want := []string{one, two}
	slices.Sort(want)
	if got, err := b.open(dir).Roots(t.Context()); err != nil || !slices.Equal(got, want) {
		t.Errorf("Roots = %v, %v, want %v", got, err, want)
	}
	if left, _ := os.ReadDir(tmp); len(left) != 0 {
		t.Errorf("left %v behind", left)
	}
}

func TestOpenIsCancelled(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, b.git, dir, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
}

func FuzzParseRefs(f *testing.F) {
	f.Add([]byte(strings.Repeat("1", 40) + " refs/heads/main \n"))
	f.Add([]byte("x\n\n"))
	f.Fuzz(func(t *testing.T, out []byte) {
		refs, err := parseRefs(out, "sha1")
		for _, r := range refs {
			if err != nil || !validID(r.ID, "sha1") || r.Name == "" {
				t.Errorf("%q: got %+v, %v", out, r, err)
			}
		}
	})
}
