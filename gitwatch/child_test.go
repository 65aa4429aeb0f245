//go:build unix

package gitwatch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/memd-dev/memd/memory"
)

// script gives a Git that is a shell script. PATH is not in the environment of
// a child, so it sets one.
func script(t *testing.T, text string) *Git {
	t.Helper()
	path := filepath.Join(t.TempDir(), "git")
	text = "#!/bin/sh\nPATH=/usr/bin:/bin\n" + text
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return &Git{Path: path, Version: "0"}
}

// alive reports whether a process exists and is no zombie.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return runtime.GOOS != "linux"
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z")
}

// gone waits until a process has ended.
func gone(t *testing.T, pid int, within time.Duration) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(within); alive(pid); {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("process %d is still there after %s", pid, within)
		}
	}
}

func readPid(t *testing.T, in *bufio.Reader) int {
	t.Helper()
	line, err := in.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestCancelKillsTheWholeGroup(t *testing.T) {
	for _, how := range []string{"context", "Kill"} {
		t.Run(how, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			// A grandchild that ignores what can be ignored and holds the pipe.
			g := script(t, "(trap '' TERM HUP INT; echo $$; exec sleep 1000) & echo $!; wait\n")
			child, err := g.start(ctx, call{dir: "/", args: []string{"x"}})
			if err != nil {
				t.Fatal(err)
			}
			in := bufio.NewReader(child.Stdout)
			pids := []int{child.cmd.Process.Pid, readPid(t, in), readPid(t, in)}
			begin := time.Now()
			want := ErrKilled
			if how == "context" {
				want = context.Canceled
				cancel()
			} else {
				child.Kill()
			}
			if _, err := io.ReadAll(in); !errors.Is(err, want) {
				t.Errorf("read: %v, want %v", err, want)
			}
			err = child.Wait()
			if took := time.Since(begin); took > time.Second {
				t.Errorf("took %s", took)
			}
			var ce *ChildError
			if !errors.As(err, &ce) || !errors.Is(err, want) || ce.Signal != "killed" {
				t.Errorf("Wait = %#v, want a *ChildError with %v", err, want)
			}
			if again := child.Wait(); again != err {
				t.Errorf("second Wait = %v", again)
			}
			for _, pid := range pids {
				gone(t, pid, time.Second)
			}
			child.Kill() // of what is gone does nothing
		})
	}
}

func TestCancelEndsAReadThatAnEscapedProcessHolds(t *testing.T) {
	setsid, err := exec.LookPath("setsid")
	if err != nil {
		t.Skip("no setsid: a process can't leave the group")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	g := script(t, setsid+" sh -c 'echo $$; exec sleep 1000' & wait\n")
	child, err := g.start(ctx, call{dir: "/", args: []string{"x"}})
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(child.Stdout)
	escaped := readPid(t, in)
	defer func() { _ = syscall.Kill(escaped, syscall.SIGKILL) }()
	begin := time.Now()
	cancel()
	if _, err := io.ReadAll(in); !errors.Is(err, context.Canceled) {
		t.Errorf("read: %v", err)
	}
	if err := child.Wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait: %v", err)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("took %s", took)
	}
}

