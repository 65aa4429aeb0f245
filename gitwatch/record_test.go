package gitwatch

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

// object stores a commit object as it is, whatever git thinks of it, on a
// branch of its own. It changes one file.
func (b *box) object(dir, head, message string) string {
	b.Helper()
	root := b.do(dir, "rev-parse", "HEAD")
	b.commit(dir, "a", "two\n")
	text := "tree " + b.do(dir, "rev-parse", "HEAD^{tree}") + "\nparent " + root + "\n" + head + "\n\n" + message
	id := b.in(dir, text, "hash-object", "-t", "commit", "-w", "--literally", "--stdin")
	b.do(dir, "update-ref", "refs/heads/"+id[:12], id)
	b.do(dir, "reset", "-q", "--hard", root)
	return id
}

const people = "author A <a@example.org> 1600000000 +0100\ncommitter C <c@example.org> 1600000001 +0100"

func TestMineOddMessages(t *testing.T) {
	long := strings.Repeat("word and word\n", 80_000)
	for name, c := range map[string]struct {
		head, message string
		subject, body string // body: its beginning
	}{
		"empty":        {people, "", "", ""},
		"newlines":     {people, "\n\n\n", "", ""},
		"no newline":   {people, "subject", "subject", ""},
		"control":      {people, "a \x1b[31mred\x1b[0m \x07bell\n\nb\x01\x02\x7f\n", "a [31mred[0m bell", "b"},
		"bidi":         {people, "a\u202eb\u200b\n", "ab", ""},
		"NUL":          {people, "before\x00after\n", "before", ""},
		"latin 1":      {people + "\nencoding ISO-8859-1", "caf\xe9\n\nna\xefve\n", "café", "naïve"},
		"bad utf-8":    {people, "caf\xe9\n", "caf\ufffd", ""},
		"bad encoding": {people + "\nencoding x-none", "caf\xe9\n", "caf\ufffd", ""},
		"long":         {people, "subject\n\n" + long, "subject", "word and word"},
		"long subject": {people, strings.Repeat("x", 1<<20), strings.Repeat("x", memory.MaxLine), "[…]"},
		"crlf":         {people, "subject\r\n\r\nbody\r\n", "subject", "body"},
		"imitation":    {people, "x\n\n:100644 100644 " + strings.Repeat("0", 40) + "\ndiff --git a/x b/x\n", "x", ":100644"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			dir := b.init("r")
			id := b.object(dir, c.head, c.message)
			got := b.mine(dir)[id]
			clean(t, got)
			agree(t, dir, got)
			if got.Subject != c.subject || !strings.HasPrefix(got.Body, c.body) || c.body == "" && got.Body != "" {
				t.Errorf("got %q %q, want %q %q", clip(got.Subject), clip(got.Body), clip(c.subject), c.body)
			}
			if name == "long" && (!strings.HasSuffix(got.Body, "[…]") || len(got.Body) < maxMessageBytes/2) {
				t.Errorf("%d bytes that end in %q", len(got.Body), got.Body[len(got.Body)-20:])
			}
		})
	}
}

// TestMessageAtItsLimitLeavesTheNextCommitWhole has messages that are a few
// bytes over the limit, where the mark of the cut would reach into what follows.
func TestMessageAtItsLimitLeavesTheNextCommitWhole(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	var ids []string
	for over := -8; over <= 8; over++ {
		head := "subject\n\n"
		ids = append(ids, b.object(dir, people, head+strings.Repeat("x y\n", maxMessageBytes/4)[:maxMessageBytes-len(head)+over-1]+"z"))
	}
	commits := b.mine(dir)
	for i, id := range ids {
		c := commits[id]
		agree(t, dir, c)
		if c.Subject != "subject" || c.Skipped != "" || len(c.Parents) != 1 {
			t.Errorf("message %d over its limit: %q, %q, parents %q", i-8, c.Subject, c.Skipped, c.Parents)
		}
		if cut := strings.HasSuffix(c.Body, "[…]"); cut != (i-8 > 0) {
			t.Errorf("message %d over its limit: cut is %v", i-8, cut)
		}
	}
}

