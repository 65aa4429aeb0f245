package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"syscall"
	"time"

	"github.com/memd-dev/memd/memory"
)

// Lock is an exclusive hold on a file that ends with Close or with the
// process, however that dies.
type Lock struct {
	f *os.File
}

// AcquireLock takes the lock at path, or fails at once with memory.ErrBusy
// when somebody else holds it, in this process or another. The directory must
// exist. The file has mode 0600, holds nothing and is never removed: removing
// it would let two processes hold two files of one name. memory.ErrReadOnly:
// the file can't be opened for writing.
func AcquireLock(path string) (*Lock, error) {
	// A lock on a file that was replaced under us protects nothing. Twice is
	// bad luck already; more often somebody keeps removing it.
	for range 3 {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
		if err != nil {
			return nil, unwritable("open lock", path, err)
		}
		held, err := lockOpened(f, path)
		if err != nil {
			f.Close()
			return nil, err
		}
		if held {
			return &Lock{f: f}, nil
		}
		f.Close()
	}
	return nil, fmt.Errorf("lock %q: somebody keeps replacing the file: %w", path, memory.ErrBusy)
}

// lockOpened locks f and reports whether path still names it.
func lockOpened(f *os.File, path string) (bool, error) {
	if err := flock(f); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return false, memory.Hint(fmt.Errorf("lock %q: %w", path, memory.ErrBusy),
				"another memd is writing this memory; try again when it is done")
		}
		return false, fmt.Errorf("lock %q: %w", path, err)
	}
	info, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("lock %q: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return false, &fault{text: fmt.Sprintf("lock %q is not a regular file", path), is: memory.ErrForeign}
	}
	if err := checkOwner(path, info); err != nil {
		return false, err
	}
	if info.Mode().Perm() != fileMode {
		if err := f.Chmod(fileMode); err != nil {
			return false, unwritable("close to other users", path, err)
		}
	}
	named, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock %q: %w", path, err)
	}
	return os.SameFile(info, named), nil
}

// Close gives the lock up. It may be called twice.
func (l *Lock) Close() error {
	if l == nil || l.f == nil {
		return nil
	}
	f := l.f
	l.f = nil
	return f.Close() // closing the only descriptor ends the flock
}

// flock tries once; syscall.EWOULDBLOCK means that it is held.
func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != syscall.EINTR {
			return err
		}
	}
}

// lockWait bounds the wait for a lock that is held for two fsyncs, which take
// milliseconds, and on a busy disk tens of them. A hundred such holders in a
// row are done in a few seconds, so thirty mean that a holder hangs.
const lockWait = 30 * time.Second

// waitLock is AcquireLock for locks that are held briefly: it waits for at
// most lockWait. It polls, because a blocking flock can't be given up.
func waitLock(path string) (*Lock, error) {
	end := time.Now().Add(lockWait)
	for {
		lock, err := AcquireLock(path)
		if err == nil || !errors.Is(err, memory.ErrBusy) || time.Now().After(end) {
			return lock, err
		}
		time.Sleep(time.Millisecond + rand.N(10*time.Millisecond))
	}
}
