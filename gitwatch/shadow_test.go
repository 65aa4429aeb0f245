package gitwatch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/memd-dev/memd/memory"
)

func TestShadowReadsEveryObjectFormatAndPath(t *testing.T) {
	for _, c := range []struct{ name, format string }{
		{"plain", "sha1"}, {"plain", "sha256"},
		{"sp ace\nli\"ne\\n\xff", "sha1"}, {"\"quoted\"", "sha1"}, {"#hash", "sha1"}, {"tab\tstop", "sha1"},
	} {
		t.Run(fmt.Sprintf("%q %s", c.name, c.format), func(t *testing.T) {
			b := newBox(t)
			dir := b.init(c.name, "--object-format="+c.format)
			r := b.open(dir)
			s := b.shadow(r)
			tip, err := s.Resolve(t.Context(), r, dir, "")
			if err != nil || tip != b.do(dir, "rev-parse", "HEAD") {
				t.Fatalf("Resolve = %q, %v", tip, err)
			}
			blob, mode, err := s.BlobAt(t.Context(), tip, []byte("a"))
			if err != nil || mode != "100644" || blob != b.do(dir, "rev-parse", "HEAD:a") {
				t.Errorf("BlobAt = %q, %q, %v", blob, mode, err)
			}
			blobs, err := s.Blobs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if text, err := blobs.Read(blob, 100); err != nil || string(text) != "one\n" {
				t.Errorf("Read = %q, %v", text, err)
			}
			if err := blobs.Close(); err != nil {
				t.Error(err)
			}
			if out, err := s.Run(t.Context(), ChildOptions{}, "fsck", "--no-dangling"); err != nil {
				t.Errorf("fsck of the shadow: %v %s", err, out)
			}
		})
	}
}

func TestShadowFollowsBorrowedObjects(t *testing.T) {
	b := newBox(t)
	up := b.init("up")
	b.do(b.dir, "clone", "-q", "--shared", up, "r")
	dir := filepath.Join(b.dir, "r")
	b.do(b.dir, "clone", "-q", "--shared", dir, "r2")
	dir2 := filepath.Join(b.dir, "r2")
	b.commit(dir2, "b", "b\n")
	tip := b.do(dir2, "rev-parse", "HEAD")
	count := func(what string) {
		t.Helper()
		out, err := b.shadow(b.open(dir2)).Run(t.Context(), ChildOptions{}, "rev-list", tip)
		if err != nil || strings.Count(string(out), "\n") != 2 {
			t.Errorf("%s: rev-list = %q, %v", what, out, err)
		}
	}
	count("absolute alternates")
	b.write(filepath.Join(dir2, ".git/objects/info/alternates"), "../../../r/.git/objects\n")
	count("a relative alternate")
}

