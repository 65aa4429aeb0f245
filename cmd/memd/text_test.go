package main

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
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
	partial.Branch = "topic/retry"
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
	again := sampleMined()
	again.New = 0
	empty := &memory.Mined{}

	e, _, _ := testEnv("/", &fake{})
	for _, tt := range []struct {
		name string
		fill func(*page)
	}{
		{"recall", func(p *page) { e.fillRecall(p, sampleRecall(), false) }},
		{"recall-explain", func(p *page) { e.fillRecall(p, sampleRecall(), true) }},
		{"recall-full", func(p *page) { e.fillRecall(p, full, false) }},
		{"why-lines", func(p *page) { e.fillWhy(p, lines) }},
		{"why-symbol", func(p *page) { e.fillWhy(p, story) }},
		{"status", func(p *page) { p.status(e, sampleStatus()) }},
		{"status-partial", func(p *page) { p.status(e, partial) }},
		{"init", func(p *page) { p.mined(sampleMined(), sampleStatus()) }},
		{"init-newest", func(p *page) { p.mined(first, partial) }},
		{"init-again", func(p *page) { p.mined(again, sampleStatus()) }},
		{"init-empty", func(p *page) { p.mined(empty, sampleStatus()) }},
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
	for _, tt := range []struct{ got, want string }{
		{thousands(0), "0"}, {thousands(999), "999"}, {thousands(1000), "1,000"}, {thousands(-1234567), "-1,234,567"}, {thousands(-123), "-123"},
		{count(1, "commit"), "1 commit"}, {count(0, "commit"), "0 commits"},
		{size(0), "0 bytes"}, {size(999), "999 bytes"}, {size(1500), "1.5 kB"}, {size(999_999), "1.0 MB"}, {size(212_400_000), "212 MB"},
		{seconds(.0124), "12 ms"}, {seconds(1.25), "1.2 s"}, {seconds(59), "59 s"}, {seconds(200), "3 min"}, {seconds(9000), "2 h"},
		{tally(map[string]int{"a": 1, "c": 30, "b": 30}), "30 b, 30 c, 1 a"},
		{list([]string{"a", "b", "c"}, 2), "a, b +1 more"}, {list(nil, 2), ""},
		{shorten("Bartholomäus", 6), "Barth…"}, {shorten("Jane", 6), "Jane"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