func TestMineOddPeopleAndTimes(t *testing.T) {
	for name, c := range map[string]struct {
		author string
		want   memory.Person
		when   int64
	}{
		"empty name":       {"<a@example.org> 5 +0000", memory.Person{Email: "a@example.org"}, 5},
		"nothing":          {"<> 5 +0000", memory.Person{}, 5},
		"control":          {"A\x1b[2J\tB <a@\x07x> 5 +0000", memory.Person{Name: "A[2J B", Email: "a@x"}, 5},
		"bad utf-8":        {"Caf\xe9 <a@x> 5 +0000", memory.Person{Name: "Caf\ufffd", Email: "a@x"}, 5},
		"long":             {strings.Repeat("x", 5000) + " <a@x> 5 +0000", memory.Person{Name: strings.Repeat("x", maxPersonBytes), Email: "a@x"}, 5},
		"before 1970":      {"A <a@x> -5 +0000", memory.Person{Name: "A", Email: "a@x"}, 0},
		"absurd":           {"A <a@x> 99999999999999999999999 +0000", memory.Person{Name: "A", Email: "a@x"}, 0},
		"year 12000":       {"A <a@x> 316516000000 +0000", memory.Person{Name: "A", Email: "a@x"}, 0},
		"no number":        {"A <a@x> yesterday +0000", memory.Person{Name: "A", Email: "a@x"}, 0},
		"no time":          {"A <a@x>", memory.Person{Name: "A", Email: "a@x"}, 0},
		"zone of no world": {"A <a@x> 5 +9999", memory.Person{Name: "A", Email: "a@x"}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			dir := b.init("r")
			id := b.object(dir, "author "+c.author+"\ncommitter C <c@x> 7 +0000", "x\n")
			got := b.mine(dir)[id]
			clean(t, got)
			agree(t, dir, got)
			if got.Author != c.want || got.Authored != c.when || got.Committer.Name != "C" || got.Committed != 7 {
				t.Errorf("got %q at %d, want %q at %d", got.Author, got.Authored, c.want, c.when)
			}
		})
	}
}

// A secret of the shape of an access key. No half of it is a word elsewhere.
const (
	secretID    = "AK" + "IA" + "QWRTZXPLKMNVBGHJ"
	secretStart = "qwrtz"
)

func TestSecretsStayOutOfMemory(t *testing.T) {
	pad := func(n int) string { return strings.Repeat("some words to fill ", n/19+1)[:n-10] + " " }
	for name, c := range map[string]struct{ message, path, text string }{
		"subject":          {"use " + secretID + " now", "a.go", "package a\n"},
		"body":             {"x\n\nIt fails because " + secretID + " was revoked.\n", "a.go", "package a\n"},
		"trailer":          {"x\n\nDecision: keep " + secretID + " as it is, because it works\nFixes: " + secretID, "a.go", "package a\n"},
		"comment":          {"x", "a.go", "package a\n\n// The key must be " + secretID + " because the server has no other.\nvar x int\n"},
		"comment of two":   {"x", "a.go", "package a\n\n// The key must be so because\n// " + secretID + " has no other.\nvar x int\n"},
		"function":         {"x", "a.go", "package a\n\nfunc " + secretID + "() {\n\tcall()\n}\n"},
		"constant":         {"x", "a.go", "package a\n\nconst " + secretID + " = 1\n"},
		"method":           {"x", "a.py", "class A:\n    def " + secretID + "(self):\n        # This must stay because the server needs it.\n        pass\n"},
		"heading":          {"x", "a.md", "# Use " + secretID + " here\n\nText\n"},
		"string":           {"x", "a.go", "package a\n\nvar key = \"" + secretID + "\"\n"},
		"line's limit":     {"x", "a.go", "// " + pad(maxLineBytes) + secretID + "\n"},
		"line's limit + 5": {"x", "a.go", "// " + pad(maxLineBytes-5) + secretID + "\n"},
		"subject's limit":  {pad(memory.MaxLine) + secretID, "a.go", "package a\n"},
		"message's limit":  {"x\n\n" + strings.Repeat("some words\n", maxMessageBytes/11+1)[:maxMessageBytes-16] + " " + secretID + strings.Repeat("\nmore", 99), "a.go", "package a\n"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			dir := b.init("r")
			find := func(secret string) bool {
				b.write(filepath.Join(dir, c.path), strings.ReplaceAll(c.text, secretID, secret))
				b.all(dir, strings.ReplaceAll(c.message, secretID, secret))
				// A second hunk, whose header may name the first one's function.
				b.write(filepath.Join(dir, c.path), strings.ReplaceAll(c.text, secretID, secret)+"    \n\tlast()\n")
				b.all(dir, "second")
				found := false
				for _, commit := range b.mine(dir) {
					found = found || slices.ContainsFunc(texts(commit), func(s string) bool { return strings.Contains(strings.ToLower(s), secretStart) })
				}
				return found
			}
			if find(secretID) {
				t.Error("the secret is in memory")
			}
			if !strings.Contains(name, "limit") && !find("qwrtzxplkmn") {
				t.Error("what is no secret is not in memory: nothing is tested")
			}
		})
	}
}

