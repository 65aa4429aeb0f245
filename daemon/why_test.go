package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/memd-dev/memd/fixtures"
	"github.com/memd-dev/memd/memory"
)

// blamed gives the commit of each line of a file, as git blame has it.
func (s *stage) blamed(rev, path string) []string {
	s.Helper()
	var list []string
	for line := range strings.Lines(s.git("blame", "--porcelain", rev, "--", path)) {
		f := strings.Fields(line)
		if len(f) < 3 || len(f[0]) != 40 || strings.HasPrefix(line, "\t") || strings.Trim(f[0], "0123456789abcdef") != "" {
			continue
		}
		if n, err := strconv.Atoi(f[2]); err == nil && n == len(list)+1 {
			list = append(list, f[0])
		}
	}
	return list
}

// agreement is how many lines of a revision have the same commit in memory and
// in git blame.
type agreement struct {
	lines, same, exact int
	differ             []string
}

func (s *stage) agreement(d *Daemon, rev string) agreement {
	s.Helper()
	var a agreement
	for path := range strings.SplitSeq(strings.TrimSuffix(s.git("ls-tree", "-r", "-z", "--name-only", rev), "\x00"), "\x00") {
		text := s.git("cat-file", "blob", rev+":"+path)
		if text == "" || bytes.IndexByte([]byte(text), 0) >= 0 {
			continue
		}
		want := s.blamed(rev, path)
		got := make([]string, len(want))
		for first := 1; first <= len(want); first += maxWhyLines {
			w := s.why(d, memory.WhyQuery{Path: []byte(path), First: first, Last: min(first+maxWhyLines-1, len(want)), At: rev})
			for _, run := range w.Lines {
				for n := run.First; n <= run.Last; n++ {
					got[n-1] = run.ID
					if run.Quality == memory.QualityExact {
						a.exact++
					}
				}
			}
		}
		for i := range want {
			a.lines++
			if got[i] == want[i] {
				a.same++
			} else {
				a.differ = append(a.differ, fmt.Sprintf("%s:%d: memory %s, git %s", path, i+1, s.label(got[i]), s.label(want[i])))
			}
		}
	}
	return a
}

func (a agreement) String() string {
	return fmt.Sprintf("%d of %d lines (%.2f %%) as git blame has them, %d exact", a.same, a.lines, 100*float64(a.same)/float64(max(a.lines, 1)), a.exact)
}

// TestWhyAgreesWithBlame: each line of each file, at HEAD and at older
// revisions of the written histories.
func TestWhyAgreesWithBlame(t *testing.T) {
	for _, name := range []string{"linear", "merges", "shop"} {
		s := newStage(t, name)
		d := s.mined()
		revs := []string{"HEAD"}
		if name == "shop" {
			revs = append(revs, "release/1.x", s.ids["016"], s.ids["019"], s.ids["030"])
		}
		for _, rev := range revs {
			a := s.agreement(d, rev)
			t.Logf("%s at %s: %v", name, rev, a)
			if a.lines == 0 || a.same != a.lines {
				t.Errorf("%s at %s: %v\n%s", name, rev, a, strings.Join(a.differ, "\n"))
			}
			if a.exact < a.lines*9/10 {
				t.Errorf("%s at %s: only %v", name, rev, a)
			}
		}
	}
}

// TestWhyAgreesWithBlameOnAMadeUpHistory has merges, renames, reverts and
// re-indented files in numbers. A line that both sides of a merge made by
// themselves, and one among equal neighbours, may be given to another commit.
func TestWhyAgreesWithBlameOnAMadeUpHistory(t *testing.T) {
	s := generatedStage(t, fixtures.Synthetic{Seed: 11, Commits: 300, Files: 30, MergeEvery: 6, RenameEvery: 15, RevertEvery: 15, FormatEvery: 30})
	d := s.mined()
	if n := s.git("rev-list", "--merges", "--count", "HEAD"); n == "0" {
		t.Fatal("no merges: nothing is tested")
	}
	a := s.agreement(d, "HEAD")
	t.Logf("%v", a)
	for i, l := range a.differ {
		if i < 20 {
			t.Log(l)
		}
	}
	if a.lines < 500 || a.same*1000 < a.lines*990 {
		t.Errorf("%v, want 99 %%", a)
	}
}

