package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/memd-dev/memd/fixtures"
	"github.com/memd-dev/memd/memory"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"memd": main})
}

// TestScripts runs the program in the stories of testdata. Their environment
// is made from nothing; the state of memd goes below the work directory.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			for _, kv := range [][2]string{
				{"HOME", filepath.Join(e.WorkDir, "home")},
				{"XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config")},
				{"XDG_DATA_HOME", filepath.Join(e.WorkDir, "data")},
				{"XDG_STATE_HOME", filepath.Join(e.WorkDir, "state")},
				{"XDG_RUNTIME_DIR", filepath.Join(e.WorkDir, "runtime")},
				{"GIT_CONFIG_GLOBAL", "/dev/null"},
				{"GIT_CONFIG_NOSYSTEM", "1"},
				{"GIT_CEILING_DIRECTORIES", filepath.Dir(e.WorkDir)},
				{"GIT_AUTHOR_NAME", "Jane Doe"}, {"GIT_AUTHOR_EMAIL", "jane@example.org"},
				{"GIT_COMMITTER_NAME", "Jane Doe"}, {"GIT_COMMITTER_EMAIL", "jane@example.org"},
				{"LANG", "C.UTF-8"}, {"TZ", "UTC"},
			} {
				e.Setenv(kv[0], kv[1])
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": cmdStatus, "fixture": cmdFixture, "damage": cmdDamage},
	})
}

// cmdStatus runs memd and compares its exit status: status N ARG...
func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: status N ARG...")
	}
	got := 0
	if err := ts.Exec("memd", args[1:]...); err != nil {
		var exit interface{ ExitCode() int }
		if !errors.As(err, &exit) {
			ts.Fatalf("memd %q: %v", args[1:], err)
		}
		got = exit.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("memd %q exits with %d, want %s", args[1:], got, args[0])
	}
}

// cmdFixture writes a history of package fixtures: fixture NAME DIR.
func cmdFixture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fixture NAME DIR")
	}
	repo, err := fixtures.Load(args[0])
	ts.Check(err)
	_, err = repo.Write(ts.MkAbs(args[1]))
	ts.Check(err)
}

// cmdDamage overwrites bytes of the one index below a directory, from a share
// of its length on, in percent: damage DIR FROM TO.
func cmdDamage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: damage DIR FROM TO")
	}
	found, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "memd", "*", "index.db"))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("indexes: %v", found)
	}
	data, err := os.ReadFile(found[0])
	ts.Check(err)
	from, err := strconv.Atoi(args[1])
	ts.Check(err)
	to, err := strconv.Atoi(args[2])
	ts.Check(err)
	for i := len(data) * from / 100; i < len(data)*to/100; i++ {
		data[i] = 0xee
	}
	ts.Check(os.WriteFile(found[0], data, 0o600))
}

// TestEverySentinelHasAnExitStatus reads the sentinels of package memory from
// its source, so that a new one can't be left out of the table.
func TestEverySentinelHasAnExitStatus(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../memory/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "New" {
			text, err := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, text)
		}
		return true
	})
	if len(texts) < 10 {
		t.Fatalf("found only the sentinels %q", texts)
	}
	for _, text := range texts {
		if !slices.ContainsFunc(exits, func(x exit) bool { return x.err.Error() == text }) {
			t.Errorf("no exit status for the sentinel %q", text)
		}
	}
}

func TestExitStatus(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
		stderr string
	}{
		{nil, 0, ""},
		{errors.New("disk on fire"), 1, "memd: disk on fire\n"},
		{fmt.Errorf("open index: %w", memory.ErrCorrupt), 1, "memd: open index: index is damaged\nhint: run memd doctor --rebuild\n"},
		{fmt.Errorf("recall: %w", memory.ErrInvalid), 2, "memd: recall: invalid request\n"},
		{fmt.Errorf("resolve v9: %w", memory.ErrNotFound), 3, "memd: resolve v9: not found\n"},
		{memory.ErrNotEnrolled, 4, "memd: not enrolled\nhint: run memd init here\n"},
		{memory.Hint(memory.ErrNeverEnrol, "ask Jane"), 4, "memd: never enrolled, by configuration\nhint: ask Jane\n"},
		{memory.ErrStale, 4, "memd: stale\nhint: look again, then retry\n"},
		{fmt.Errorf("/srv: %w", memory.ErrNotRepository), 10, "memd: /srv: not in a git repository\nhint: go to a git repository, or name one with -C DIR\n"},
		{memory.ErrUnreachable, 11, "memd: daemon can't be reached\n"},
		{context.Canceled, 130, "memd: interrupted\n"},
		{context.DeadlineExceeded, 1, "memd: context deadline exceeded\n"},
		{errors.New("two\nlines\x1b[2J"), 1, "memd: two lines[2J\n"},
	} {
		f := &fake{top: t.TempDir(), status: sampleStatus()}
		e, _, errs := testEnv(f.top, f)
		e.open = func(context.Context, OpenRequest) (Opened, error) { return f, tt.err }
		if got := run(t.Context(), e, []string{"status"}); got != tt.status || errs.String() != tt.stderr {
			t.Errorf("an error %v gives %d and %q, want %d and %q", tt.err, got, errs, tt.status, tt.stderr)
		}
		if tt.err == nil && f.closed != 1 {
			t.Errorf("the memory was closed %d times", f.closed)
		}
	}
}