// Text from files goes to people through symbols and reasons.
func TestSymbolsAndReasonsAreClean(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	odd := "\u202e\u200b\u009b31m\x7f\x1b[2J"
	b.write(filepath.Join(dir, "a.md"), "# A "+odd+"heading\n\nText\n")
	b.write(filepath.Join(dir, "a.go"), "package a\n\n// It must be "+odd+"seven because the other side "+odd+" blocks the eighth.\nconst n = 7\n")
	b.write(filepath.Join(dir, "b.go"), "package b\n\nfunc caf\xe9() {\n\t// It must be so because \xff the other side blocks it.\n}\n")
	id := b.all(dir, "odd")
	c := b.mine(dir)[id]
	clean(t, c)
	if r := change(t, c, "a.go").Reasons; len(r) != 1 || !strings.Contains(r[0].Text, "seven because") {
		t.Errorf("reasons %+v", r)
	}
	if h := change(t, c, "a.md").Hunks[0]; len(h.Symbols) != 1 || !strings.HasSuffix(h.Symbols[0], "heading") {
		t.Errorf("symbols %q", h.Symbols)
	}
}

func TestMergeOfManyParents(t *testing.T) {
	b := newBox(t)
	dir := b.init("r")
	root := b.do(dir, "rev-parse", "HEAD")
	tree := b.do(dir, "rev-parse", "HEAD^{tree}")
	var stream strings.Builder
	const n = 2000 // 80 KB of parents
	for i := range n {
		fmt.Fprintf(&stream, "commit refs/heads/p\nmark :%d\ncommitter C <c@x> %d +0000\ndata 1\nx\nfrom %s\n\n", i+1, i, root)
	}
	b.in(dir, stream.String(), "fast-import", "--quiet", "--force", "--export-marks="+filepath.Join(b.dir, "marks"))
	marks, err := os.ReadFile(filepath.Join(b.dir, "marks"))
	if err != nil {
		t.Fatal(err)
	}
	text := "tree " + tree + "\n"
	var parents []string
	for line := range strings.Lines(string(marks)) {
		if _, id, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			parents = append(parents, id)
		}
	}
	for _, p := range parents {
		text += "parent " + p + "\n"
	}
	id := b.in(dir, text+people+"\n\nmany\n", "hash-object", "-t", "commit", "-w", "--stdin")
	b.do(dir, "update-ref", "refs/heads/many", id)
	after := b.commit(dir, "a", "two\n")
	commits := b.mine(dir)
	if c := commits[id]; len(parents) != n || !slices.Equal(c.Parents, parents) || c.Subject != "many" || c.Skipped != "" {
		t.Errorf("got %d parents, %q, %q, want %d", len(c.Parents), c.Subject, c.Skipped, n)
	}
	agree(t, dir, commits[after])
}
