package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/memd-dev/memd/memory"
)

// fake is an open memory with canned answers that records what it was asked.
type fake struct {
	top    string
	fresh  bool // opening has just made it
	err    error
	recall *memory.Recall
	why    *memory.Why
	status *memory.Status
	mined  *memory.Mined
	checks []Check
	steps  []memory.Progress // reported by Mine and Rebuild

	requests []OpenRequest
	request  OpenRequest // the last one
	asked    memory.RecallQuery
	told     memory.WhyQuery
	mines    []memory.MineQuery
	closed   int
}

func (f *fake) Envelope() memory.Envelope {
	return memory.Envelope{Worktree: f.top, Client: "test/1", Actor: memory.ActorPerson}
}
func (f *fake) JustEnrolled() bool                      { return f.fresh }
func (f *fake) Close() error                            { f.closed++; return nil }
func (f *fake) Doctor(context.Context) ([]Check, error) { return f.checks, f.err }

func (f *fake) Recall(_ context.Context, _ memory.Envelope, q memory.RecallQuery) (*memory.Recall, error) {
	f.asked = q
	return f.recall, f.err
}

func (f *fake) Why(_ context.Context, _ memory.Envelope, q memory.WhyQuery) (*memory.Why, error) {
	f.told = q
	return f.why, f.err
}

func (f *fake) Status(context.Context, memory.Envelope) (*memory.Status, error) {
	return f.status, f.err
}

func (f *fake) Mine(ctx context.Context, _ memory.Envelope, q memory.MineQuery, progress func(memory.Progress)) (*memory.Mined, error) {
	f.mines = append(f.mines, q)
	for _, s := range f.steps {
		progress(s)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("mine: %w", err)
	}
	return f.mined, f.err
}

func (f *fake) Dump(_ context.Context, _ memory.Envelope, w io.Writer) error {
	if f.err != nil {
		return f.err
	}
	_, err := io.WriteString(w, `{"commit":"4be3664"}`+"\n")
	return err
}

func (f *fake) Rebuild(ctx context.Context, env memory.Envelope, progress func(memory.Progress)) (*memory.Mined, error) {
	return f.Mine(ctx, env, memory.MineQuery{}, progress)
}

// result is what a command line printed and how it ended.
type result struct {
	out, err string
	status   int
}

// testNow is the clock of the tests: a Monday at noon.
var testNow = time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC)

// testEnv gives a clean environment in a directory, with f as the memory.
func testEnv(dir string, f *fake) (*env, *bytes.Buffer, *bytes.Buffer) {
	var out, errs bytes.Buffer
	e := &env{
		stdin:   strings.NewReader(""),
		stdout:  &out,
		stderr:  &errs,
		environ: []string{"LANG=C.UTF-8", "TERM=xterm"},
		dir:     dir,
		now:     func() time.Time { return testNow },
	}
	e.open = func(_ context.Context, r OpenRequest) (Opened, error) {
		f.request, f.requests = r, append(f.requests, r)
		return f, nil
	}
	return e, &out, &errs
}

// memd runs a command line against f.
func memd(t *testing.T, f *fake, args ...string) result {
	t.Helper()
	if f.top == "" {
		f.top = t.TempDir()
	}
	return memdIn(t, f.top, f, args...)
}

// memdIn runs a command line against f in a directory.
func memdIn(t *testing.T, dir string, f *fake, args ...string) result {
	t.Helper()
	e, out, errs := testEnv(dir, f)
	status := run(t.Context(), e, args)
	return result{out.String(), errs.String(), status}
}

