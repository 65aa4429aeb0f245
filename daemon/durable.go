package daemon

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/memd-dev/memd/memory"
)

// The modes of everything memd makes, whatever the umask: other users of the
// machine read nothing (R27).
const (
	dirMode  fs.FileMode = 0o700
	fileMode fs.FileMode = 0o600
)

// fault is an error with a text of its own that still matches a sentinel: the
// sentinels' texts speak of the index, and not every damaged file is one.
type fault struct {
	text string
	is   error // sentinel
	why  error // cause, may be nil
}

// Error gives the text and the cause.
func (f *fault) Error() string {
	if f.why != nil {
		return f.text + ": " + f.why.Error()
	}
	return f.text
}

// Unwrap gives the sentinel and the cause.
func (f *fault) Unwrap() []error {
	if f.why != nil {
		return []error{f.is, f.why}
	}
	return []error{f.is}
}

// WriteFile replaces the file at path so that a crash at any moment leaves the
// old bytes or the new ones: temporary file in the same directory, fsync,
// rename, fsync of the directory. When it returns nil the bytes are on the
// disk. perm holds whatever the umask. The directory must exist. An error
// because of permissions or a read-only disk matches memory.ErrReadOnly.
func WriteFile(path string, data []byte, perm fs.FileMode) error {
	dir, name := filepath.Split(path)
	f, err := os.CreateTemp(dir, "."+name+".*.tmp")
	if err != nil {
		return unwritable("write", path, err)
	}
	temporary := f.Name()
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(perm)
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		os.Remove(temporary) // best effort: the error that counts is err
		return unwritable("write", path, err)
	}
	return syncDir(filepath.Dir(path))
}

// MakeDir makes the directory at path, missing parents included, all with mode
// 0700 whatever the umask, and fsyncs the parents. A directory that is there
// already is checked: another user's is refused with memory.ErrForeign, one
// that others may enter is closed to them. Parents that exist are left as they
// are.
func MakeDir(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil:
		return checkDir(path, info)
	case !errors.Is(err, fs.ErrNotExist):
		return unwritable("make directory", path, err)
	}
	if parent := filepath.Dir(path); parent != path {
		// Parents first. One that exists is somebody else's to judge.
		if _, err := os.Stat(parent); errors.Is(err, fs.ErrNotExist) {
			if err := MakeDir(parent); err != nil {
				return err
			}
		}
	}
	if err := os.Mkdir(path, dirMode); err != nil {
		if errors.Is(err, fs.ErrExist) { // another process was faster
			if info, err := os.Stat(path); err == nil {
				return checkDir(path, info)
			}
		}
		return unwritable("make directory", path, err)
	}
	if err := os.Chmod(path, dirMode); err != nil { // a umask of 0777 left it shut
		return unwritable("make directory", path, err)
	}
	return syncDir(filepath.Dir(path))
}

// checkDir checks a directory of ours that is there already.
func checkDir(path string, info fs.FileInfo) error {
	if !info.IsDir() {
		return &fault{text: fmt.Sprintf("%q is not a directory", path), is: memory.ErrForeign}
	}
	if err := checkOwner(path, info); err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := os.Chmod(path, dirMode); err != nil {
		return unwritable("close to other users", path, err)
	}
	return nil
}

// checkOwner refuses what another user owns: reading it would trust that user,
// and writing to it as root would lock the user out.
func checkOwner(path string, info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(st.Uid) == os.Geteuid() {
		return nil
	}
	return memory.Hint(
		&fault{text: fmt.Sprintf("%q belongs to user %d, and memd runs as user %d", path, st.Uid, os.Geteuid()), is: memory.ErrForeign},
		"run memd as the user that owns it, or point XDG_DATA_HOME and XDG_STATE_HOME elsewhere")
}

// readOwn reads a regular file of ours of at most limit bytes. Absence is
// fs.ErrNotExist; a file that is not ours or too long is memory.ErrForeign.
func readOwn(path string, limit int64) ([]byte, fs.FileInfo, error) {
	f, info, err := openRegular(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if err := checkOwner(path, info); err != nil {
		return nil, nil, err
	}
	data, err := readAtMost(f, path, limit)
	return data, info, err
}

// openRegular opens a file for reading without hanging on a pipe.
func openRegular(path string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fault{text: fmt.Sprintf("%q is not a regular file", path), is: memory.ErrForeign}
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// readAtMost reads all of f, which path names in errors.
func readAtMost(f io.Reader, path string, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	if int64(len(data)) > limit {
		return nil, &fault{text: fmt.Sprintf("%q is longer than %d bytes", path, limit), is: memory.ErrForeign}
	}
	return data, nil
}

// unwritable names what could not be written. The causes that a person mends
// elsewhere match memory.ErrReadOnly and carry a hint.
func unwritable(operation, path string, err error) error {
	text := fmt.Sprintf("%s %q", operation, path)
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err // the path is named already
	}
	var linkErr *os.LinkError
	if errors.As(err, &linkErr) {
		err = linkErr.Err
	}
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return memory.Hint(&fault{text: text, is: memory.ErrReadOnly, why: err},
			"make it writable for this user, or point XDG_DATA_HOME and XDG_STATE_HOME elsewhere")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return memory.Hint(fmt.Errorf("%s: %w", text, err), "make room on the disk")
	}
	return fmt.Errorf("%s: %w", text, err)
}

// syncDir makes a rename or a new name in dir survive a power loss.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return unwritable("sync directory", dir, err)
	}
	defer d.Close()
	// Some network file systems know no fsync of directories.
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return unwritable("sync directory", dir, err)
	}
	return nil
}
