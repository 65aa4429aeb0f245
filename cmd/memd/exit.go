package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/memd-dev/memd/memory"
)

// The exit statuses, the same for every verb.
const (
	exitDone         = 0
	exitError        = 1
	exitUsage        = 2
	exitNothing      = 3
	exitUndone       = 4
	exitNoRepository = 10
	exitUnreachable  = 11
	exitInterrupted  = 130 // as a shell reports SIGINT: 128 + 2
)

// exitMeaning says in the help what a status means.
func exitMeaning(status int) string {
	switch status {
	case exitDone:
		return "done"
	case exitError:
		return "error"
	case exitUsage:
		return "wrong usage"
	case exitNothing:
		return "nothing found"
	case exitUndone:
		return "nothing done: a person must act, or retry"
	case exitNoRepository:
		return "not in a git repository"
	case exitUnreachable:
		return "the daemon can't be reached"
	case exitInterrupted:
		return "interrupted"
	}
	return ""
}

// errUsage marks a command line that can't be carried out as it stands.
var errUsage = errors.New("usage")

// errNothing is the answer without hits of a question that was well put.
var errNothing = errors.New("nothing found")

// errUnborn is the answer of a memory that has no commit to know.
var errUnborn = memory.Hint(state(errNothing, "there are no commits here yet"), "make the first commit, then ask again")

// exit is what an error means to the caller.
type exit struct {
	err    error
	status int
	hint   string // for an error that comes without one; may be ""
}

// exits maps errors to exit statuses. The first that matches counts.
var exits = []exit{
	{context.Canceled, exitInterrupted, ""},
	{errUsage, exitUsage, ""},
	{errNothing, exitNothing, ""},
	{memory.ErrInvalid, exitUsage, ""},
	{memory.ErrNotFound, exitNothing, ""},
	{memory.ErrConflict, exitUndone, "look again, then retry"},
	{memory.ErrStale, exitUndone, "look again, then retry"},
	{memory.ErrNotEnrolled, exitUndone, "run memd init here"},
	{memory.ErrNeverEnrol, exitUndone, "enrol.never in your configuration covers this path"},
	{memory.ErrNotRepository, exitNoRepository, "go to a git repository, or name one with -C DIR"},
	{memory.ErrNotOwner, exitUndone, "memd reads only repositories that you own"},
	{memory.ErrReadOnly, exitUndone, "another memd may hold this memory; retry when it is done"},
	{memory.ErrBusy, exitUndone, "another memd is writing this memory; retry in a moment"},
	{memory.ErrDiskFull, exitError, "make room on the disk that memd status names, then run memd init to go on"},
	{memory.ErrCorrupt, exitError, "run memd doctor --rebuild"},
	{memory.ErrForeign, exitError, "run memd doctor to see which file it is"},
	{memory.ErrUnknownPlace, exitUndone, "a person can begin a new memory here: memd init --again"},
	{memory.ErrUnreachable, exitUnreachable, ""},
}

// exitStatus gives the exit status of a verb that ended with err.
func exitStatus(err error) int {
	if err == nil {
		return exitDone
	}
	for _, x := range exits {
		if errors.Is(err, x.err) {
			return x.status
		}
	}
	return exitError
}

// exitHint gives the hint for an error that has none of its own, "" if nothing
// helps in general.
func exitHint(err error) string {
	for _, x := range exits {
		if errors.Is(err, x.err) {
			return x.hint
		}
	}
	return ""
}

// stated is an error that reads as text alone and still is kind.
type stated struct {
	text string
	kind error
}

func (s *stated) Error() string { return s.text }
func (s *stated) Unwrap() error { return s.kind }

// state makes an error of a kind from a whole sentence.
func state(kind error, format string, args ...any) error {
	return &stated{fmt.Sprintf(format, args...), kind}
}

// usage makes an error of the command line, with what to do instead.
func usage(hint, format string, args ...any) error {
	return memory.Hint(state(errUsage, format, args...), hint)
}