func day(s string) int64 {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

func id(short string) string { return short + strings.Repeat("0", 40-len(short)) }

// whole is the frame of an answer from a memory that is up to date.
var whole = memory.Answer{Revision: id("4be3664"), AsOf: id("4be3664"), Mined: 60749, Total: 60749}

func sampleRecall() *memory.Recall {
	return &memory.Recall{
		Answer: whole,
		Commits: []memory.CommitHit{
			{
				ID: id("4be3664"), Short: "4be36641c", Time: day("2024-03-05"),
				Author:  memory.Person{Name: "Jane Doe", Email: "jane@example.org"},
				Subject: "net: retry seven times before the request fails",
				Reason: "The registry's load balancer drains for about a minute on each deployment, " +
					"and six retries with our back-off end after 55 seconds.",
				Files:   []string{"net/retry.go", "net/retry_test.go", "docs/network.md", "net/dial.go", "go.mod"},
				Changed: 15, Score: 9.1,
				Why: []memory.Match{
					{Term: "retry", Where: "message", Share: .41}, {Term: "seven", Where: "message", Share: .38},
					{Term: "back-off", Where: "diff", Share: .15}, {Term: "back-off", Where: "diff", Share: .05}, {Term: "Seven", Where: "path", Share: .01},
				},
			},
			{
				ID: id("9a1b2c3"), Short: "9a1b2c3de", Time: day("2021-11-30"),
				Author:  memory.Person{Name: "Bartholomäus Freiherr von Württemberg-Hohenzollern"},
				Subject: `Revert "net: give up after the first refusal"`,
				Files:   []string{"net/retry.go"}, Changed: 1, Flags: []string{"revert", "fix"},
				Why: []memory.Match{{Term: "retry", Where: "path", Share: 1}},
			},
			{
				ID: id("c0ffee1"), Short: "c0ffee112", Time: day("2019-06-01"),
				Author:  memory.Person{Name: "山田太郎"},
				Subject: "ネットワーク: 再試行を追加",
				Files:   []string{"net/http/retry.go", "net/http/client.go"}, Changed: 2, Flags: []string{"bot"},
				Why:     []memory.Match{{Term: "retry", Where: "diff", Share: 1}},
				Skipped: "diff is too large",
			},
		},
		Files: []memory.FileHit{
			{Path: "net/retry.go", Commits: []string{"4be36641c", "9a1b2c3de"}, Why: "changed by the best two commits"},
			{Path: "docs/network.md", Commits: []string{"4be36641c"}, Why: "changed by the best commit"},
		},
		Symbols: []memory.SymbolHit{
			{Name: "Backoff.Next", Path: "net/retry.go", Why: "named like the question"},
			{Name: "maxRetries", Path: "net/retry.go", Commits: []string{"4be36641c"}, Why: "set by the best commit"},
		},
		Understood: memory.Understood{Terms: []string{"seven", "retry"}, Unknown: []string{"frobnicate"}, Paths: []string{"net/"}},
		Elapsed:    12.4,
	}
}

func sampleWhy() *memory.Why {
	return &memory.Why{
		Answer: whole, Path: "net/retry.go", Quality: memory.QualityExact, Names: []string{"net/http/retry.go"},
		Lines: []memory.LineWhy{
			{
				First: 40, Last: 43, ID: id("4be3664"), Short: "4be36641c", Quality: memory.QualityExact,
				Subject: "net: retry seven times before the request fails", Author: memory.Person{Name: "Jane Doe"}, Time: day("2024-03-05"),
			},
			{First: 44, Last: 44, Quality: memory.QualityUncommitted},
			{
				First: 45, Last: 52, ID: id("c0ffee1"), Short: "c0ffee112", Quality: memory.QualityProbable, Origin: "1f2e3d4aa",
				Subject: "ネットワーク: 再試行を追加", Author: memory.Person{Name: "山田太郎"}, Time: day("2019-06-01"),
			},
			{First: 53, Last: 53, ID: id("5ca1ab1"), Short: "5ca1ab1e0", Quality: memory.QualityProbable}, // git blame named it
			{ // a squashed commit that the story leaves out
				First: 54, Last: 60, ID: id("ba5eba1"), Short: "ba5eba110", Quality: memory.QualityExact,
				Subject: "net: dial with a deadline " + strings.Repeat("* and look the name up anew ", 8), Author: memory.Person{Name: "Jane Doe"}, Time: day("2020-02-29"),
			},
		},
		Story: []memory.Event{
			{
				ID: id("4be3664"), Short: "4be36641c", Time: day("2024-03-05"), What: "changed, later reverted by 9a1b2c3de0",
				Author: memory.Person{Name: "Jane Doe"}, Subject: "net: retry seven times before the request fails",
				Reason: "The registry's load balancer drains for about a minute on each deployment, " +
					"and six retries with our back-off end after 55 seconds.",
				Source: "message", Refs: []string{"#812", "NET-77"},
			},
			{
				ID: id("9a1b2c3"), Short: "9a1b2c3de", Time: day("2021-11-30"), What: "renamed from net/http/retry.go",
				Author: memory.Person{Name: "John Roe"}, Subject: "net: leave http to its own package",
			},
			{
				ID: id("c0ffee1"), Short: "c0ffee112", Time: day("2019-06-01"), What: "introduced",
				Author: memory.Person{Name: "山田太郎"}, Subject: "ネットワーク: 再試行を追加",
				Reason: "Doubling keeps a herd apart.", Source: "comment",
			},
		},
		More: 4, Elapsed: 8,
	}
}

func sampleStatus() *memory.Status {
	return &memory.Status{
		Answer: whole, Repository: "/home/jane/src/kit", RepoID: "8f3a61c09d2e4b75", Branch: "main", DefaultBranch: "main",
		EnrolledBy: memory.ActorPerson, EnrolledAt: day("2026-01-02"), Worktrees: []string{"/home/jane/src/kit"},
		Paths: memory.StatusPaths{
			Data: "/home/jane/.local/share/memd/8f3a61c09d2e4b75", State: "/home/jane/.local/state/memd/8f3a61c09d2e4b75",
			Index:    "/home/jane/.local/state/memd/8f3a61c09d2e4b75/index.db",
			Registry: "/home/jane/.local/share/memd/repositories.json", Config: "/home/jane/.config/memd/config.toml",
		},
		Counts: memory.StatusCounts{Commits: 60749, Merges: 4102, Files: 18204, Changes: 241337, Symbols: 91330, Reasons: 4410, People: 1311},
		Oldest: day("2009-06-26"), Newest: day("2026-03-14"), IndexBytes: 212_400_000, PackBytes: 481_000_000,
		Skipped: map[string]int{
			"files: missing object": 2451, "commits: missing object": 2, "files: more than 500 files": 88, "commits: diff over 2 MB": 1,
		},
		Git: "2.39.5",
	}
}

func sampleMined() *memory.Mined {
	return &memory.Mined{Answer: whole, New: 60749, Elapsed: 19.4, Skipped: map[string]int{"commits: diff over 2 MB": 1}}
}
