package daemon

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

func TestLockKeepsAnotherProcessOut(t *testing.T) {
	const variable = "DAEMON_TEST_LOCK"
	if path := os.Getenv(variable); path != "" {
		lock, err := AcquireLock(path)
		if err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("\nheld\n")
		bufio.NewReader(os.Stdin).ReadString('\n') // until the parent kills us, or is gone
		lock.Close()
		return
	}
	path := filepath.Join(t.TempDir(), "lock")
	child := rerun(t, variable+"="+path)
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	held := false
	for lines := bufio.NewScanner(stdout); !held && lines.Scan(); {
		held = lines.Text() == "held"
	}
	if !held {
		t.Fatal("the other process did not get the lock")
	}
	lock, err := AcquireLock(path)
	if !errors.Is(err, memory.ErrBusy) || lock != nil || hintOf(err) == "" {
		t.Errorf("while another process holds it: got %v, want ErrBusy with a hint", err)
	}
	// Killed without a chance to clean up, it holds nothing.
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	child.Wait() // killed, so its status says nothing
	lock, err = AcquireLock(path)
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	if _, err := AcquireLock(path); !errors.Is(err, memory.ErrBusy) {
		t.Errorf("twice in one process: got %v, want ErrBusy", err)
	}
	if err := errors.Join(lock.Close(), lock.Close()); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the lock file must stay: %v", err)
	}
	if lock, err = AcquireLock(path); err != nil {
		t.Errorf("after Close: %v", err)
	}
	lock.Close()
}

func TestLockClosesItsFileToOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, 0o666)); err != nil {
		t.Fatal(err)
	}
	lock, err := AcquireLock(path)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if got := modeOf(t, path); got != 0o600 {
		t.Errorf("mode %o, want 600", got)
	}
}

func TestLockWhereNothingCanBeWritten(t *testing.T) {
	unprivileged(t, func(t *testing.T, dir string) {
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(dir, 0o700)
		_, err := AcquireLock(filepath.Join(dir, "lock"))
		if !errors.Is(err, memory.ErrReadOnly) || !strings.Contains(err.Error(), dir) {
			t.Errorf("got %v, want ErrReadOnly that names the place", err)
		}
	})
}
