package gitwatch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unicode"
)

// Limits of a child (R20).
const (
	// MaxChildData bounds the heap of a child. A diff of the largest file that
	// is not a name only (core.bigFileThreshold) takes a tenth of it.
	MaxChildData = 300 << 20
	// DefaultStall is how long a child may owe output and print nothing.
	DefaultStall = 30 * time.Second
	// DefaultMaxOutput bounds what Run collects: the tree of 500,000 files.
	DefaultMaxOutput = 64 << 20

	maxStderr = 8 << 10
	// waitDelay is how long pipes stay open after a child was killed, for
	// somebody who left its process group and holds them.
	waitDelay = 500 * time.Millisecond
	// waitGrace is how long Wait lets a child end by itself once both its
	// pipes are closed. Unmeasured; git ends at once.
	waitGrace = 2 * time.Second
)

// Why a child was killed. They are wrapped by a *ChildError.
var (
	// ErrStalled: the child owed output and printed nothing for too long.
	ErrStalled = errors.New("no output for too long")
	// ErrTooMuch: the child printed more than ChildOptions.MaxOutput.
	ErrTooMuch = errors.New("too much output")
	// ErrKilled: the caller had enough (Child.Kill).
	ErrKilled = errors.New("killed by the caller")
)

// ChildOptions is what differs between children. The zero value is a child
// without input, with the default limits.
type ChildOptions struct {
	Config    []string      // more configuration, "core.bigFileThreshold=256k"
	Stdin     io.Reader     // what the child reads; nil: nothing
	WantStdin bool          // Child.Stdin is a pipe to the child; Stdin is not used
	MaxOutput int64         // bytes; 0: DefaultMaxOutput for Run, no bound for Start
	Stall     time.Duration // 0: DefaultStall
}

// Child is a running git. Read Stdout to its end, then Wait, and look at the
// error of Wait before believing that the output is whole. Wait must be called
// in any case; it may be called early, which ends the child.
//
// A child has its own process group, which is killed as a whole when the
// context ends, when it stays silent for ChildOptions.Stall while somebody
// reads from it, or by Kill. A child that nobody reads from may be silent
// forever: that is how cat-file waits for the next question.
//
// When memd itself is killed its children end too: their input is at its end,
// or their next output meets a closed pipe. Linux's PDEATHSIG is not used. It
// fires when the *thread* that started the child ends, so a goroutine that
// anybody locked to that thread later would take healthy children with it.
//
// Stdout may be read by one goroutine while another one writes Stdin.
type Child struct {
	Stdin  io.WriteCloser // nil without ChildOptions.WantStdin
	Stdout io.Reader      // one reader at a time

	cmd    *exec.Cmd
	args   []string // without the leading options
	stdin  *os.File // as Stdin, or nil
	stdout *os.File
	stderr *tail
	max    int64
	stall  time.Duration

	read   atomic.Int64 // bytes of Stdout
	exited atomic.Bool  // its pid may belong to somebody else
	once   sync.Once    // guards the work of Wait
	err    error        // result of Wait

	mu    sync.Mutex
	cause error // first reason to kill it
}

// call is one start of git, whole.
type call struct {
	dir    string   // working directory
	home   string   // "": noHome
	env    []string // nil: environment(home)
	global []string // options before the command
	args   []string // command and its arguments
	o      ChildOptions
}

// start starts git. It is the only function of memd that does.
func (g *Git) start(ctx context.Context, c call) (*Child, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	args := append(leading(), c.global...)
	for _, pair := range c.o.Config {
		args = append(args, "-c", pair)
	}
	cmd := exec.CommandContext(ctx, g.Path, append(args, c.args...)...)
	cmd.Dir = c.dir
	cmd.Env = c.env
	if cmd.Env == nil {
		home := c.home
		if home == "" {
			home = noHome
		}
		cmd.Env = environment(home)
	}
	cmd.WaitDelay = waitDelay
	ownGroup(cmd)

	child := &Child{cmd: cmd, args: c.args, stderr: &tail{max: maxStderr}, max: c.o.MaxOutput, stall: c.o.Stall}
	if child.stall == 0 {
		child.stall = DefaultStall
	}
	child.Stdout = (*childOutput)(child)
	cmd.Stderr = child.stderr
	cmd.Cancel = func() error {
		child.stop(ctx.Err())
		return nil
	}

	stdout, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start git: %w", err)
	}
	defer func() { _ = w.Close() }()
	child.stdout, cmd.Stdout = stdout, w
	cmd.Stdin = c.o.Stdin
	if c.o.WantStdin {
		r, stdin, err := os.Pipe()
		if err != nil {
			_ = stdout.Close()
			return nil, fmt.Errorf("start git: %w", err)
		}
		defer func() { _ = r.Close() }()
		cmd.Stdin, child.stdin, child.Stdin = r, stdin, stdin
	}
	if err := cmd.Start(); err != nil {
		child.closePipes()
		return nil, fmt.Errorf("start git: %w", err)
	}
	limitMemory(cmd.Process.Pid, MaxChildData)
	return child, nil
}