func TestShadowIsRepairedAndLeavesTheRepositoryAlone(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	list := func() (all []string) {
		err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err == nil {
				all = append(all, fmt.Sprint(path, info.Size(), info.ModTime()))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := list()
	r := b.open(dir)
	place := filepath.Join(b.dir, "state", "shadow")
	attributes := []byte("* diff\n")
	for range 2 {
		s, err := OpenShadow(t.Context(), r, place, attributes)
		if err != nil {
			t.Fatal(err)
		}
		tip, err := s.Resolve(t.Context(), r, "", "main")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Roots(t.Context(), []string{tip}); err != nil {
			t.Fatal(err)
		}
		if out, err := s.Run(t.Context(), ChildOptions{}, "rev-parse", "--is-bare-repository"); err != nil || string(out) != "true\n" {
			t.Errorf("is bare: %q, %v", out, err)
		}
		if got, err := os.ReadFile(filepath.Join(place, "info/attributes")); err != nil || !bytes.Equal(got, attributes) {
			t.Errorf("attributes = %q, %v", got, err)
		}
		for _, name := range []string{"config", "HEAD", "objects/info/alternates"} {
			b.write(filepath.Join(place, name), "garbage")
		}
		if err := os.RemoveAll(filepath.Join(place, "refs")); err != nil {
			t.Fatal(err)
		}
	}
	if after := list(); !slices.Equal(before, after) {
		t.Errorf("the repository changed:\n%s\n%s", before, after)
	}
	info, err := os.Stat(place)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode of the shadow: %v, %v", info.Mode(), err)
	}
}

func TestShadowFollowsAMovedRepository(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	place := filepath.Join(b.dir, "shadow")
	for _, name := range []string{"moved", "again"} {
		s, err := OpenShadow(t.Context(), b.open(dir), place, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Tree(t.Context(), b.do(dir, "rev-parse", "HEAD"), func([]byte, string, string) error { return nil }); err != nil {
			t.Errorf("Tree: %v", err)
		}
		moved := filepath.Join(b.dir, name)
		if err := os.Rename(dir, moved); err != nil {
			t.Fatal(err)
		}
		dir = moved
	}
}

func TestResolveUnderstandsRevisionsAndNoOptions(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	one := b.do(dir, "rev-parse", "HEAD")
	two := b.commit(dir, "a", "two\n")
	b.do(dir, "tag", "-a", "-m", "v", "v1", one)
	b.do(dir, "worktree", "add", "-q", "--detach", filepath.Join(b.dir, "side"), one)
	// Replace refs are not seen, as the shadow doesn't see them.
	b.do(dir, "replace", "--graft", two)
	r := b.open(dir)
	s := b.shadow(r)
	side := filepath.Join(b.dir, "side")
	for _, c := range []struct{ worktree, rev, want string }{
		{dir, "", two}, {"", "", two}, {side, "", one}, {side, "main", two}, {filepath.Join(dir, ".git"), "HEAD", two},
		{dir, "v1", one}, {dir, "main~1", one}, {dir, "HEAD^", one}, {dir, one, one}, {dir, one[:9], one},
	} {
		if got, err := s.Resolve(t.Context(), r, c.worktree, c.rev); got != c.want || err != nil {
			t.Errorf("Resolve(%q, %q) = %q, %v, want %q", c.worktree, c.rev, got, err, c.want)
		}
	}
	for rev, want := range map[string]error{
		"nope": memory.ErrNotFound, "HEAD~5": memory.ErrNotFound, "HEAD:a": memory.ErrNotFound,
		strings.Repeat("1", 40): memory.ErrNotFound, "HEAD..main": memory.ErrNotFound,
		"--all": memory.ErrNotFound, "-n1": memory.ErrNotFound, "--git-dir=/": memory.ErrNotFound,
		"--output=" + b.dir + "/canary": memory.ErrNotFound, " ": memory.ErrNotFound,
		"^HEAD": memory.ErrInvalid, ":/change": memory.ErrInvalid, "HEAD^{/change}": memory.ErrInvalid,
		"a\x00b": memory.ErrInvalid, "a\nb": memory.ErrInvalid,
	} {
		if got, err := s.Resolve(t.Context(), r, dir, rev); !errors.Is(err, want) {
			t.Errorf("Resolve(%q) = %q, %v, want %v", rev, got, err, want)
		}
	}
}

func TestBlobAtTakesPathsLiterally(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	names := []string{"*", ":(glob)x", "-x", "sp ace", "new\nline", "inv\xff", "d/f", "\"q\"", "tab\tx"}
	for _, name := range names {
		b.write(filepath.Join(dir, name), name)
	}
	if err := os.Symlink("a", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	b.do(dir, "add", "-A")
	b.commit(dir, "run", "x")
	tip := b.do(dir, "rev-parse", "HEAD")
	s := b.shadow(b.open(dir))

	tree := map[string]string{}
	err := s.Tree(t.Context(), tip, func(path []byte, blob, mode string) error {
		tree[string(path)] = mode + blob
		return nil
	})
	if err != nil || len(tree) != len(names)+3 {
		t.Errorf("Tree = %q, %v", tree, err)
	}
	for name, want := range tree {
		if blob, mode, err := s.BlobAt(t.Context(), tip, []byte(name)); err != nil || mode+blob != want {
			t.Errorf("BlobAt(%q) = %q, %q, %v, want %q", name, blob, mode, err, want)
		}
	}
	if !strings.HasPrefix(tree["link"], "120000") {
		t.Errorf("link: %s", tree["link"])
	}
	for _, folder := range []string{"", "d"} {
		if blob, mode, err := s.BlobAt(t.Context(), tip, []byte(folder)); blob != "" || mode != "040000" || err != nil {
			t.Errorf("BlobAt(%q) = %q, %q, %v", folder, blob, mode, err)
		}
	}
	absent := strings.Repeat("1", 40)
	for _, c := range []struct {
		commit, path string
		want         error
	}{
		{tip, "none", memory.ErrNotFound}, {tip, "a/b", memory.ErrNotFound}, {tip, "?", memory.ErrNotFound}, {absent, "a", memory.ErrNotFound},
		{absent, "", memory.ErrNotFound}, {tip, "d/", memory.ErrInvalid}, {tip, "/a", memory.ErrInvalid}, {tip, "../a", memory.ErrInvalid},
		{tip, "a\x00b", memory.ErrInvalid}, {"HEAD", "a", memory.ErrInvalid}, {"--help", "a", memory.ErrInvalid},
	} {
		if blob, _, err := s.BlobAt(t.Context(), c.commit, []byte(c.path)); !errors.Is(err, c.want) {
			t.Errorf("BlobAt(%q, %q) = %q, %v, want %v", c.commit, c.path, blob, err, c.want)
		}
	}
	if err := s.Tree(t.Context(), absent, nil); !errors.Is(err, memory.ErrNotFound) {
		t.Errorf("Tree of an absent commit: %v", err)
	}
	enough := errors.New("enough")
	if err := s.Tree(t.Context(), tip, func([]byte, string, string) error { return enough }); err != enough {
		t.Errorf("Tree with an error of yield: %v", err)
	}
	if _, err := s.Roots(t.Context(), []string{tip, absent}); !errors.Is(err, memory.ErrNotFound) {
		t.Errorf("Roots of an absent tip: %v", err)
	}
}

func TestBlobsStaysUsableAfterMissingAndLargeObjects(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	b.commit(dir, "big", strings.Repeat("x", 1<<20)+"\n")
	b.commit(dir, "empty", "")
	big, small, empty := b.do(dir, "rev-parse", "HEAD:big"), b.do(dir, "rev-parse", "HEAD:a"), b.do(dir, "rev-parse", "HEAD:empty")
	blobs, err := b.shadow(b.open(dir)).Blobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id   string
		max  int64
		want error
	}{
		{strings.Repeat("1", 40), 10, memory.ErrNotFound}, {big, 1 << 20, memory.ErrInvalid}, {small, 3, memory.ErrInvalid},
		{"HEAD", 10, memory.ErrInvalid}, {small + "\ncontents " + big, 10, memory.ErrInvalid}, {small[:20], 10, memory.ErrInvalid},
	} {
		if text, err := blobs.Read(c.id, c.max); !errors.Is(err, c.want) {
			t.Errorf("Read(%q, %d) = %d bytes, %v, want %v", c.id, c.max, len(text), err, c.want)
		}
		if text, err := blobs.Read(small, 4); err != nil || string(text) != "one\n" {
			t.Fatalf("after it: Read = %q, %v", text, err)
		}
	}
	if text, err := blobs.Read(empty, 0); err != nil || len(text) != 0 {
		t.Errorf("empty: %q, %v", text, err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				if text, err := blobs.Read(big, 2<<20); err != nil || len(text) != 1<<20+1 {
					t.Errorf("big: %d bytes, %v", len(text), err)
				}
				if text, err := blobs.Read(small, 4); err != nil || string(text) != "one\n" {
					t.Errorf("small: %q, %v", text, err)
				}
			}
		})
	}
	all.Wait()
	// What is committed while the child lives is seen.
	b.commit(dir, "late", "late\n")
	b.do(dir, "gc", "-q", "--prune=now")
	if text, err := blobs.Read(b.do(dir, "rev-parse", "HEAD:late"), 10); err != nil || string(text) != "late\n" {
		t.Errorf("late: %q, %v", text, err)
	}
	if text, err := blobs.Read(small, 10); err != nil || string(text) != "one\n" {
		t.Errorf("after gc: %q, %v", text, err)
	}
	if err := errors.Join(blobs.Close(), blobs.Close()); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := blobs.Read(small, 4); err == nil {
		t.Error("Read after Close works")
	}
}

