// Memd is the long-term memory of one git repository, on the command line.
//
// It reads the history once, keeps an index of it outside the repository, and
// answers from there:
//
//	memd init                                 # enrol this repository and mine it
//	memd recall "why do we retry seven times" # what does history say about this?
//	memd why net/retry.go:40-52               # who set these lines, and why
//
// Answers go to standard output; progress, notices, errors and hints go to
// standard error, each line starting with "memd:" or "hint:". With --json a
// verb prints the structure of package memory and nothing else. What comes out
// of a repository is never printed without being cleaned of control characters.
//
// This package is flags, output and exit statuses. Each verb has a file; all
// of them ask one memory.Service, which open.go opens.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/memd-dev/memd/memory"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends memd at once

	// A reader that has seen enough ("memd recall x | head -1") gives EPIPE,
	// which run takes for a normal end, instead of a signal that skips Close.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	dir, err := os.Getwd()
	if err != nil {
		dir = "." // the opener says what is wrong with it
	}
	os.Exit(run(ctx, &env{
		stdin:   os.Stdin,
		stdout:  os.Stdout,
		stderr:  os.Stderr,
		environ: os.Environ(),
		dir:     dir,
		now:     time.Now,
		open:    openDaemon,
	}, os.Args[1:]))
}

// run executes one command line and gives its exit status. It prints the error
// of the verb, once.
func run(ctx context.Context, e *env, args []string) int {
	root := newRoot(e)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = e.helpErr
	}
	if errors.Is(err, syscall.EPIPE) {
		return exitDone
	}
	if err != nil && ctx.Err() != nil && !errors.Is(err, context.Canceled) {
		err = context.Canceled // whatever broke, broke because we were told to stop
	}
	e.report(err)
	return exitStatus(err)
}

// report prints what happened and what to do next.
func (e *env) report(err error) {
	if err == nil {
		return
	}
	what := err.Error()
	if err == context.Canceled {
		what = "interrupted"
	}
	fmt.Fprintf(e.stderr, "memd: %s\n", clean(what))

	hint := exitHint(err)
	var hinted *memory.Hinted
	if errors.As(err, &hinted) {
		hint = hinted.Next
	}
	if hint != "" {
		fmt.Fprintf(e.stderr, "hint: %s\n", clean(hint))
	}
}