func TestSilentChildIsKilledAfterItsStall(t *testing.T) {
	g := script(t, "echo some; exec sleep 1000\n")
	begin := time.Now()
	child, err := g.start(t.Context(), call{dir: "/", args: []string{"log"}, o: ChildOptions{Stall: 200 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(child.Stdout)
	if string(out) != "some\n" || !errors.Is(err, ErrStalled) {
		t.Errorf("read %q, %v, want ErrStalled", out, err)
	}
	err = child.Wait()
	if !errors.Is(err, ErrStalled) || !strings.Contains(err.Error(), "after 5 bytes") {
		t.Errorf("Wait: %v", err)
	}
	if took := time.Since(begin); took < 200*time.Millisecond || took > 2*time.Second {
		t.Errorf("took %s", took)
	}
	gone(t, child.cmd.Process.Pid, time.Second)
}

func TestChildThatNobodyReadsFromMayBeSilent(t *testing.T) {
	g := script(t, "while read -r line; do echo \"$line\"; done\n")
	child, err := g.start(t.Context(), call{dir: "/", o: ChildOptions{WantStdin: true, Stall: 50 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	<-time.After(150 * time.Millisecond) // silence is what is tested
	_, err = io.WriteString(child.Stdin, "hello\n")
	line, readErr := bufio.NewReader(child.Stdout).ReadString('\n')
	if err != nil || readErr != nil || line != "hello\n" {
		t.Errorf("got %q, %v, %v", line, err, readErr)
	}
	if err := child.Wait(); err != nil {
		t.Errorf("Wait: %v", err)
	}
}

func TestExitStatusAndStandardErrorAreSurfaced(t *testing.T) {
	g := script(t, "echo part; echo warning >&2; printf 'fatal: \\033[31mbad\\377\\n' >&2; exit 3\n")
	out, err := g.run(t.Context(), call{dir: "/", args: []string{"rev-list", "x"}})
	var ce *ChildError
	if !errors.As(err, &ce) {
		t.Fatalf("got %q, %v", out, err)
	}
	if out != nil || ce.Exit != 3 || ce.Signal != "" || ce.Progress != 5 || !slices.Equal(ce.Args, []string{"rev-list", "x"}) ||
		ce.Stderr != "warning\nfatal: \x1b[31mbad\xff\n" {
		t.Errorf("got %q, %+v", out, ce)
	}
	if got, want := err.Error(), "git rev-list: exit status 3 after 5 bytes of output: fatal: ?[31mbad?"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	_, err = script(t, "kill -SEGV $$\n").run(t.Context(), call{dir: "/", args: []string{"x"}})
	if !errors.As(err, &ce) || ce.Exit != -1 || ce.Signal != "segmentation fault" {
		t.Errorf("signal: %+v", err)
	}
	_, err = script(t, "i=0; while [ $i -lt 3000 ]; do echo 0123456789 >&2; i=$((i+1)); done; echo last >&2; exit 1\n").
		run(t.Context(), call{dir: "/", args: []string{"x"}})
	if !errors.As(err, &ce) || len(ce.Stderr) != maxStderr || !strings.HasSuffix(ce.Stderr, "0123456789\nlast\n") {
		t.Errorf("long standard error: %d bytes, %v", len(ce.Stderr), err)
	}
	if _, err := (&Git{Path: "/nonexistent/git"}).run(t.Context(), call{dir: "/"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such git: %v", err)
	}
}

func TestShortStreamIsAnError(t *testing.T) {
	g := script(t, "while echo 0123456789012345678901234567890123456789; do :; done\n")
	child, err := g.start(t.Context(), call{dir: "/", args: []string{"log"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(child.Stdout, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Error("a child that was cut off counts as whole")
	}
}

func TestOutputIsBounded(t *testing.T) {
	g := script(t, "while echo 0123456789012345678901234567890123456789; do :; done\n")
	out, err := g.run(t.Context(), call{dir: "/", args: []string{"x"}, o: ChildOptions{MaxOutput: 1000}})
	if out != nil || !errors.Is(err, ErrTooMuch) {
		t.Errorf("got %d bytes, %v, want ErrTooMuch", len(out), err)
	}
	out, err = script(t, "printf 12345").run(t.Context(), call{dir: "/", o: ChildOptions{MaxOutput: 5}})
	if string(out) != "12345" || err != nil {
		t.Errorf("exactly the limit: %q, %v", out, err)
	}
}

func TestChildThatOutlivesItsPipesIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes waitGrace")
	}
	g := script(t, "exec sleep 1000 >/dev/null\n")
	child, err := g.start(t.Context(), call{dir: "/", args: []string{"x"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); !errors.Is(err, ErrStalled) {
		t.Errorf("Wait: %v, want ErrStalled", err)
	}
}

func TestChildSeesOnlyOurEnvironment(t *testing.T) {
	t.Setenv("GIT_DIR", "/evil")
	t.Setenv("GIT_INDEX_FILE", "/evil")
	t.Setenv("GIT_CONFIG_PARAMETERS", "'core.pager=evil'")
	t.Setenv("CI", "true")
	b := newBox(t)
	s := b.shadow(b.open(b.init("r")))
	env := filepath.Join(t.TempDir(), "env")
	fake := script(t, "tr '\\0' '\\n' </proc/$$/environ >"+env+"; echo \"$@\"\n")
	s.git = fake
	if runtime.GOOS != "linux" {
		t.Skip("no /proc")
	}
	out, err := s.Run(t.Context(), ChildOptions{Config: []string{"core.bigFileThreshold=256k"}}, "log", "x")
	if err != nil {
		t.Fatal(err)
	}
	want := "--no-pager --no-optional-locks --literal-pathspecs --git-dir=" + s.Dir + " -c core.bigFileThreshold=256k log x\n"
	if got := string(out); got != want {
		t.Errorf("arguments: got %q, want %q", got, want)
	}
	text, err := os.ReadFile(env)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(string(text))
	got = slices.DeleteFunc(got, func(e string) bool { // differs from start to start
		name, isProtocol := strings.CutPrefix(e, "GIT_ALLOW_PROTOCOL=")
		return isProtocol && len(name) >= 26
	})
	if len(got) != 10 {
		t.Errorf("no unguessable GIT_ALLOW_PROTOCOL in %s", text)
	}
	slices.Sort(got)
	home := filepath.Join(s.Dir, "home")
	wantEnv := []string{
		"GIT_ATTR_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_NO_LAZY_FETCH=1", "GIT_OPTIONAL_LOCKS=0",
		"GIT_TERMINAL_PROMPT=0", "HOME=" + home, "LC_ALL=C", "MEMD_CHILD=1", "TZ=UTC",
	}
	if !slices.Equal(got, wantEnv) {
		t.Errorf("environment: got %q\nwant %q", got, wantEnv)
	}
	if left, err := os.ReadDir(home); err != nil || len(left) != 0 {
		t.Errorf("HOME of the child: %v, %v", left, err)
	}
}

func TestChildHasAMemoryLimit(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux sets a limit of another process")
	}
	// The limit comes right after the start, so the child waits for it.
	g := script(t, "while [ \"$(ulimit -d)\" = unlimited ]; do :; done; ulimit -d\n")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	out, err := g.run(ctx, call{dir: "/"})
	if err != nil || strings.TrimSpace(string(out)) != strconv.Itoa(MaxChildData>>10) {
		t.Errorf("ulimit -d = %q, %v, want %d", out, err, MaxChildData>>10)
	}
}

// TestChildrenEndWhenMemdIsKilled starts this test again as a process that
// starts a cat-file and waits, and kills that.
func TestChildrenEndWhenMemdIsKilled(t *testing.T) {
	const marker = "GITWATCH_TEST_PARENT"
	if dir := os.Getenv(marker); dir != "" {
		git, err := FindGit()
		if err != nil {
			t.Fatal(err)
		}
		r, err := Open(t.Context(), git, dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := OpenShadow(t.Context(), r, filepath.Join(dir, "..", "shadow"), nil)
		if err != nil {
			t.Fatal(err)
		}
		blobs, err := s.Blobs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("pid\n%d\n", blobs.child.cmd.Process.Pid)
		select {}
	}
	b := newBox(t)
	cmd := exec.Command(os.Args[0], "-test.run=^TestChildrenEndWhenMemdIsKilled$")
	cmd.Env = []string{marker + "=" + b.init("r"), "PATH=" + os.Getenv("PATH")}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(out)
	if line, err := in.ReadString('\n'); line != "pid\n" {
		t.Errorf("%q, %v", line, err)
	}
	pid := readPid(t, in)
	if !alive(pid) {
		t.Error("the child is not there before")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // says that it was killed
	gone(t, pid, 2*time.Second)
}

// TestOnlyThisPackageStartsProcesses finds what starts a process elsewhere in
// the module (R16: one function starts git).
func TestOnlyThisPackageStartsProcesses(t *testing.T) {
	starters := map[string][]string{
		"os/exec": {"Command", "CommandContext", "Cmd"},
		"os":      {"StartProcess"},
		"syscall": {"ForkExec", "StartProcess", "Exec"},
	}
	allowed := map[string]string{ // file: what it starts
		"gitwatch/child.go":           "git",
		"gitwatch/process_unix.go":    "nothing: prepares what child.go starts",
		"gitwatch/process_windows.go": "nothing: prepares what child.go starts",
		"cmd/memd/pager.go":           "the user's pager",
	}
	inChild := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator)))
		if d.IsDir() {
			if base := d.Name(); path != ".." && (strings.HasPrefix(base, ".") || base == "testdata" || name == "fixtures" || name == "bench") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		imports := map[string]string{} // local name: path
		for _, i := range file.Imports {
			p, _ := strconv.Unquote(i.Path.Value)
			local := p[strings.LastIndex(p, "/")+1:]
			if i.Name != nil {
				local = i.Name.Name
			}
			imports[local] = p
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok || !slices.Contains(starters[imports[x.Name]], sel.Sel.Name) {
				return true
			}
			if name == "gitwatch/child.go" && strings.HasPrefix(sel.Sel.Name, "Command") {
				inChild++
			}
			if allowed[name] == "" {
				t.Errorf("%s: %s.%s starts a process; git is started by gitwatch/child.go only",
					set.Position(sel.Pos()), x.Name, sel.Sel.Name)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if inChild != 1 {
		t.Errorf("gitwatch/child.go starts processes in %d places, want 1", inChild)
	}
}

func TestReadingDoesNotHangOnAFIFO(t *testing.T) {
	b := newBox(t)
	dir := filepath.Join(b.dir, "r")
	if err := os.MkdirAll(filepath.Join(dir, ".git/objects"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, ".git/refs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, ".git/HEAD"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), b.git, dir, nil); !errors.Is(err, memory.ErrNotRepository) {
		t.Errorf("got %v, want ErrNotRepository", err)
	}
}
