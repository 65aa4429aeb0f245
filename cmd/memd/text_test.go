package main

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/memd-dev/memd/memory"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file of testdata/golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update to accept):\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}

// TestPages lays every answer out for the widths that people have.
func TestPages(t *testing.T) {
	partial := sampleStatus()
	partial.Mined, partial.Behind, partial.Shallow, partial.ReadOnly = 1000, 3, true, true
	partial.Branch, partial.DefaultBranch = "topic/retry", "refs/remotes/origin/main"
	partial.Worktrees = append(partial.Worktrees, "/home/jane/src/kit-topic")
	partial.Wrong = []string{"the index was written by a newer memd"}
	full := sampleRecall()
	full.Commits = full.Commits[:1]
	full.Commits[0].Body = "The registry's load balancer drains for about a minute on each deployment, and six retries " +
		"with our back-off end after 55 seconds.\n\n    retry: 6 -> 7\n\nFixes: #812"
	lines := sampleWhy()
	story := sampleWhy()
	story.Lines, story.Symbol, story.Quality, story.Note = nil, "Backoff", memory.QualityProbable, "no reason recorded"
	first := sampleMined()
	first.New, first.Mined, first.Shallow = 1000, 1000, true
	long := sampleRecall()
	long.Commits = long.Commits[:1]
	long.Commits[0].Subject = "net: " + strings.Repeat("retry seven times before the request fails * ", 6)
	long.Files = append(long.Files, memory.FileHit{
		Path: "services/registry/internal/transport/http/retry/backoff_exponential_with_jitter.go",
		Why:  "changed by 4be36641c, 9a1b2c3de, c0ffee112; its name matches",
	})
	long.Symbols = append(long.Symbols, memory.SymbolHit{
		Name: "ExponentialBackoffWithJitter.nextAfterRefusal", Path: "services/registry/internal/transport/http/retry/backoff.go",
		Why: "changed by 4be36641c", Commits: []string{"4be36641c"},
	})
	again := sampleMined()
	again.New = 0
	empty := &memory.Mined{}

	e, _, _ := testEnv("/", &fake{})
	for _, tt := range []struct {
		name string
		fill func(*page)
	}{
		{"recall", func(p *page) { e.fillRecall(p, sampleRecall(), false, false) }},
		{"recall-explain", func(p *page) { e.fillRecall(p, sampleRecall(), true, false) }},
		{"recall-full", func(p *page) { p.full = true; e.fillRecall(p, full, false, false) }},
		{"recall-long", func(p *page) { e.fillRecall(p, long, false, false) }},
		{"why-lines", func(p *page) { e.fillWhy(p, lines) }},
		{"why-symbol", func(p *page) { e.fillWhy(p, story) }},
		{"status", func(p *page) { p.status(e, sampleStatus()) }},
		{"status-partial", func(p *page) { p.status(e, partial) }},
		{"init", func(p *page) { p.mined(e, sampleMined(), sampleStatus()) }},
		{"init-newest", func(p *page) { p.mined(e, first, partial) }},
		{"init-again", func(p *page) { p.mined(e, again, sampleStatus()) }},
		{"init-empty", func(p *page) { p.mined(e, empty, sampleStatus()) }},
		{"doctor", func(p *page) {
			p.checks([]Check{
				{Name: "git", OK: true, Detail: "2.39.5"},
				{Name: "state directory", OK: true, Detail: "/home/jane/.local/state/memd, mode 0700"},
				{Name: "index", Detail: "index is damaged: row 12 of commits is missing from commits_by_time", Hint: "run memd doctor --rebuild"},
			})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var all strings.Builder
			for _, width := range []int{80, 100, 0} {
				p := &page{width: width, utf8: true}
				tt.fill(p)
				for l := range strings.Lines(p.String()) {
					if n := columns(strings.TrimSuffix(l, "\n")); width > 0 && n > width && strings.Contains(strings.TrimSpace(l), " ") {
						t.Errorf("a line takes %d of %d columns: %q", n, width, l)
					}
					if strings.HasSuffix(l, " \n") {
						t.Errorf("spaces at the end of %q", l)
					}
				}
				all.WriteString(map[int]string{80: "80 columns", 100: "100 columns", 0: "no terminal"}[width] + "\n\n" + p.String() + "\n")
			}
			p := &page{width: 80, utf8: true, colour: true}
			tt.fill(p)
			all.WriteString("colours\n\n" + strings.ReplaceAll(p.String(), "\x1b", "␛"))
			golden(t, tt.name+".txt", all.String())
		})
	}
}

