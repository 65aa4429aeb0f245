package main

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/memd-dev/memd/memory"
)

func TestRecallAsksWhatTheFlagsSay(t *testing.T) {
	f := &fake{top: t.TempDir(), recall: sampleRecall()}
	sub := filepath.Join(f.top, "net")
	if err := os.MkdirAll(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(sub, "retry.go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	r := memdIn(t, sub, f, "recall", "why", "do we", "retry", "--path", "retry.go", "--path", "*.md", "--path", "gone.go",
		"--symbol", "Backoff", "--since", "3w", "--until", "2026-03-01", "--author", "jane", "--at", "v1", "--limit", "3", "--full")
	want := memory.RecallQuery{
		Text: "why do we retry", Paths: []string{"net/retry.go", "*.md", "net/gone.go"}, Symbol: "Backoff",
		Since: testNow.AddDate(0, 0, -21).Unix(), Until: day("2026-03-02") - 1,
		Author: "jane", At: "v1", Limit: 3, Full: true,
	}
	if r.status != 0 || !reflect.DeepEqual(f.asked, want) {
		t.Errorf("got %d %s and\n%+v, want\n%+v", r.status, r.err, f.asked, want)
	}
	if f.request.Enrol != EnrolImplicit || f.request.Dir != sub {
		t.Errorf("opened with %+v", f.request)
	}
}

func TestRecallWithoutHits(t *testing.T) {
	none := func() *memory.Recall {
		return &memory.Recall{Answer: whole, Commits: []memory.CommitHit{}, Files: []memory.FileHit{}, Symbols: []memory.SymbolHit{}}
	}
	known := none()
	known.Understood.Terms = []string{"retry"}
	unborn := none()
	unborn.Answer = memory.Answer{}
	unknown := none()
	unknown.Understood.Unknown = []string{"frobnicate"}
	partial := none()
	partial.Mined, partial.Understood.Terms = 1000, []string{"retry"}
	places := none()
	places.Files = sampleRecall().Files
	places.Understood.Terms = []string{"retry"}
	for _, tt := range []struct {
		name   string
		answer *memory.Recall
		flags  []string
		stderr string
	}{
		{"no hit", known, nil, "memd: nothing found\nhint: try fewer or other words\n"},
		{"only stop words", none(), nil, "memd: none of these words is searched for\nhint: name what it is about\n"},
		{"no commits", unborn, nil, "memd: there are no commits here yet\nhint: make the first commit, then ask again\n"},
		{"unknown words", unknown, nil, "memd: nothing found\nhint: no commit has frobnicate; try other words\n"},
		{"filtered", none(), []string{"--author", "x"}, "memd: nothing found\nhint: ask without --path, --symbol, --author, --since and --until\n"},
		{"files without a commit", places, nil, "memd: nothing found\nhint: try fewer or other words\n"},
		{
			"partly mined", partial, []string{"-q"},
			"memd: nothing found\nhint: only 1,000 of 60,749 commits are mined; memd init mines the rest\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := memd(t, &fake{recall: tt.answer}, append([]string{"recall", "x"}, tt.flags...)...)
			if r.status != exitNothing || r.out != "" || r.err != tt.stderr {
				t.Errorf("got %+v, want 3 and %q", r, tt.stderr)
			}
		})
	}

	r := memd(t, &fake{recall: none()}, "recall", "x", "--json")
	if r.status != exitNothing || !strings.Contains(r.out, `"commits":[]`) {
		t.Errorf("with --json got %+v", r)
	}
}

// TestHashAlone asks for a commit by its name, which is no question about
// files and symbols.
func TestHashAlone(t *testing.T) {
	answer := sampleRecall()
	answer.Understood = memory.Understood{Terms: []string{}, Hashes: []string{"4be36641c", "c0ffee112"}}
	for question, places := range map[string]bool{"4be36641c": false, "4be36641c, c0ffee112?": false, "why 4be36641c": true} {
		r := memd(t, &fake{recall: answer}, "recall", question)
		if r.status != 0 || strings.Contains(r.out, "Files") != places || strings.Contains(r.out, "Symbols") != places {
			t.Errorf("recall %q gives %+v, want places: %t", question, r, places)
		}
	}
}