func TestBlobsSaysThatItsChildIsLost(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	small := b.do(dir, "rev-parse", "HEAD:a")
	ctx, cancel := context.WithCancel(t.Context())
	blobs, err := b.shadow(b.open(dir)).Blobs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	blobs.child.cmd.Process.Wait() //nolint:errcheck // only waits until it is gone
	for range 2 {
		if _, err := blobs.Read(small, 10); !errors.Is(err, context.Canceled) {
			t.Errorf("Read = %v, want Canceled", err)
		}
	}
	if err := blobs.Close(); err == nil {
		t.Error("Close hides how the child ended")
	}
}

func TestMissingBlobIsNotFoundAndNothingIsFetched(t *testing.T) {
	b := newBox(t)
	up := b.init("up")
	b.do(up, "config", "uploadpack.allowFilter", "true")
	b.do(b.dir, "clone", "-q", "--filter=blob:none", "--no-checkout", "file://"+up, "r")
	dir := filepath.Join(b.dir, "r")
	r := b.open(dir)
	s := b.shadow(r)
	tip, err := s.Resolve(t.Context(), r, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	blob, _, err := s.BlobAt(t.Context(), tip, []byte("a"))
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := s.Blobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := blobs.Close(); err != nil {
			t.Error(err)
		}
	}()
	if text, err := blobs.Read(blob, 100); !errors.Is(err, memory.ErrNotFound) {
		t.Errorf("Read = %q, %v, want ErrNotFound", text, err)
	}
	if _, err := s.Run(t.Context(), ChildOptions{}, "log", "-p", tip); exitStatus(err) != 128 {
		t.Errorf("log -p over a missing blob: %v, want exit status 128", err)
	}
	if _, err := s.Resolve(t.Context(), r, dir, strings.Repeat("1", 40)); !errors.Is(err, memory.ErrNotFound) {
		t.Errorf("Resolve of a missing commit: %v, want ErrNotFound", err)
	}
	if out := b.do(dir, "rev-list", "--objects", "--missing=print", "HEAD"); !strings.Contains(out, "?"+blob) {
		t.Error("the blob was fetched")
	}
}