// TestPagesKeepControlsOut fills every text of every answer with what could act
// on a terminal and looks for it in what is printed.
func TestPagesKeepControlsOut(t *testing.T) {
	const hostile = "a\x1b]0;owned\x07\x1b[2J\r\x08b\x9b31m\u009b\u202ec\x7fd\ne\tf"
	recall, why, status, mined := sampleRecall(), sampleWhy(), sampleStatus(), sampleMined()
	check := []Check{{Name: "x", Detail: "y", Hint: "z"}}
	for _, v := range []any{recall, why, status, mined, &check} {
		poison(reflect.ValueOf(v), hostile)
	}
	recall.Commits[0].Short, why.Story[0].Short = hostile, hostile

	f := &fake{recall: recall, why: why, status: status, mined: mined, checks: check, top: t.TempDir()}
	for _, args := range [][]string{
		{"recall", "x"}, {"recall", "x", "--explain"}, {"recall", "x", "--vimgrep"}, {"recall", "x", "--json"},
		{"why", "x"}, {"why", "x:1", "--vimgrep"}, {"why", "x", "--json"}, {"status"}, {"status", "--json"},
		{"init"}, {"init", "--json"}, {"doctor"}, {"doctor", "--json"},
		{"why", hostile + ":0"}, {hostile}, {"recall", "x", "--since", hostile}, {"-C", hostile, "status"}, {"status", hostile},
	} {
		r := memd(t, f, args...)
		for _, c := range r.out + r.err {
			if (unicode.IsControl(c) && c != '\n') || c == '\u202e' || c == unicode.ReplacementChar && strings.Contains(r.out, "\x9b") {
				t.Errorf("memd %q printed %U:\n%q", args, c, r.out+r.err)
				break
			}
		}
		if r.out+r.err == "" {
			t.Errorf("memd %q printed nothing", args)
		}
	}
}

// poison sets every string below v.
func poison(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer:
		poison(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			poison(v.Field(i), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), text)
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.Int && !v.IsNil() {
			v.SetMapIndex(reflect.ValueOf(text), reflect.ValueOf(1))
		}
	case reflect.String:
		v.SetString(text)
	}
}