// TestUsage sends command lines that can't be carried out: status 2, a hint,
// nothing on standard output, and no memory opened.
func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args   []string
		stderr string
	}{
		{[]string{"recall"}, "memd: recall needs a question\nhint: ask in plain words: memd recall \"why do we retry seven times\"\n"},
		{[]string{"init", "--newest", "-1"}, "memd: --newest must be a number of commits, not -1\n"},
		{[]string{"recall", " "}, "memd: recall needs a question\n"},
		{[]string{"recall", "x", "--since", "soonish"}, "memd: can't read the date \"soonish\"\nhint: dates read like 2w"},
		{[]string{"recall", "x", "--since", "1d", "--until", "2d"}, "memd: --since 1d is later than --until 2d\n"},
		{[]string{"recall", "x", "--limit", "0"}, "memd: --limit must be from 1 to 1,000, not 0\n"},
		{[]string{"recall", "x", "--limit", "many"}, "memd: invalid argument \"many\""},
		{[]string{"recall", "x", "--json", "--vimgrep"}, "memd: --json and --vimgrep can't be combined\n"},
		{[]string{"recall", "x", "--frob"}, "memd: unknown flag: --frob\nhint: run memd help recall\n"},
		{[]string{"why"}, "memd: why needs a file\nhint: name one file"},
		{[]string{"why", "a", "b"}, "memd: why takes one file, not 2\n"},
		{[]string{"status", "x"}, "memd: memd status takes no argument: x\nhint: run memd help status\n"},
		{[]string{"init", "--newest=-1"}, "memd: --newest must be a number of commits, not -1\n"},
		{[]string{"doctor", "--dump", "--rebuild"}, "memd: --dump and --rebuild can't be combined\n"},
		{[]string{"recal", "x"}, "memd: no such verb: recal\nhint: did you mean memd recall?\n"},
		{[]string{"frobnicate"}, "memd: no such verb: frobnicate\nhint: run memd help\n"},
		{[]string{"help", "frobnicate"}, "memd: no such verb: frobnicate\nhint: run memd help\n"},
		{[]string{"completion"}, "memd: completion needs a shell\nhint: name one of bash"},
		{[]string{"completion", "tcsh"}, "memd: no completion for tcsh\n"},
		{[]string{"-C", "nowhere", "status"}, "memd: no such directory: nowhere\n"},
		{[]string{"--frob"}, "memd: unknown flag: --frob\nhint: run memd help\n"},
	} {
		f := &fake{top: t.TempDir()}
		e, out, errs := testEnv(f.top, f)
		e.open = func(context.Context, OpenRequest) (Opened, error) {
			t.Errorf("memd %q opens a memory", tt.args)
			return f, nil
		}
		got := run(t.Context(), e, tt.args)
		if got != exitUsage || !strings.HasPrefix(errs.String(), tt.stderr) || out.Len() > 0 {
			t.Errorf("memd %q gives %d, %q and %q, want 2 and %q", tt.args, got, out, errs, tt.stderr)
		}
	}
}

func TestJSONIsTheWireStructure(t *testing.T) {
	f := &fake{
		recall: sampleRecall(), why: sampleWhy(), status: sampleStatus(), mined: sampleMined(),
		checks: []Check{{Name: "git", OK: true, Detail: "2.39.5"}},
	}
	for _, tt := range []struct {
		args []string
		want any
	}{
		{[]string{"recall", "x", "--json"}, f.recall},
		{[]string{"why", "x", "--json"}, f.why},
		{[]string{"status", "--json"}, f.status},
		{[]string{"init", "--json"}, f.mined},
		{[]string{"doctor", "--json"}, f.checks},
		{[]string{"doctor", "--rebuild", "--json"}, f.mined},
		{[]string{"version", "--json"}, readBuild()},
	} {
		want, err := json.Marshal(tt.want)
		if err != nil {
			t.Fatal(err)
		}
		r := memd(t, f, tt.args...)
		if r.status != 0 || r.err != "" || !sameJSON(t, r.out, string(want)) {
			t.Errorf("memd %q gives %d, %q and\n%s\nwant\n%s", tt.args, r.status, r.err, r.out, want)
		}
		if strings.Count(r.out, "\n") != 1 {
			t.Errorf("memd %q takes more than a line off a terminal:\n%s", tt.args, r.out)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Errorf("no JSON: %v", err)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Errorf("no JSON: %v", err)
	}
	return fmt.Sprint(x) == fmt.Sprint(y)
}

// TestReaderThatLeaves is memd recall x | head -1.
func TestReaderThatLeaves(t *testing.T) {
	f := &fake{top: t.TempDir(), recall: sampleRecall()}
	for _, args := range [][]string{{"recall", "x"}, {"recall", "x", "--json"}, {"help"}, {"doctor", "--dump"}, {"completion", "bash"}} {
		e, _, errs := testEnv(f.top, f)
		e.stdout = brokenPipe{}
		if got := run(t.Context(), e, args); got != 0 || errs.Len() > 0 {
			t.Errorf("memd %q gives %d and %q, want 0 and nothing", args, got, errs)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, fmt.Errorf("write: %w", syscall.EPIPE) }
