//go:build unix

package gitwatch

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/memd-dev/memd/memory"
)

func TestLargeDiffKeepsItsRanges(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	for i := range 20 {
		b.write(filepath.Join(dir, fmt.Sprintf("f%02d.txt", i)), numbered(6000, "a line %d of some text"))
	}
	id := b.all(dir, "large")
	next := b.commit(dir, "a", "two\n")
	commits := b.mine(dir)
	agree(t, dir, commits[next])
	c, read := commits[id], 0
	if c.Skipped != "diff over 2 MB" || len(c.Changes) != 20 {
		t.Fatalf("skipped %q, %d changes", c.Skipped, len(c.Changes))
	}
	for _, ch := range c.Changes {
		if len(ch.Hunks) != 1 || ch.Hunks[0].NewLines != 6000 || ch.Hunks[0].NewStart != 1 {
			t.Errorf("%s: hunks %d", ch.Path, len(ch.Hunks))
		}
		switch n := len(ch.Hunks[0].Added); {
		case n == 6000 && ch.Skipped == "":
			read++
		case n != 0 || ch.Skipped != c.Skipped:
			t.Errorf("%s: %d hashes, skipped %q", ch.Path, n, ch.Skipped)
		}
	}
	if read < 10 || read > 15 { // of 150 KB each
		t.Errorf("%d files were read whole", read)
	}
}

func TestManyFilesKeepTheirNames(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	for i := range 600 {
		b.write(filepath.Join(dir, fmt.Sprintf("f%03d.go", i)), fmt.Sprintf("package f\n\nconst n%d = 0\n", i))
	}
	id := b.all(dir, "many")
	next := b.commit(dir, "a", "two\n")
	commits := b.mine(dir)
	agree(t, dir, commits[next])
	c := commits[id]
	if c.Skipped != "more than 500 files" || len(c.Changes) != 600 {
		t.Fatalf("skipped %q, %d changes", c.Skipped, len(c.Changes))
	}
	for i, ch := range c.Changes {
		if ch.Lazy {
			t.Errorf("%s: there is nothing to compare it with", ch.Path)
		}
		if whole := ch.Skipped == "" && len(ch.Hunks) == 1; string(ch.Path) != fmt.Sprintf("f%03d.go", i) || whole != (i < 500) {
			t.Fatalf("%d: %s, skipped %q, %d hunks", i, ch.Path, ch.Skipped, len(ch.Hunks))
		}
	}
}

func TestHugeLineIsANameOnly(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	b.write(filepath.Join(dir, "huge.txt"), strings.Repeat("x y ", 5<<20))
	b.write(filepath.Join(dir, "long.txt"), strings.Repeat("z ", 100<<10)+"\nshort\n") // under the limit of git
	id := b.all(dir, "huge")
	b.write(filepath.Join(dir, "huge.txt"), strings.Repeat("x z ", 5<<20))
	edit := b.all(dir, "edit")
	next := b.commit(dir, "a", "two\n")
	b.do(dir, "gc", "-q") // mined from a pack, as most histories are
	commits := b.mine(dir)
	agree(t, dir, commits[next])
	for _, id := range []string{id, edit} {
		if ch := change(t, commits[id], "huge.txt"); ch.Class != memory.ClassBinary || len(ch.Hunks) > 0 {
			t.Errorf("class %s, %d hunks", ch.Class, len(ch.Hunks))
		}
	}
	long := change(t, commits[id], "long.txt")
	if len(long.Hunks) != 1 || long.Hunks[0].Added[0] != LineHash([]byte(strings.Repeat("z ", 100<<10))) || len(long.Hunks[0].Added) != 2 {
		t.Errorf("%+v", long.Hunks)
	}
	if runtime.GOOS == "linux" {
		var use syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
			t.Fatal(err)
		}
		if use.Maxrss > 300<<10 {
			t.Errorf("this process took %d KB", use.Maxrss)
		}
	}
}

// TestMiningRunsNothingOfTheRepository mines a repository whose configuration
// and attributes name programs, with a git that would run them.
func TestMiningRunsNothingOfTheRepository(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	marks, canary := filepath.Join(b.dir, "marks"), filepath.Join(b.dir, "canary")
	b.write(filepath.Join(dir, ".gitattributes"), "* diff=evil filter=evil\n*.go -diff\n")
	b.write(filepath.Join(dir, "x.go"), "package x\n")
	b.all(dir, "attributes")
	id := b.commit(dir, "x.go", "package x\n\nvar y int\n")
	b.write(canary, "#!/bin/sh\necho \"$0 $*\" >>'"+marks+"'\ncat \"$@\" 2>/dev/null\n")
	if err := os.Chmod(canary, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.smudge", "filter.evil.clean", "core.fsmonitor",
		"core.pager", "pager.diff-tree", "core.alternateRefsCommand", "gpg.program", "core.sshCommand", "core.hooksPath",
	} {
		b.do(dir, "config", key, canary)
	}
	b.do(dir, "config", "diff.noprefix", "true")
	b.do(dir, "config", "diff.renames", "false")
	b.do(dir, "config", "color.ui", "always")
	b.do(dir, "config", "log.showSignature", "true")
	b.do(dir, "config", "core.quotePath", "false")
	b.do(dir, "config", "core.bigFileThreshold", "1")
	b.do(dir, "config", "i18n.logOutputEncoding", "UTF-16")
	b.do(dir, "config", "log.diffMerges", "separate")

	// The canary lives: without our environment git starts it.
	b.do(dir, "diff-tree", "--ext-diff", "-p", "HEAD")
	if err := os.Remove(marks); err != nil {
		t.Fatalf("the canary doesn't work: %v", err)
	}
	before := b.do(dir, "count-objects", "-v")
	c := b.mine(dir)[id]
	if text, err := os.ReadFile(marks); err == nil {
		t.Errorf("mining ran %s", text)
	}
	if h := change(t, c, "x.go").Hunks; len(h) != 1 || h[0].NewStart != 2 || h[0].NewLines != 2 {
		t.Errorf("hunks %+v", h)
	}
	if after := b.do(dir, "count-objects", "-v"); after != before {
		t.Errorf("objects: %s, before %s", after, before)
	}
}