func TestBlameTracesLinesThroughRenamesAndSpace(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	long := "func aVeryLongLineThatIsWorthAMove() { return somewhere }\n"
	odd := "sp\té\"x"
	one := b.commit(dir, "f", "first\nsecond\n"+long)
	b.do(dir, "mv", "f", odd)
	two := b.commit(dir, odd, "first\n  second\n"+long+"fourth\n")
	s := b.shadow(b.open(dir))
	line := func(commit, path string, orig, line int) BlameLine {
		return BlameLine{commit, []byte(path), orig, line}
	}
	for _, c := range []struct {
		first, last int
		ignore      bool
		want        []BlameLine
	}{
		{0, 0, false, []BlameLine{line(one, "f", 1, 1), line(two, odd, 2, 2), line(one, "f", 3, 3), line(two, odd, 4, 4)}},
		{2, 3, true, []BlameLine{line(one, "f", 2, 2), line(one, "f", 3, 3)}},
		{4, 99, false, []BlameLine{line(two, odd, 4, 4)}},
	} {
		got, err := s.Blame(t.Context(), two, []byte(odd), c.first, c.last, c.ignore)
		if err != nil || !slices.EqualFunc(got, c.want, func(a, b BlameLine) bool {
			return a.Commit == b.Commit && bytes.Equal(a.OrigPath, b.OrigPath) && a.OrigLine == b.OrigLine && a.Line == b.Line
		}) {
			t.Errorf("Blame %d,%d: %v\ngot  %v\nwant %v", c.first, c.last, err, got, c.want)
		}
	}
	b.commit(dir, "d/x", "x\n")
	tip := b.do(dir, "rev-parse", "HEAD")
	for _, c := range []struct {
		path        string
		first, last int
		want        error
	}{
		{"none", 1, 1, memory.ErrNotFound}, {"d", 1, 1, memory.ErrNotFound}, {"d/x", 2, 1, memory.ErrInvalid},
		{"d/x", -1, 1, memory.ErrInvalid}, {"", 1, 1, memory.ErrInvalid},
	} {
		if _, err := s.Blame(t.Context(), tip, []byte(c.path), c.first, c.last, false); !errors.Is(err, c.want) {
			t.Errorf("Blame(%q, %d, %d) = %v, want %v", c.path, c.first, c.last, err, c.want)
		}
	}
	if _, err := s.Blame(t.Context(), tip, []byte("d/x"), 9, 9, false); exitStatus(err) != 128 {
		t.Errorf("Blame beyond the end = %v", err)
	}
}