// TestUnborn asks in a repository without a commit.
func TestUnborn(t *testing.T) {
	const want = "memd: there are no commits here yet\nhint: make the first commit, then ask again\n"
	f := &fake{fresh: true, mined: &memory.Mined{}, status: &memory.Status{}}
	for _, verb := range []string{"recall", "why"} {
		if r := memd(t, f, verb, "x", "-q"); r.status != exitNothing || r.err != want || r.out != "" {
			t.Errorf("%s: got %+v, want 3 and %q", verb, r, want)
		}
	}
	old := &fake{why: &memory.Why{Path: "x", Quality: "exact"}}
	if r := memd(t, old, "why", "x"); r.status != exitNothing || r.err != want || r.out != "" {
		t.Errorf("got %+v, want 3 and %q", r, want)
	}
	if r := memd(t, f, "init"); r.status != 0 || r.out != "There are no commits here yet.\n" || r.err != "" {
		t.Errorf("init: got %+v", r)
	}
	if r := memd(t, f, "init", "-q"); r.status != 0 || r.out+r.err != "" {
		t.Errorf("init -q: got %+v", r)
	}
}

// TestFirstQuestion is a person's first question in a fresh repository.
func TestFirstQuestion(t *testing.T) {
	answer := sampleRecall()
	answer.Mined = 1000
	for _, verb := range []string{"recall", "why"} {
		f := &fake{fresh: true, recall: answer, why: &memory.Why{Answer: answer.Answer, Path: "x", Quality: "exact"}, mined: sampleMined()}
		r := memd(t, f, verb, "x")
		const want = "memd: this repository is new to memd: mining its newest 1,000 commits first\n" +
			"memd: mined 1,000 of 60,749 commits; memd init mines the rest\n"
		if r.status != 0 || r.err != want || r.out == "" {
			t.Errorf("%s: got %+v, want %q", verb, r, want)
		}
		if !reflect.DeepEqual(f.mines, []memory.MineQuery{{Newest: 1000}}) {
			t.Errorf("%s: mined %+v", verb, f.mines)
		}
		if r := memd(t, f, verb, "x", "-q"); r.err != "" {
			t.Errorf("%s -q: got %q on standard error", verb, r.err)
		}
	}
}

func TestCaveats(t *testing.T) {
	answer := sampleRecall()
	answer.Behind = 3
	if r := memd(t, &fake{recall: answer}, "recall", "x"); r.err != "memd: 3 commits behind HEAD\n" {
		t.Errorf("got %q", r.err)
	}
}

func TestVimgrep(t *testing.T) {
	f := &fake{top: realTemp(t), recall: sampleRecall(), why: sampleWhy()}
	sub := filepath.Join(f.top, "docs")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	story := sampleWhy()
	story.Lines = nil
	for _, tt := range []struct {
		args []string
		why  *memory.Why
		want string
	}{
		{[]string{"recall", "x", "--vimgrep"}, nil, "../net/retry.go:1:1:4be36641c net: retry seven times before the request fails\n" +
			"network.md:1:1:4be36641c net: retry seven times before the request fails\n"},
		{[]string{"why", "x:40-52", "--vimgrep"}, sampleWhy(), "../net/retry.go:40:1:4be36641c net: retry seven times before the request fails\n" +
			"../net/retry.go:44:1:not committed yet\n" +
			"../net/retry.go:45:1:c0ffee112 ネットワーク: 再試行を追加\n" +
			"../net/retry.go:53:1:5ca1ab1e0\n" +
			"../net/retry.go:54:1:ba5eba110 net: dial with a deadline" + strings.Repeat(" * and look the name up anew", 3) + " * and loo…\n"},
		{[]string{"why", "x", "--vimgrep"}, story, "../net/retry.go:1:1:4be36641c changed, later reverted by 9a1b2c3de0: net: retry seven times before the request fails\n" +
			"../net/retry.go:1:1:9a1b2c3de renamed from net/http/retry.go: net: leave http to its own package\n" +
			"../net/retry.go:1:1:c0ffee112 introduced: ネットワーク: 再試行を追加\n"},
	} {
		f.why = tt.why
		if r := memdIn(t, sub, f, tt.args...); r.out != tt.want || r.status != 0 {
			t.Errorf("memd %q gives %d %q and\n%s\nwant\n%s", tt.args, r.status, r.err, r.out, tt.want)
		}
	}
}

func TestInitInterrupted(t *testing.T) {
	f := &fake{top: t.TempDir(), steps: []memory.Progress{
		{Mined: 3000, Total: 60749, Rate: 3000, Elapsed: 1},
		{Mined: 15000, Total: 60749, Rate: 3100, Elapsed: 5},
		{Mined: 16000, Total: 60749, Rate: 3100, Elapsed: 5.4},
	}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		args   []string
		stderr string
	}{
		{[]string{"init"}, "memd: mined 15,000 of 60,749 commits (3,100/s, 15 s left)\n" +
			"memd: interrupted at 16,000 of 60,749; run memd init again to go on\n"},
		{[]string{"init", "-q"}, "memd: interrupted at 16,000 of 60,749; run memd init again to go on\n"},
		{[]string{"doctor", "--rebuild", "-q"}, "memd: interrupted at 16,000 of 60,749; run memd doctor --rebuild again to go on\n"},
	} {
		e, out, errs := testEnv(f.top, f)
		if got := run(ctx, e, tt.args); got != exitInterrupted || errs.String() != tt.stderr || out.Len() > 0 {
			t.Errorf("memd %q gives %d, %q and %q, want 130 and %q", tt.args, got, out, errs, tt.stderr)
		}
	}
}