// run starts git, collects what it prints, and waits for it.
func (g *Git) run(ctx context.Context, c call) ([]byte, error) {
	if c.o.MaxOutput == 0 {
		c.o.MaxOutput = DefaultMaxOutput
	}
	child, err := g.start(ctx, c)
	if err != nil {
		return nil, err
	}
	out, readErr := io.ReadAll(child.Stdout)
	if err := child.Wait(); err != nil {
		return nil, err
	}
	if readErr != nil {
		return nil, fmt.Errorf("read from git %s: %w", c.args[0], readErr)
	}
	return out, nil
}

// Wait closes both pipes, waits for the child to end and says how it ended: nil
// for exit status 0, else a *ChildError. A child that still had something to
// say ends by the closed pipe and gives an error. Further calls return the same.
func (c *Child) Wait() error {
	c.once.Do(func() {
		c.closePipes()
		timer := time.AfterFunc(waitGrace, func() {
			c.stop(fmt.Errorf("%w: still there %s after its pipes were closed", ErrStalled, waitGrace))
		})
		err := c.cmd.Wait()
		c.exited.Store(true)
		timer.Stop()
		c.err = c.result(err)
	})
	return c.err
}

// Kill kills the child and all that it started. It doesn't wait; Wait does,
// and returns an error that wraps ErrKilled.
func (c *Child) Kill() { c.stop(ErrKilled) }

// stop kills the group and wakes whoever reads or writes its pipes.
func (c *Child) stop(cause error) {
	c.mu.Lock()
	if c.cause == nil {
		c.cause = cause
	}
	c.mu.Unlock()
	if !c.exited.Load() {
		killGroup(c.cmd.Process)
	}
	c.closePipes()
}

func (c *Child) closePipes() {
	_ = c.stdout.Close()
	if c.stdin != nil {
		_ = c.stdin.Close()
	}
}

func (c *Child) why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

func (c *Child) result(err error) error {
	cause := c.why()
	if err == nil && cause == nil {
		return nil
	}
	ce := &ChildError{Args: c.args, Stderr: c.stderr.String(), Progress: c.read.Load(), Err: cause}
	if state := c.cmd.ProcessState; state != nil {
		ce.Exit = state.ExitCode()
		if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			ce.Signal = ws.Signal().String()
		}
	}
	var exit *exec.ExitError
	if cause == nil && !errors.As(err, &exit) {
		ce.Err = err
	}
	return ce
}

// childOutput is Child.Stdout: it counts, and watches for silence.
type childOutput Child

func (o *childOutput) Read(p []byte) (int, error) {
	c := (*Child)(o)
	// A pipe in the poller takes deadlines, so that the watch needs neither a
	// goroutine nor a timer of ours.
	_ = c.stdout.SetReadDeadline(time.Now().Add(c.stall))
	n, err := c.stdout.Read(p)
	read := c.read.Add(int64(n))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.stop(fmt.Errorf("%w: %s", ErrStalled, c.stall))
	case c.max > 0 && read > c.max:
		c.stop(fmt.Errorf("%w: over %d bytes", ErrTooMuch, c.max))
		return n, c.why()
	}
	if err != nil {
		if cause := c.why(); cause != nil {
			return n, cause
		}
	}
	return n, err
}

// ChildError says how a child ended that didn't end well. errors.Is finds the
// context's error, ErrStalled, ErrTooMuch and ErrKilled in it.
type ChildError struct {
	Args     []string // command and arguments, without the options before it
	Exit     int      // exit status; -1 when a signal ended it
	Signal   string   // "killed"; "" when it ended by itself
	Stderr   string   // raw; the last 8 KB of what it printed there
	Progress int64    // bytes read from its output before
	Err      error    // why memd killed it, else nil
}

// Error is one line, safe for a terminal.
func (e *ChildError) Error() string {
	var b strings.Builder
	b.WriteString("git")
	if len(e.Args) > 0 {
		b.WriteString(" " + display([]byte(e.Args[0])))
	}
	switch {
	case e.Err != nil:
		fmt.Fprintf(&b, ": %v", e.Err)
	case e.Signal != "":
		fmt.Fprintf(&b, ": ended by signal: %s", e.Signal)
	default:
		fmt.Fprintf(&b, ": exit status %d", e.Exit)
	}
	if e.Progress > 0 {
		fmt.Fprintf(&b, " after %d bytes of output", e.Progress)
	}
	if last := e.said(); last != "" {
		b.WriteString(": " + last)
	}
	return b.String()
}

// Unwrap gives the reason why memd killed the child, or nil.
func (e *ChildError) Unwrap() error { return e.Err }

// said is the last line that the child printed to standard error, for display.
func (e *ChildError) said() string {
	lines := strings.Split(strings.TrimSpace(e.Stderr), "\n")
	last := strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(lines[len(lines)-1], "?"))
	if runes := []rune(last); len(runes) > 300 {
		last = string(runes[:300]) + "…"
	}
	return last
}

// exitStatus gives the exit status of a child that ended by itself, else -1.
func exitStatus(err error) int {
	var ce *ChildError
	if errors.As(err, &ce) && ce.Err == nil && ce.Signal == "" {
		return ce.Exit
	}
	return -1
}

// tail keeps the last bytes written to it: git warns first and dies last.
// exec.Cmd writes from one goroutine, and it is read after that has ended.
type tail struct {
	max int
	buf []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - t.max; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.buf) }