func TestWhyOfUncommittedLines(t *testing.T) {
	s := newStage(t, "linear")
	d := s.mined()
	text, err := os.ReadFile(filepath.Join(s.dir, "greet.go"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	s.write("greet.go", "// New on top.\n"+lines[0]+"// and below\n"+strings.Join(lines[1:], ""))
	w := s.why(d, memory.WhyQuery{Path: []byte("greet.go"), First: 1, Last: 5})
	var got []string
	for _, l := range w.Lines {
		got = append(got, fmt.Sprintf("%d-%d %s %s %d", l.First, l.Last, s.label(l.ID), l.Quality, l.Line))
	}
	want := "1-1  uncommitted 0; 2-2 1 exact 1; 3-3  uncommitted 0; 4-4 1 exact 2; 5-5 2 exact 3"
	if strings.Join(got, "; ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), want)
	}
	// At a revision the file is as it is there.
	w = s.why(d, memory.WhyQuery{Path: []byte("greet.go"), First: 1, At: "HEAD"})
	if len(w.Lines) != 1 || s.label(w.Lines[0].ID) != "1" || w.Lines[0].Quality != memory.QualityExact {
		t.Errorf("at HEAD: got %+v", w.Lines)
	}
	if err := os.Remove(filepath.Join(s.dir, "greet.go")); err != nil {
		t.Fatal(err)
	}
	w = s.why(d, memory.WhyQuery{Path: []byte("greet.go"), First: 3})
	if s.label(w.Lines[0].ID) != "2" {
		t.Errorf("of a file that was taken out of the worktree: got %+v", w.Lines)
	}
}

// TestWhyGoesBehindFormatting: 022 re-indented the lines that 004 had set.
func TestWhyGoesBehindFormatting(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	short, err := d.db.Abbreviate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	line := s.lineOf("web/checkout.js", "button.disabled = true;")
	w := s.why(d, memory.WhyQuery{Path: []byte("web/checkout.js"), First: line})
	l := w.Lines[0]
	if s.label(l.ID) != "022" || l.Origin != short(s.ids["004"]) || l.Quality != memory.QualityExact {
		t.Errorf("got %s, origin %s, want 022 and 004 (%s)", s.label(l.ID), l.Origin, short(s.ids["004"]))
	}
	if got := s.story(w); got != "022 formatted; 004 set" {
		t.Errorf("story: got %s", got)
	}
	// A line that nobody touched since has no other origin.
	w = s.why(d, memory.WhyQuery{Path: []byte("web/checkout.js"), First: 1})
	if l := w.Lines[0]; s.label(l.ID) != "004" || l.Origin != "" {
		t.Errorf("line 1: got %s, origin %q", s.label(l.ID), l.Origin)
	}
}

// lineOf gives the number of the first line of a file that has a text.
func (s *stage) lineOf(name, text string) int {
	s.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		if strings.Contains(line, text) {
			return n
		}
	}
	s.Fatalf("%s has no line with %q", name, text)
	return 0
}

// TestWhyThroughARename: a line that was set before 017 renamed its file.
func TestWhyThroughARename(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	w := s.why(d, memory.WhyQuery{Path: []byte("payment/gateway.go"), First: s.lineOf("payment/gateway.go", "const maxTries")})
	l := w.Lines[0]
	if s.label(l.ID) != "006" || l.Path != "payment/client.go" || l.Quality != memory.QualityExact {
		t.Errorf("got %s in %s, %s", s.label(l.ID), l.Path, l.Quality)
	}
	if len(w.Story) == 0 || s.label(w.Story[0].ID) != "017" && s.label(w.Story[0].ID) != "006" || !strings.Contains(s.story(w), "006 set") || !strings.Contains(s.story(w), "003 ") {
		t.Errorf("story: %s", s.story(w))
	}
	for _, e := range w.Story {
		if s.label(e.ID) == "006" && (!strings.Contains(e.Reason, "because") && !strings.Contains(e.Reason, "therefore") || len(e.Refs) != 1 || e.Refs[0] != "#214") {
			t.Errorf("006 has the reason %q and refers to %v", e.Reason, e.Refs)
		}
	}
}

func TestWhyOfAFile(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	w := s.why(d, memory.WhyQuery{Path: []byte("payment/gateway.go")})
	var got []string
	for _, e := range w.Story {
		got = append(got, s.label(e.ID))
	}
	if want := "040 034 019 018 017 011 008 007 006 003 002"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if len(w.Names) != 1 || w.Names[0] != "payment/client.go" {
		t.Errorf("former names: %v", w.Names)
	}
	if !strings.Contains(s.story(w), "007 changed, later reverted by "+s.ids["011"][:10]) || !strings.Contains(s.story(w), "011 reverted") || !strings.Contains(s.story(w), "002 introduced") {
		t.Errorf("story: %s", s.story(w))
	}
	// With a limit the beginning stays.
	w = s.why(d, memory.WhyQuery{Path: []byte("payment/gateway.go"), Limit: 3})
	if got := s.story(w); !strings.HasPrefix(got, "040 ") || !strings.HasSuffix(got, "002 introduced") || len(w.Story) != 3 || w.More != 8 {
		t.Errorf("limit 3: %s and %d more", got, w.More)
	}
	// A file that git no longer has still has its story.
	w = s.why(d, memory.WhyQuery{Path: []byte("payment/client.go")})
	if !strings.Contains(s.story(w), "002 introduced") {
		t.Errorf("of a renamed file: %s", s.story(w))
	}
	for _, odd := range []string{"docs/caf\xe9.txt", "docs/contract\npage 2.txt"} {
		w = s.why(d, memory.WhyQuery{Path: []byte(odd)})
		if len(w.Story) != 1 || s.label(w.Story[0].ID) != "033" || w.PathB64 == "" || !utf8.ValidString(w.Path) || strings.Contains(w.Path, "\n") {
			t.Errorf("%q: story %s, path %q, raw %q", odd, s.story(w), w.Path, w.PathB64)
		}
		w = s.why(d, memory.WhyQuery{Path: []byte(odd), First: 1})
		if len(w.Lines) != 1 || s.label(w.Lines[0].ID) != "033" {
			t.Errorf("%q: line 1: %+v", odd, w.Lines)
		}
	}
}

func TestWhyOfASymbol(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	for _, tt := range []struct{ path, symbol, want string }{
		{"order/refund.go", "Refund", "037 changed; 013 changed; 012 changed; 008 introduced"},
		{"order/refund.go", "refundable", "037 introduced"},
		{"payment/gateway.go", "Client.retry", "040 changed; 019 changed; 018 changed; 003 introduced"},
		{"payment/gateway.go", "retry", "040 changed; 019 changed; 018 changed; 003 introduced"},
	} {
		w := s.why(d, memory.WhyQuery{Path: []byte(tt.path), Symbol: tt.symbol})
		if got := s.story(w); got != tt.want {
			t.Errorf("%s#%s: got %s, want %s", tt.path, tt.symbol, got, tt.want)
		}
	}
	// As of a revision only what came before.
	w := s.why(d, memory.WhyQuery{Path: []byte("order/refund.go"), Symbol: "Refund", At: s.ids["012"]})
	if got := s.story(w); got != "012 changed; 008 introduced" {
		t.Errorf("at 012: %s", got)
	}
}

func TestWhyOfWhatIsNotThere(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	for _, tt := range []struct {
		q    memory.WhyQuery
		want error
	}{
		{memory.WhyQuery{Path: []byte("nowhere.go")}, memory.ErrNotFound},
		{memory.WhyQuery{Path: []byte("nowhere.go"), First: 1}, memory.ErrNotFound},
		{memory.WhyQuery{Path: []byte("order/refund.go"), First: 4000}, memory.ErrNotFound},
		{memory.WhyQuery{Path: []byte("order/refund.go"), First: 1, Last: 900}, memory.ErrNotFound},
		{memory.WhyQuery{Path: []byte("order/refund.go"), Symbol: "Nobody"}, memory.ErrNotFound},
		{memory.WhyQuery{Path: []byte("payment/client.go"), First: 1}, memory.ErrNotFound},
		{memory.WhyQuery{Path: []byte("order/refund.go"), First: 1, At: s.ids["001"]}, memory.ErrNotFound},
		{memory.WhyQuery{}, memory.ErrInvalid},
	} {
		_, err := d.Why(t.Context(), s.envelope(), tt.q)
		if !errors.Is(err, tt.want) || hintOf(err) == "" {
			t.Errorf("%s:%d-%d#%s at %.7s: got %v with the hint %q, want %v", tt.q.Path, tt.q.First, tt.q.Last, tt.q.Symbol, tt.q.At, err, hintOf(err), tt.want)
		}
	}
	for _, q := range []memory.WhyQuery{
		{Path: []byte("order/refund.go"), First: -1}, {Path: []byte("order/refund.go"), First: 5, Last: 4},
		{Path: []byte("order/refund.go"), First: 1, Last: maxWhyLines + 1}, {Path: []byte("order/refund.go"), Limit: -1},
		{Path: []byte("order"), First: 1}, {Path: []byte("../order"), First: 1},
	} {
		if _, err := d.Why(t.Context(), s.envelope(), q); !errors.Is(err, memory.ErrInvalid) {
			t.Errorf("%s:%d-%d: got %v, want ErrInvalid", q.Path, q.First, q.Last, err)
		}
	}
	if _, err := d.Why(t.Context(), s.envelope(), memory.WhyQuery{Path: []byte("order/refund.go"), At: "v9"}); !errors.Is(err, memory.ErrNotFound) {
		t.Errorf("at v9: got %v, want ErrNotFound", err)
	}
}

// TestWhyAtARevisionThatIsNotListed: a branch of somebody else, on which a
// revert made the same content twice. Nothing of it is in the graph but what
// both histories share.
func TestWhyAtARevisionThatIsNotListed(t *testing.T) {
	s := newStage(t, "linear")
	first := "package a\n\nvar x = 1\n"
	s.commit("a.go", first, "a: begin")
	s.commit("a.go", strings.Replace(first, "1", "2", 1), "a: two")
	back := s.commit("a.go", first, "a: one again")
	s.git("checkout", "-q", "-b", "theirs")
	theirs := s.commit("b.go", "package a\n", "b: begin")
	s.git("update-ref", "refs/remotes/origin/theirs", "HEAD")
	s.git("checkout", "-q", "main")
	s.git("branch", "-q", "-D", "theirs")
	d := s.mined()
	w := s.why(d, memory.WhyQuery{Path: []byte("a.go"), First: 3, At: "origin/theirs"})
	if len(w.Lines) != 1 || w.Lines[0].ID != back || w.Behind != 1 || w.Revision != theirs {
		t.Errorf("got %+v, %d behind, want %s", w.Lines, w.Behind, back)
	}
	w = s.why(d, memory.WhyQuery{Path: []byte("b.go"), First: 1, At: "origin/theirs"})
	if len(w.Lines) != 1 || w.Lines[0].ID != theirs || w.Lines[0].Quality != memory.QualityProbable {
		t.Errorf("a line that only they have: got %+v, want %s from git blame", w.Lines, theirs)
	}
	a := s.recall(d, memory.RecallQuery{Text: "two", At: "origin/theirs"})
	if len(a.Commits) == 0 || a.Commits[0].Subject != "a: two" || a.Behind != 1 {
		t.Errorf("recall there: %+v", a)
	}
}