func TestColumns(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "naïve": 5, "e\u0301": 1, "山田": 4, "한글": 4, "🚀": 2, "“x”": 3} {
		if got := columns(text); got != want {
			t.Errorf("columns(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestHuman(t *testing.T) {
	utf8, ascii := &page{utf8: true}, &page{}
	for _, tt := range []struct{ got, want string }{
		{thousands(0), "0"}, {thousands(999), "999"}, {thousands(1000), "1,000"}, {thousands(-1234567), "-1,234,567"}, {thousands(-123), "-123"},
		{count(1, "commit"), "1 commit"}, {count(0, "commit"), "0 commits"},
		{size(0), "0 bytes"}, {size(999), "999 bytes"}, {size(1500), "1.5 kB"}, {size(999_999), "1.0 MB"}, {size(212_400_000), "212 MB"},
		{seconds(.0124), "12 ms"}, {seconds(1.25), "1.2 s"}, {seconds(59), "59 s"}, {seconds(200), "3 min"}, {seconds(9000), "2 h"},
		{list([]string{"a", "b", "c"}, 2), "a, b +1 more"}, {list(nil, 2), ""},
		{utf8.shorten("Bartholomäus", 6), "Barth…"}, {utf8.shorten("Jane", 6), "Jane"}, {utf8.shorten("山田太郎", 6), "山田…"},
		{utf8.shorten("naïve x", 6), "naïve…"}, {ascii.shorten("Bartholomew", 6), "Bar..."},
		{ascii.subject(strings.Repeat("a", 121), 20), strings.Repeat("a", 117) + "..."}, {ascii.subject(strings.Repeat("a", 120), 20), strings.Repeat("a", 120)},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestSkips(t *testing.T) {
	for _, tt := range []struct {
		counts map[string]int
		want   []string
	}{
		{nil, nil},
		{map[string]int{"files: more than 500 files": 0}, nil},
		{map[string]int{"commits: missing object": 1}, []string{"1 commit without hunks: objects are missing"}},
		{
			map[string]int{"commits: missing object": 2, "files: missing object": 2451, "files: more than 500 files": 88},
			[]string{"2,451 files and 2 commits without hunks: objects are missing", "88 files in commits of more than 500 files"},
		},
		{
			map[string]int{"commits: more than 500 files": 3, "files: diff over 2 MB": 1, "commits: diff over 2 MB": 1, "files: more than 500 files": 88},
			[]string{"88 files in 3 commits of more than 500 files", "1 file in 1 commit with a diff over 2 MB"},
		},
		{map[string]int{"commits: more than 500 files": 3}, []string{"3 commits of more than 500 files"}},
		{map[string]int{"commits: git took too long": 1, "odd": 7}, []string{"7 files without hunks: odd", "1 commit without hunks: git took too long"}},
	} {
		if got := skips(tt.counts); !slices.Equal(got, tt.want) {
			t.Errorf("%v reads %q, want %q", tt.counts, got, tt.want)
		}
	}
}

func TestOtherDefault(t *testing.T) {
	for _, tt := range []struct{ branch, byDefault, want string }{
		{"main", "main", ""}, {"topic", "main", "main"}, {"topic", "refs/heads/main", "main"}, {"main", "", ""},
		{"main", "refs/remotes/origin/main", ""}, {"topic", "refs/remotes/origin/main", "origin/main"},
		{"main", "refs/remotes/origin/feature/main", "origin/feature/main"},
	} {
		if got := otherDefault(&memory.Status{Branch: tt.branch, DefaultBranch: tt.byDefault}); got != tt.want {
			t.Errorf("on %s with the default %s got %q, want %q", tt.branch, tt.byDefault, got, tt.want)
		}
	}
}

func TestMatched(t *testing.T) {
	why := []memory.Match{
		{Term: "PCRE2", Where: "message", Share: .3}, {Term: "PCRE2", Where: "message", Share: .2}, {Term: "support", Where: "message", Share: .2},
		{Term: "grep", Where: "path", Share: .15}, {Term: "Support", Where: "diff", Share: .1}, {Term: "grep", Where: "message", Share: .05},
	}
	if got, want := matched(why, false), "PCRE2, support in message; grep in path"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := matched(why, true), "PCRE2 50 %, support 20 %, grep 5 % in message; grep 15 % in path; Support 10 % in diff"; got != want {
		t.Errorf("with shares got %q, want %q", got, want)
	}
}

// TestUntold says what a story leaves out where it is left out.
func TestUntold(t *testing.T) {
	e, _, _ := testEnv("/", &fake{})
	for _, tt := range []struct {
		lines, events int
		want          []string // words that the lines of the story begin with
	}{
		{0, 3, []string{"changed", "renamed", "from", "… 58 more between; --limit 61 tells them", "introduced"}},
		{0, 1, []string{"… 58 newer; --limit 59 tells them", "introduced"}},
		{1, 3, []string{"changed", "renamed", "from", "introduced", "… 58 more; --limit 61 tells them"}},
	} {
		a := sampleWhy()
		a.Lines, a.Story, a.More = a.Lines[:tt.lines], a.Story[3-tt.events:], 58
		for i := range a.Story {
			a.Story[i].Reason, a.Story[i].Refs = "", nil
		}
		a.Story[0].What = strings.TrimSuffix(a.Story[0].What, ", later reverted by 9a1b2c3de0")
		p := &page{utf8: true}
		e.fillWhy(p, a)
		_, story, _ := strings.Cut(p.String(), "\n\n")
		if tt.lines > 0 {
			_, story, _ = strings.Cut(story, "\n\n")
		}
		got := strings.Split(strings.TrimSuffix(story, "\n"), "\n")
		ok := len(got) == len(tt.want)
		for i := range min(len(got), len(tt.want)) {
			ok = ok && strings.HasPrefix(strings.TrimSpace(got[i]), tt.want[i])
		}
		if !ok {
			t.Errorf("%d lines, %d events:\n%s\nwant lines that begin with %q", tt.lines, tt.events, story, tt.want)
		}
	}
}