func TestInitEnrolsForAnyCaller(t *testing.T) {
	f := &fake{mined: sampleMined(), status: sampleStatus()}
	r := memd(t, f, "init", "--newest", "5000")
	if r.status != 0 || f.requests[0].Enrol != EnrolExplicit || f.requests[0].Again || len(f.mines) != 1 || f.mines[0].Newest != 5000 {
		t.Errorf("got %+v, opened with %+v, mined %+v", r, f.requests, f.mines)
	}
	if f.closed != 2 || len(f.requests) != 2 || f.requests[1].Enrol != EnrolNever {
		t.Errorf("closed %d times, opened with %+v: the size is that of a closed index", f.closed, f.requests)
	}
	if r := memd(t, f, "init", "-q"); r.out+r.err != "" {
		t.Errorf("-q prints %q", r.out+r.err)
	}
	f.requests = nil
	if r := memd(t, f, "init", "--again"); r.status != 0 || !f.requests[0].Again || f.requests[1].Again {
		t.Errorf("--again gives %+v, opened with %+v", r, f.requests)
	}
}

func TestDoctor(t *testing.T) {
	good := Check{Name: "git", OK: true, Detail: "2.39.5"}
	bad := Check{Name: "index", Detail: "index is damaged", Hint: "run memd doctor --rebuild"}
	for _, tt := range []struct {
		checks []Check
		open   error
		status int
		out    string
		err    string
	}{
		{[]Check{good}, nil, 0, "ok     git  2.39.5\n", ""},
		{
			[]Check{good, bad}, nil, 1,
			"ok     git    2.39.5\nwrong  index  index is damaged\n              hint: run memd doctor --rebuild\n", "memd: one check failed\n",
		},
		{nil, memory.ErrCorrupt, 1, "wrong  memory  index is damaged\n               hint: run memd doctor --rebuild\n", "memd: one check failed\n"},
		{nil, memory.ErrNotEnrolled, 4, "", "memd: not enrolled\nhint: run memd init here\n"},
	} {
		f := &fake{checks: tt.checks}
		e, out, errs := testEnv(t.TempDir(), f)
		e.open = func(_ context.Context, r OpenRequest) (Opened, error) {
			if r.Enrol != EnrolNever {
				t.Errorf("doctor enrols")
			}
			return f, tt.open
		}
		if got := run(t.Context(), e, []string{"doctor"}); got != tt.status || out.String() != tt.out || errs.String() != tt.err {
			t.Errorf("got %d\n%s%s\nwant %d\n%s%s", got, out, errs, tt.status, tt.out, tt.err)
		}
	}
}

func TestProgressOnATerminal(t *testing.T) {
	var b strings.Builder
	width := 80
	p := &progress{w: &b, screen: func() int { return width }, utf8: true}
	for _, s := range []struct {
		width int
		now   memory.Progress
	}{
		{80, memory.Progress{Mined: 100, Total: 60749, Elapsed: .05}}, // too early
		{80, memory.Progress{Mined: 400, Total: 60749, Elapsed: .2}},
		{80, memory.Progress{Mined: 12000, Total: 60749, Rate: 3100, Elapsed: 4}},
		{80, memory.Progress{Mined: 12010, Total: 60749, Rate: 3100, Elapsed: 4.01}}, // too soon
		{120, memory.Progress{Mined: 50000, Total: 60749, Rate: 3100, Elapsed: 16}},
		{40, memory.Progress{Mined: 60000, Total: 60749, Rate: 3100, Elapsed: 19}},
		{12, memory.Progress{Mined: 60749, Total: 60749, Rate: 3100, Elapsed: 20}},
	} {
		width = s.width
		p.report(s.now)
	}
	p.done()
	p.done()
	got := strings.ReplaceAll(strings.ReplaceAll(b.String(), "\x1b[K", "\n"), "\r", "")
	golden(t, "progress.txt", got)

	p = &progress{w: &b, newest: 1000}
	p.last = memory.Progress{Mined: 500, Total: 60749, Rate: 100}
	if got := strings.Join(p.speed(), ", "); got != "100/s, 5 s left" {
		t.Errorf("with --newest 1000 got %q", got)
	}
}

