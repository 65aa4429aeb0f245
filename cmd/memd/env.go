package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/memd-dev/memd/memory"
)

// env is what a verb knows of the world: main fills it from the process, a
// test from nothing.
type env struct {
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	environ []string // KEY=value
	dir     string   // absolute; where the caller stands
	now     func() time.Time
	open    func(context.Context, OpenRequest) (Opened, error)

	helpErr error // of printing the help, which cobra lets nobody return

	// Global flags, set before a verb runs.
	chdir string
	quiet bool
}

// OpenRequest says for whom and from where a memory is opened.
type OpenRequest struct {
	Dir       string              // absolute; may be any directory below a worktree
	Enrol     Enrol               // what to do with a repository without a memory
	Repair    bool                // set a damaged index aside and begin an empty one
	Again     bool                // begin a new memory where it can't be told which one belongs here
	Getenv    func(string) string // the caller's environment
	StdinTTY  bool
	StderrTTY bool
}

// Enrol says what opening does with a repository that memd doesn't know.
type Enrol int

// The ways to enrol.
const (
	EnrolNever    Enrol = iota // ErrNotEnrolled
	EnrolImplicit              // if a person asks, else ErrNotEnrolled
	EnrolExplicit              // for any caller
)

// Opened is an open memory. The caller closes it.
type Opened interface {
	memory.Service

	// Envelope is what to send along with each request. Its Worktree is the
	// top of the caller's worktree.
	Envelope() memory.Envelope

	// JustEnrolled reports whether opening made this memory: it is empty.
	JustEnrolled() bool

	// Doctor checks what memd keeps, and what it needs.
	Doctor(ctx context.Context) ([]Check, error)

	Close() error
}

// Check is one thing that doctor looked at.
type Check struct {
	Name   string `json:"name"` // one or two words
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`         // what was found
	Hint   string `json:"hint,omitempty"` // what to do about it
}

// lookup gives the value of a variable, and whether it is set.
func (e *env) lookup(key string) (string, bool) {
	for i := len(e.environ) - 1; i >= 0; i-- { // the last one counts
		if k, v, ok := strings.Cut(e.environ[i], "="); ok && k == key {
			return v, true
		}
	}
	return "", false
}

// getenv gives the value of a variable, "" if it is not set.
func (e *env) getenv(key string) string {
	v, _ := e.lookup(key)
	return v
}

// enter applies -C.
func (e *env) enter() error {
	if e.chdir == "" {
		return nil
	}
	dir := e.chdir
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(e.dir, dir)
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return usage("", "no such directory: %s", e.chdir)
	}
	e.dir = dir
	return nil
}

// with opens the memory of the caller's repository, calls do, and closes it.
// Verbs print after with, not in it: a reader who leaves a pager open holds
// nothing that another memd waits for.
func (e *env) with(ctx context.Context, enrol Enrol, do func(Opened) error) error {
	return e.withRequest(ctx, OpenRequest{Enrol: enrol}, do)
}

// withRequest is with for a verb that asks for more than enrolment. It fills in
// who asks, and from where.
func (e *env) withRequest(ctx context.Context, r OpenRequest, do func(Opened) error) error {
	r.Dir, r.Getenv = e.dir, e.getenv
	r.StdinTTY, r.StderrTTY = terminal(e.stdin), terminal(e.stderr)
	m, err := e.open(ctx, r)
	if err != nil {
		return err
	}
	err = do(m)
	if cerr := m.Close(); err == nil {
		err = cerr
	}
	return err
}

// notice tells something that is neither the answer nor an error.
func (e *env) notice(format string, args ...any) {
	if !e.quiet {
		fmt.Fprintf(e.stderr, "memd: %s\n", clean(fmt.Sprintf(format, args...)))
	}
}

// caveats tells what an answer could not know.
func (e *env) caveats(a memory.Answer) {
	if a.Mined < a.Total {
		e.notice("mined %s of %s; memd init mines the rest", thousands(a.Mined), count(a.Total, "commit"))
	}
	if a.Behind > 0 {
		e.notice("%s behind HEAD", count(a.Behind, "commit"))
	}
}

// printJSON prints a wire structure: a line for programs, indented for people.
func (e *env) printJSON(v any) error {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if terminal(e.stdout) {
		enc.SetIndent("", "  ")
	}
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(e.stdout, escapeControls(b.String()))
	return err
}

// escapeControls writes the control characters that encoding/json leaves as
// they are (DEL, C1, and those that turn the direction of text) as \u escapes.
func escapeControls(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= 0x7f && r <= 0x9f, r == 0x61c, r >= 0x200e && r <= 0x200f,
			r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// terminal reports whether f, a reader or a writer, is a terminal.
func terminal(f any) bool {
	file, ok := f.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
