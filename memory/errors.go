package memory

import "errors"

// Sentinels. Match them with errors.Is; each is mapped once to an exit status
// (cmd/memd) and, on the wire, to an HTTP status.
var (
	// ErrNotFound: the thing asked for does not exist at the asked revision.
	ErrNotFound = errors.New("not found")
	// ErrInvalid: the request itself is wrong; asking again gives the same.
	ErrInvalid = errors.New("invalid request")
	// ErrConflict: somebody else changed it first; nothing was done.
	ErrConflict = errors.New("conflict")
	// ErrStale: the request is about a state that has passed; nothing was done.
	ErrStale = errors.New("stale")
	// ErrNotEnrolled: memd keeps no memory of this repository.
	ErrNotEnrolled = errors.New("not enrolled")
	// ErrNeverEnrol: the user's configuration forbids a memory here.
	ErrNeverEnrol = errors.New("never enrolled, by configuration")
	// ErrNotRepository: the directory is in no git repository.
	ErrNotRepository = errors.New("not in a git repository")
	// ErrNotOwner: the repository belongs to another user.
	ErrNotOwner = errors.New("repository belongs to another user")
	// ErrReadOnly: the memory is open for reading only, because another
	// process holds it or the disk does not let us write.
	ErrReadOnly = errors.New("memory is open read-only")
	// ErrBusy: another process is writing this memory; a retry may succeed.
	ErrBusy = errors.New("memory is busy")
	// ErrDiskFull: there is no room left for the index; what was committed
	// before is kept.
	ErrDiskFull = errors.New("disk is full")
	// ErrCorrupt: the index failed a check; it can be rebuilt from git.
	ErrCorrupt = errors.New("index is damaged")
	// ErrForeign: a file of ours is not ours, or of a newer memd.
	ErrForeign = errors.New("not a memory of this memd")
	// ErrUnknownPlace: the registry can't say which memory belongs here.
	ErrUnknownPlace = errors.New("repository can't be placed")
	// ErrUnreachable: the daemon can't be reached.
	ErrUnreachable = errors.New("daemon can't be reached")
)

// Hinted is an error that knows what the user can do next. Front-ends print
// the hint on a line of its own.
type Hinted struct {
	Err  error
	Next string // one line, without a full stop: "run memd init here"
}

// Error gives the text of the wrapped error; the hint is not part of it.
func (h *Hinted) Error() string { return h.Err.Error() }

// Unwrap gives the wrapped error.
func (h *Hinted) Unwrap() error { return h.Err }

// Hint wraps err with what to do next. It returns nil when err is nil.
func Hint(err error, next string) error {
	if err == nil {
		return nil
	}
	return &Hinted{Err: err, Next: next}
}