// TestHelp keeps the help screens, and checks that each verb's help has what
// people look for.
func TestHelp(t *testing.T) {
	f := &fake{}
	for name, args := range map[string][]string{
		"help": {}, "help-all": {"help", "all"}, "help-recall": {"help", "recall"}, "help-why": {"why", "--help"}, "help-init": {"init", "-h"},
		"help-status": {"help", "status"}, "help-doctor": {"help", "doctor"},
	} {
		r := memd(t, f, args...)
		if r.status != 0 || r.err != "" {
			t.Errorf("memd %q gives %d and %q", args, r.status, r.err)
		}
		golden(t, name+".txt", r.out)
	}
	e, _, _ := testEnv("/", f)
	root := newRoot(e)
	if got, want := len(verbs(root)), len(root.Commands()); got != want {
		t.Errorf("the help shows %d of %d verbs", got, want)
	}
	for _, c := range verbs(root) {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") || columns(c.Short) > helpWidth-14 {
			t.Errorf("memd %s: no good line for the first screen: %q", c.Name(), c.Short)
		}
		if n := strings.Count(c.Example, "\n") + 1; n < 2 || n > 3 {
			t.Errorf("memd %s has %d examples", c.Name(), n)
		}
		if !strings.HasSuffix(c.Long, ".") {
			t.Errorf("memd %s: no sentence: %q", c.Name(), c.Long)
		}
	}
}

// TestHelpExamplesParse takes every example of the help as far as the verb.
func TestHelpExamplesParse(t *testing.T) {
	e, _, _ := testEnv("/", &fake{})
	for _, c := range verbs(newRoot(e)) {
		for line := range strings.Lines(c.Example) {
			for _, words := range commands(t, line) {
				if words[0] != "memd" {
					continue
				}
				root := newRoot(e)
				found, args, err := root.Find(words[1:])
				if err != nil || found == root {
					t.Errorf("%q: no such verb: %v", line, err)
					continue
				}
				ran := false
				found.RunE = func(*cobra.Command, []string) error { ran = true; return nil }
				root.SetArgs(words[1:])
				if err := root.Execute(); err != nil || !ran {
					t.Errorf("%q: %v (arguments %q)", line, err, args)
				}
			}
		}
	}
}

// TestCompletion completes as a shell does. 4 is cobra's "no files", 0 its
// "files, if nothing else".
func TestCompletion(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string // a part of the answer
	}{
		{[]string{"rec"}, "recall\task what history knows, in plain words\n"},
		{[]string{"help", ""}, "all\ninit\t"},
		{[]string{"completion", ""}, "bash\nzsh\nfish\npowershell\n"},
		{[]string{"recall", ""}, ":4\n"},
		{[]string{"recall", "--path", ""}, ":0\n"},
		{[]string{"recall", "--symbol", ""}, ":4\n"},
		{[]string{"recall", "--since", ""}, ":4\n"},
		{[]string{"recall", "--until", ""}, ":4\n"},
		{[]string{"recall", "--author", ""}, ":4\n"},
		{[]string{"recall", "--at", ""}, ":4\n"},
		{[]string{"recall", "--limit", ""}, ":4\n"},
		{[]string{"why", ""}, ":0\n"},
		{[]string{"why", "--at", ""}, ":4\n"},
		{[]string{"why", "--limit", ""}, ":4\n"},
	} {
		r := memd(t, &fake{}, append([]string{"__complete"}, tt.args...)...)
		if r.status != 0 || !strings.Contains(r.out, tt.want) {
			t.Errorf("completing %q gives %d and\n%s\nwant %q", tt.args, r.status, r.out, tt.want)
		}
	}
}

// commands splits a line of shell into its commands without redirections: as
// much of shell as the help uses.
func commands(t *testing.T, line string) [][]string {
	t.Helper()
	line, _, _ = strings.Cut(line, " # ")
	if inner, ok := strings.CutPrefix(strings.TrimSpace(line), "source <("); ok {
		line = strings.TrimSuffix(inner, ")")
	}
	var all [][]string
	var words []string
	quote := rune(0)
	word, in := "", false
	end := func() {
		if in {
			words = append(words, word)
			word, in = "", false
		}
	}
	for _, r := range line + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word += string(r)
		case r == '"' || r == '\'':
			quote, in = r, true
		case r == ' ' || r == '\n':
			end()
		default:
			word, in = word+string(r), true
		}
	}
	if quote != 0 {
		t.Fatalf("%q: an open quotation mark", line)
	}
	var current []string
	skip := false
	for _, w := range append(words, "|") {
		switch {
		case w == "|" || w == "&&":
			all, current, skip = append(all, current), nil, false
		case w == ">":
			skip = true
		case !skip:
			current = append(current, w)
		}
	}
	return all
}

// realTemp gives a temporary directory by its real path.
func realTemp(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
