package gitwatch

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

// all commits everything in the worktree and gives the id.
func (b *box) all(dir, message string) string {
	b.Helper()
	b.clock++
	b.do(dir, "add", "-A")
	b.do(dir, "commit", "-q", "--allow-empty", "-m", message)
	return b.do(dir, "rev-parse", "HEAD")
}

func numbered(n int, format string) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, format+"\n", i)
	}
	return s.String()
}

// TestMineOddChanges makes one commit of each kind of change that git can
// print, in one history, and compares all of them with git.
func TestMineOddChanges(t *testing.T) {
	b := newBox(t)
	sub := b.init("sub")
	dir := b.init("r")
	at := func(name string) string { return filepath.Join(dir, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ids := map[string]string{}
	text := numbered(40, "line %d of a file")
	b.write(at("old.txt"), text)
	b.write(at("src.txt"), numbered(30, "source %d"))
	b.write(at("run.sh"), "#!/bin/sh\n")
	b.write(at("plain"), "points\nto\nsomething\n")
	ids["several"] = b.all(dir, "several")

	must(os.Rename(at("old.txt"), at("new name.txt")))
	b.write(at("new name.txt"), strings.Replace(text, "line 7 ", "another line ", 1))
	ids["rename with edit"] = b.all(dir, "rename with edit")
	must(os.Rename(at("new name.txt"), at("third.txt")))
	ids["rename"] = b.all(dir, "rename")
	b.write(at("src.txt"), numbered(30, "source %d")+"more\n")
	b.write(at("copy.txt"), numbered(30, "source %d"))
	ids["copy"] = b.all(dir, "copy")
	must(os.Chmod(at("run.sh"), 0o755))
	ids["mode"] = b.all(dir, "mode")
	must(os.Chmod(at("run.sh"), 0o644))
	b.write(at("run.sh"), "#!/bin/sh\ntrue\n")
	ids["mode with edit"] = b.all(dir, "mode with edit")
	must(os.Remove(at("plain")))
	must(os.Symlink("old place\n", at("plain")))
	ids["type to link"] = b.all(dir, "type to link")
	must(os.Remove(at("plain")))
	b.write(at("plain"), "a file again\n")
	b.write(at("zlast"), "behind a change of type\n")
	ids["type to file"] = b.all(dir, "type to file")
	b.do(dir, "submodule", "--quiet", "add", "./../sub", "module")
	ids["submodule"] = b.all(dir, "submodule")
	b.commit(sub, "a", "two\n")
	b.do(filepath.Join(dir, "module"), "pull", "-q")
	b.write(at("zlast"), "behind a submodule\n")
	ids["submodule moves"] = b.all(dir, "submodule moves")
	ids["nothing"] = b.all(dir, "nothing")
	b.write(at("noeol"), "a\nb")
	ids["no newline"] = b.all(dir, "no newline")
	b.write(at("noeol"), "a\nc")
	ids["no newline on both"] = b.all(dir, "no newline on both")
	b.write(at("noeol"), "a\nc\n")
	ids["newline comes"] = b.all(dir, "newline comes")
	b.write(at("noeol"), "")
	b.write(at("empty"), "")
	ids["empty files"] = b.all(dir, "empty files")
	b.write(at("crlf.txt"), "a\r\nb\r\n\r\n")
	b.write(at("cr.txt"), "a\rb\rc\r")
	ids["crlf"] = b.all(dir, "crlf")
	b.write(at("crlf.txt"), "a\nb\n\n")
	ids["crlf goes"] = b.all(dir, "crlf goes")
	b.write(at("nul.txt"), "a\x00b\n")
	ids["binary"] = b.all(dir, "binary")
	b.write(at("nul.txt"), "now text\n")
	ids["binary to text"] = b.all(dir, "binary to text")
	for _, name := range []string{" lead", "new\nline", "tab\tand \"quote\"", "back\\slash", "bad\xff\xfe", "b/ a", ":100644 x", "sp ace", "\x1b[31m"} {
		b.write(at(name), text+name+"\n")
	}
	ids["names"] = b.all(dir, "names")
	must(os.Mkdir(at("new\nline\nb"), 0o755))
	must(os.Rename(at("new\nline"), at("new\nline\nb/x")))
	b.write(at("new\nline\nb/x"), text+"edited\n")
	ids["rename of a name"] = b.all(dir, "rename of a name")
	must(os.Remove(at("src.txt")))
	ids["delete"] = b.all(dir, "delete")

	commits := b.mine(dir)
	for name, id := range ids {
		t.Run(name, func(t *testing.T) {
			clean(t, commits[id])
			agree(t, dir, commits[id])
		})
	}
	want := map[string]string{
		"several": "AAAA", "rename with edit": "R", "rename": "R", "copy": "CM", "mode": "M", "type to link": "T", "type to file": "TA",
		"submodule": "AA", "submodule moves": "MM", "nothing": "", "delete": "D", "rename of a name": "R", "binary": "A", "newline comes": "M",
	}
	for name, want := range want {
		got := ""
		for _, ch := range commits[ids[name]].Changes {
			got += string(ch.Status)
		}
		if got != want {
			t.Errorf("%s: changes %q, want %q", name, got, want)
		}
	}
	for name, path := range map[string]string{"type to link": "plain", "submodule": "module", "submodule moves": "module"} {
		if ch := change(t, commits[ids[name]], path); ch.Class != memory.ClassLink {
			t.Errorf("%s: class %s", name, ch.Class)
		}
	}
	if c := commits[ids["nothing"]]; c.PatchID != "" || c.Flags != 0 {
		t.Errorf("empty commit: patch id %q, flags %q", c.PatchID, c.Flags.Names())
	}
	if c := commits[ids["crlf goes"]]; c.Flags&memory.FlagFormatting == 0 {
		t.Error("a commit that only changes line ends is no formatting")
	}
}

// TestMineIsNotFooledByContent mines files that look like git's own output.
func TestMineIsNotFooledByContent(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	id := b.do(dir, "rev-parse", "HEAD")
	zero := strings.Repeat("0", 40)
	lines := []string{
		"diff --git a/x b/x", "index 1111111..2222222 100644", "--- a/x", "+++ b/x", "@@ -1 +1 @@", "@@ -1,3 +1,3 @@ func x() {",
		id, id + "\x01", `\ No newline at end of file`, ":100644 100644 " + zero + " " + zero + " M", ":" + "x", "- removed", "+ added",
		"-- a/x", "++ b/x", "Binary files a/x and b/x differ", "rename from x", "deleted file mode 100644", "old mode 100644", "",
		"-", "+", "\\", "\\ ", "commit " + id, "similarity index 100%",
	}
	random := rand.New(rand.NewPCG(1, 2))
	var ids []string
	for range 30 {
		for _, name := range []string{"x", "y.go", "z.md"} {
			random.Shuffle(len(lines), func(i, k int) { lines[i], lines[k] = lines[k], lines[i] })
			text := strings.Join(lines[:random.IntN(len(lines))], "\n")
			if random.IntN(2) == 0 {
				text += "\n"
			}
			b.write(filepath.Join(dir, name), text)
		}
		message := strings.Join(lines[:6], "\n")
		ids = append(ids, b.all(dir, "imitation\n\n"+strings.ReplaceAll(message, "\x01", "")))
	}
	commits := b.mine(dir)
	for _, id := range ids {
		agree(t, dir, commits[id])
	}
}

func TestPatchIDIsThatOfTheContent(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	file := filepath.Join(dir, "file.go")
	base := numbered(60, "line %d")
	b.write(file, base)
	b.all(dir, "base")
	edit := func(s string) string { return strings.Replace(s, "line 40\n", "line forty\nand more\n", 1) }

	b.do(dir, "checkout", "-q", "-b", "topic")
	b.write(file, edit(base))
	picked := b.all(dir, "the change")
	b.do(dir, "checkout", "-q", "main")
	b.write(file, "one above\ntwo above\n"+base)
	b.all(dir, "main goes on")
	b.do(dir, "cherry-pick", picked)
	again := b.do(dir, "rev-parse", "HEAD")
	b.do(dir, "commit", "-q", "--amend", "-m", "another message")
	amended := b.do(dir, "rev-parse", "HEAD")
	b.do(dir, "tag", "again", again)
	b.do(dir, "checkout", "-q", "-b", "other", "main~1")
	b.write(file, strings.Replace("one above\ntwo above\n"+base, "line 40\n", "line forty\nand less\n", 1))
	other := b.all(dir, "the change")
	b.do(dir, "checkout", "-q", "-b", "elsewhere", "main~1")
	b.do(dir, "mv", "file.go", "moved.go")
	b.all(dir, "move")
	b.write(filepath.Join(dir, "moved.go"), edit("one above\ntwo above\n"+base))
	elsewhere := b.all(dir, "the change")

	commits := b.mine(dir)
	patch := func(id string) string { return commits[id].PatchID }
	if p := patch(picked); len(p) != 32 || p != patch(again) || p != patch(amended) {
		t.Errorf("patch ids %q, %q, %q, want the same", p, patch(again), patch(amended))
	}
	for _, id := range []string{other, elsewhere} {
		if patch(id) == patch(picked) {
			t.Errorf("another change has the same patch id %s", patch(id))
		}
	}
	if h, k := commits[picked].Changes[0].Hunks[0], commits[again].Changes[0].Hunks[0]; h.NewStart == k.NewStart {
		t.Errorf("the line numbers are the same (%d): nothing is tested", h.NewStart)
	}
}

// TestPatchIDSeesWhatHasNoHunks compares commits that differ in a blob of a
// names-only path, or in a mode.
func TestPatchIDSeesWhatHasNoHunks(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	seen := map[string]string{}
	var ids []string
	for _, c := range []struct{ name, text string }{
		{"go.sum", "one\n"}, {"go.sum", "two\n"}, {"x", "a\x00b"}, {"x", "a\x00c"}, {"logo.png", "1"}, {"logo.png", "2"},
	} {
		b.write(filepath.Join(dir, c.name), c.text)
		ids = append(ids, b.all(dir, c.name+" "+c.text[:1]))
		b.do(dir, "checkout", "-q", "-b", fmt.Sprintf("b%d", len(ids)))
		b.do(dir, "reset", "-q", "--hard", "HEAD~1")
		b.do(dir, "tag", fmt.Sprintf("t%d", len(ids)), ids[len(ids)-1])
	}
	commits := b.mine(dir)
	for _, id := range ids {
		p := commits[id].PatchID
		if other := seen[p]; p == "" || other != "" {
			t.Errorf("%q has the patch id %q of %q", commits[id].Subject, p, other)
		}
		seen[p] = commits[id].Subject
	}
}

// A file that says that it is generated is a name only, also where it says so
// behind lines that were read already.
func TestGeneratedFileHasNoHunks(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	b.write(filepath.Join(dir, "gen.go"), "package x\n\n// This must stay because the parser needs it.\n\n// Code generated by x. DO NOT EDIT.\n"+numbered(20, "var v%d int"))
	id := b.all(dir, "generate")
	c := b.mine(dir)[id]
	agree(t, dir, c)
	if c.Changes[0].Class != memory.ClassGenerated {
		t.Errorf("class %s", c.Changes[0].Class)
	}
}

// A re-indentation that goes on with a real change behind the limit of what is
// read must not pass for formatting.
func TestFormattingIsNotGuessedBehindTheLimit(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	text := func(indent string) string { return numbered(5000, indent+"a line %d of text\nkept") }
	// The limit falls on a removed line or on an added one, by the length of
	// what stands before.
	const files = 12
	for pad := range 4 {
		write := func(indent string) {
			for i := range files {
				b.write(filepath.Join(dir, fmt.Sprintf("f%02d.txt", i)), text(indent))
			}
			b.write(filepath.Join(dir, "a"), indent+strings.Repeat("x", 1+10*pad)+"\n")
		}
		write("")
		b.all(dir, "base")
		write("  ")
		b.write(filepath.Join(dir, "f11.txt"), strings.ReplaceAll(text(""), "a line", "something else"))
		id := b.all(dir, "indent")
		if c := b.mine(dir)[id]; c.Skipped != skippedLarge || c.Flags&memory.FlagFormatting != 0 {
			t.Errorf("%d: skipped %q, flags %q", pad, c.Skipped, c.Flags.Names())
		}
	}
}

// TestBrokenCommitLeavesNothingToTheNext cuts a stream inside a comment and
// goes on with the stream of another child, as a worker does.
func TestBrokenCommitLeavesNothingToTheNext(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	b.write(filepath.Join(dir, "a.go"), "package x\n\n// It must be seven because the other side blocks the eighth.\nconst n = 7\n")
	first := b.all(dir, "first")
	b.write(filepath.Join(dir, "b.go"), "// short\npackage x\n")
	second := b.all(dir, "second")
	s := b.miner(dir).Shadow
	stream := func(id string) []byte {
		args := append(slices.Clone(patches.args), id)
		args = slices.DeleteFunc(args, func(a string) bool { return a == "--stdin" })
		out, err := s.Run(t.Context(), ChildOptions{}, args...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	p := newRecordReader(nil, testRedactor())
	whole := stream(first)
	cut := bytes.Index(whole, []byte("+const"))
	p.in = newScanner(bytes.NewReader(whole[:cut]))
	if c, err := p.next(); err != io.ErrUnexpectedEOF {
		t.Fatalf("got %+v, %v, want io.ErrUnexpectedEOF", c, err)
	}
	p.in = newScanner(bytes.NewReader(append(whole, stream(second)...)))
	if c, err := p.next(); err != nil || len(c.Changes[0].Reasons) != 1 {
		t.Fatalf("whole: %+v, %v", c, err)
	}
	p.in = newScanner(bytes.NewReader(whole[:cut]))
	if _, err := p.next(); err != io.ErrUnexpectedEOF {
		t.Fatal(err)
	}
	p.in = newScanner(bytes.NewReader(stream(second)))
	c, err := p.next()
	if err != nil || c.ID != second || len(c.Changes[0].Reasons) != 0 {
		t.Errorf("got %+v, %v, want no reasons", c, err)
	}
	if _, err := p.next(); err != io.EOF {
		t.Errorf("end: %v", err)
	}
}