// TestHostileConfigurationRunsNothing points what a repository can configure at
// a script that leaves a mark, and makes every call of this package.
func TestHostileConfigurationRunsNothing(t *testing.T) {
	b := newBox(t)
	up := b.init("up")
	b.do(up, "config", "uploadpack.allowFilter", "true")
	b.do(b.dir, "clone", "-q", "--filter=blob:none", "file://"+up, "r")
	dir := filepath.Join(b.dir, "r")
	b.write(filepath.Join(dir, ".gitattributes"), "* diff=evil filter=evil merge=evil\n")
	b.do(dir, "add", ".gitattributes")
	b.commit(dir, "a", "two\n")
	b.do(dir, "tag", "-a", "-m", "v", "v1")
	b.do(dir, "worktree", "add", "-q", "-b", "side", filepath.Join(b.dir, "side"))

	marks := filepath.Join(b.dir, "marks")
	canary := filepath.Join(b.dir, "canary")
	b.write(canary, "#!/bin/sh\necho \"$0 $*\" >>'"+marks+"'\n")
	hooks := filepath.Join(b.dir, "hooks")
	for _, name := range []string{"reference-transaction", "post-index-change", "fsmonitor-watchman", "post-checkout", "pre-auto-gc"} {
		b.write(filepath.Join(hooks, name), "#!/bin/sh\n"+canary+" hook\n")
		if err := os.Chmod(filepath.Join(hooks, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(canary, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy", "core.alternateRefsCommand",
		"diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge",
		"merge.evil.driver", "gpg.program", "gpg.ssh.program", "gpg.x509.program", "credential.helper", "uploadpack.packObjectsHook",
		"pager.blame", "pager.rev-parse", "pager.for-each-ref", "pager.ls-tree", "alias.ls-tree", "sequence.editor",
		"remote.origin.uploadpack", "interactive.diffFilter", "trailer.x.command",
	} {
		value := canary
		if strings.HasPrefix(key, "alias.") {
			value = "!" + canary
		}
		b.do(dir, "config", "--local", key, value)
	}
	b.do(dir, "config", "core.hooksPath", hooks)
	b.do(dir, "config", "log.showSignature", "true")
	b.do(dir, "config", "remote.origin.url", "ext::"+canary)
	b.do(dir, "config", "protocol.ext.allow", "always")

	// The canary lives: git status without defences starts it.
	b.do(dir, "status")
	if _, err := os.Stat(marks); err != nil {
		t.Fatalf("the canary doesn't work: %v", err)
	}
	if err := os.Remove(marks); err != nil {
		t.Fatal(err)
	}
	missing := b.do(up, "rev-parse", "HEAD:a") // not in the clone, after gc it would be asked of the remote

	for _, from := range []string{dir, filepath.Join(b.dir, "side"), filepath.Join(dir, ".git")} {
		r := b.open(from)
		ctx := t.Context()
		s := b.shadow(r)
		tip, err := s.Resolve(ctx, r, from, "")
		if err != nil {
			t.Fatal(err)
		}
		call := func(name string, err error) {
			t.Helper()
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if got, err := os.ReadFile(marks); err == nil {
				t.Fatalf("%s ran: %s", name, got)
			}
		}
		_, err = r.State(ctx)
		call("State", err)
		_, err = r.Refs(ctx)
		call("Refs", err)
		_, err = r.Worktrees(ctx)
		call("Worktrees", err)
		_, err = r.Followed(ctx, "")
		call("Followed", err)
		_, err = r.DefaultBranch(ctx)
		call("DefaultBranch", err)
		_, _, err = r.Head(ctx, from)
		call("Head", err)
		_, err = r.Roots(ctx)
		call("Repo.Roots", err)
		_, err = b.git.safeDirectories(ctx)
		call("safeDirectories", err)
		_, err = s.Roots(ctx, []string{tip})
		call("Roots", err)
		for _, rev := range []string{"v1", "HEAD@{0}", "origin", "side@{upstream}", strings.Repeat("1", 40), missing} {
			_, _ = s.Resolve(ctx, r, from, rev) // some don't exist
			call("Resolve "+rev, nil)
		}
		blob, _, err := s.BlobAt(ctx, tip, []byte("a"))
		call("BlobAt", err)
		call("Tree", s.Tree(ctx, tip, func([]byte, string, string) error { return nil }))
		_, err = s.Blame(ctx, tip, []byte("a"), 1, 1, true)
		call("Blame", err)
		blobs, err := s.Blobs(ctx)
		call("Blobs", err)
		_, err = blobs.Read(blob, 100)
		call("Read", err)
		_, _ = blobs.Read(strings.Repeat("1", 40), 100)
		call("Read missing", nil)
		call("Close", blobs.Close())
		_, err = s.Run(ctx, ChildOptions{}, "diff-tree", "-p", "-M", "--root", tip)
		call("diff-tree", err)
		_, _ = s.Run(ctx, ChildOptions{}, "log", "-p", "--show-signature", tip)
		call("log", nil)
	}
}

// A partial clone fetches a missing commit from a remote that its configuration
// describes. protocol.allow=never on the command line doesn't stop that.
func TestMissingCommitOfAHostilePartialCloneRunsNothing(t *testing.T) {
	for name, config := range map[string][]string{
		"ext":         {"remote.origin.url", "ext::CANARY", "protocol.ext.allow", "always"},
		"upload-pack": {"remote.origin.uploadpack", "CANARY", "protocol.file.allow", "always"},
		"ssh":         {"remote.origin.url", "ssh://host/x", "core.sshCommand", "CANARY", "protocol.ssh.allow", "always"},
		"helper":      {"remote.origin.vcs", "evil", "alias.remote-evil", "!CANARY", "protocol.evil.allow", "always"},
		"no name":     {"remote.origin.url", "::x", "alias.remote-", "!CANARY", "protocol.allow", "always"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			up := b.init("up")
			b.do(up, "config", "uploadpack.allowFilter", "true")
			b.do(b.dir, "clone", "-q", "--filter=blob:none", "file://"+up, "r")
			dir := filepath.Join(b.dir, "r")
			marks, canary := filepath.Join(b.dir, "marks"), filepath.Join(b.dir, "canary")
			b.write(canary, "#!/bin/sh\necho ran >>'"+marks+"'\n")
			if err := os.Chmod(canary, 0o755); err != nil {
				t.Fatal(err)
			}
			for i := 0; i < len(config); i += 2 {
				b.do(dir, "config", config[i], strings.ReplaceAll(config[i+1], "CANARY", canary))
			}
			r := b.open(dir)
			missing := strings.Repeat("1", 40)
			if _, err := b.shadow(r).Resolve(t.Context(), r, dir, missing); !errors.Is(err, memory.ErrNotFound) {
				t.Errorf("Resolve: %v, want ErrNotFound", err)
			}
			if _, err := os.Stat(marks); err == nil {
				t.Error("it ran")
			}
			// Either variable alone is enough, the second also for a git that
			// doesn't know the first. The canary lives: without both it runs.
			ran := func(leaveOut ...string) bool {
				env := slices.DeleteFunc(environment(noHome), func(e string) bool {
					name, _, _ := strings.Cut(e, "=")
					return slices.Contains(leaveOut, name)
				})
				_, _ = b.git.run(t.Context(), call{dir: dir, env: env, // fails to fetch
					args: []string{"rev-parse", "--verify", missing + "^{commit}"}})
				_, err := os.Stat(marks)
				return err == nil
			}
			if ran("GIT_NO_LAZY_FETCH") {
				t.Error("it ran without GIT_NO_LAZY_FETCH")
			}
			if !ran("GIT_NO_LAZY_FETCH", "GIT_ALLOW_PROTOCOL") {
				t.Error("the canary doesn't work")
			}
		})
	}
}

func FuzzParseBlame(f *testing.F) {
	id := strings.Repeat("1", 40)
	f.Add([]byte(id + " 1 1 1\nauthor x\nfilename \"a\\303\\244\"\n\ttext\n"))
	f.Add([]byte(id + " 1 1 1\nfilename \"a\\"))
	f.Fuzz(func(t *testing.T, out []byte) {
		lines, err := parseBlame(out, "sha1")
		for _, l := range lines {
			if err != nil || !validID(l.Commit, "sha1") || l.OrigPath == nil {
				t.Errorf("%q: got %+v, %v", out, l, err)
			}
		}
	})
}
