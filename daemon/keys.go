package daemon

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/memd-dev/memd/memory"
)

// KeyBytes is the length of every key.
const KeyBytes = 32

// Keys are the random keys of one repository. They never leave the machine and
// are kept by a rebuild: without them equal secrets would no longer look equal,
// and the ids of hunks would all differ.
type Keys struct {
	Redact [KeyBytes]byte // of the hash in <secret:kind#h4>
	Hunk   [KeyBytes]byte // of hunk ids
}

// String hides the keys from logs.
func (Keys) String() string { return "keys" }

// GoString hides the keys from %#v.
func (Keys) GoString() string { return "daemon.Keys{…}" }

// LoadKeys reads the keys in dir, one file each with mode 0600. With create it
// first makes the directory and the keys that are missing, fsynced; a key that
// exists is never replaced. A missing key without create is fs.ErrNotExist; a
// key of another length, of another user, or readable for others is
// memory.ErrForeign: it is named and left alone.
func LoadKeys(dir string, create bool) (Keys, error) {
	if create {
		if err := makeKeys(dir); err != nil {
			return Keys{}, err
		}
	}
	var k Keys
	for _, file := range k.files() {
		if err := readKey(filepath.Join(dir, file.name), file.key); err != nil {
			return Keys{}, err
		}
	}
	return k, nil
}

type keyFile struct {
	name string
	key  *[KeyBytes]byte
}

func (k *Keys) files() []keyFile {
	return []keyFile{{"redact", &k.Redact}, {"hunk", &k.Hunk}}
}

// makeKeys writes the keys that are missing. The lock keeps two processes from
// each making a key and using another one than the other.
func makeKeys(dir string) error {
	if err := MakeDir(dir); err != nil {
		return err
	}
	var missing []string
	for _, file := range new(Keys).files() {
		path := filepath.Join(dir, file.name)
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, path)
		}
	}
	if missing == nil { // nothing to write: a read-only disk is no obstacle
		return nil
	}
	lock, err := waitLock(filepath.Join(dir, ".lock"))
	if err != nil {
		return err
	}
	defer lock.Close()
	for _, path := range missing {
		if _, err := os.Lstat(path); err == nil {
			continue // another process was faster
		}
		var key [KeyBytes]byte
		rand.Read(key[:]) // never fails: it ends the process instead
		if err := WriteFile(path, key[:], fileMode); err != nil {
			return err
		}
	}
	return nil
}

func readKey(path string, key *[KeyBytes]byte) error {
	data, info, err := readOwn(path, KeyBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return memory.Hint(fmt.Errorf("key %q is missing: %w", path, fs.ErrNotExist),
			"restore it from a backup, or run memd init here to make a new one")
	}
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return memory.Hint(
			&fault{text: fmt.Sprintf("key %q has mode %04o, so others may have read it", path, info.Mode().Perm()), is: memory.ErrForeign},
			fmt.Sprintf("run chmod 600 %q if only you use this machine", path))
	}
	if len(data) != KeyBytes {
		return memory.Hint(
			&fault{text: fmt.Sprintf("key %q has %d bytes instead of %d", path, len(data), KeyBytes), is: memory.ErrForeign},
			"restore it from a backup")
	}
	copy(key[:], data)
	return nil
}
