package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/memd-dev/memd/memory"
)

func TestKeysAreMadeOnceAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	if _, err := LoadKeys(dir, false); !errors.Is(err, fs.ErrNotExist) || hintOf(err) == "" {
		t.Fatalf("without keys: got %v, want fs.ErrNotExist with a hint", err)
	}
	first, err := LoadKeys(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	if first.Redact == first.Hunk || first.Redact == [KeyBytes]byte{} || first.Hunk == [KeyBytes]byte{} {
		t.Fatal("keys are equal or empty")
	}
	for _, create := range []bool{false, true} {
		if got, err := LoadKeys(dir, create); err != nil || got != first {
			t.Errorf("create %v: other keys the second time, %v", create, err)
		}
	}
	if m := modeOf(t, dir); m != 0o700 {
		t.Errorf("directory has mode %o", m)
	}
	for _, name := range []string{"redact", "hunk"} {
		if m := modeOf(t, filepath.Join(dir, name)); m != 0o600 {
			t.Errorf("%s has mode %o", name, m)
		}
	}

	// Only what is missing is made.
	if err := os.Remove(filepath.Join(dir, "hunk")); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKeys(dir, false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing key: got %v, want fs.ErrNotExist", err)
	}
	second, err := LoadKeys(dir, true)
	if err != nil || second.Redact != first.Redact || second.Hunk == first.Hunk {
		t.Errorf("made anew: redact kept %v, hunk new %v, %v", second.Redact == first.Redact, second.Hunk != first.Hunk, err)
	}
	printed := fmt.Sprintf("%v %+v %#v %s", second, second, second, second)
	if want := "keys keys daemon.Keys{…} keys"; printed != want {
		t.Errorf("printed as %q, want %q", printed, want)
	}
}

func TestKeysThatFailACheckAreLeftAlone(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"short":    func(p string) error { return os.WriteFile(p, make([]byte, 31), 0o600) },
		"empty":    func(p string) error { return os.WriteFile(p, nil, 0o600) },
		"long":     func(p string) error { return os.WriteFile(p, make([]byte, 33), 0o600) },
		"readable": func(p string) error { return os.Chmod(p, 0o640) },
		"a pipe":   func(p string) error { return errors.Join(os.Remove(p), syscall.Mkfifo(p, 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "keys")
			if _, err := LoadKeys(dir, true); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "hunk")
			if err := spoil(path); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := LoadKeys(dir, true); !errors.Is(err, memory.ErrForeign) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want ErrForeign that names %s", err, path)
			}
			after, err := os.Lstat(path)
			if err != nil || after.Size() != before.Size() || after.Mode() != before.Mode() || !os.SameFile(before, after) {
				t.Errorf("the key was changed: %v, %v, %v", before, after, err)
			}
		})
	}
}

func TestKeysMadeByManyAtOnceAreTheSame(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	var all [20]Keys
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			var err error
			if all[i], err = LoadKeys(dir, true); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i, k := range all {
		if k != all[0] {
			t.Errorf("loader %d has other keys", i)
		}
	}
}
