package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/memd-dev/memd/memory"
)

// rerun starts this test binary once more for the running test alone, with an
// environment of its own: nothing of the caller's leaks in. It starts through
// /proc/self/exe because another user can't reach the directory of the binary.
func rerun(t *testing.T, env ...string) *exec.Cmd {
	t.Helper()
	exe := "/proc/self/exe"
	if _, err := os.Stat(exe); err != nil {
		if exe, err = os.Executable(); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^"+t.Name()+"$", "-test.v", "-test.count=1")
	cmd.Dir = "/"
	cmd.Env = append([]string{"PATH=/usr/bin:/bin"}, env...)
	return cmd
}

// unprivileged runs body in a directory of its own as a user whom permissions
// bind. Started by root it runs the test again as uid 65534, and fails when it
// can't.
func unprivileged(t *testing.T, body func(t *testing.T, dir string)) {
	t.Helper()
	const variable = "DAEMON_TEST_UNPRIVILEGED_DIR"
	if dir := os.Getenv(variable); dir != "" {
		if os.Geteuid() == 0 {
			t.Fatal("still root")
		}
		body(t, dir)
		return
	}
	if os.Geteuid() != 0 {
		body(t, t.TempDir())
		return
	}
	dir, err := os.MkdirTemp("", "memd-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	cmd := rerun(t, variable+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("as uid 65534: %v\n%s", err, out)
	}
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func hintOf(err error) string {
	var h *memory.Hinted
	if errors.As(err, &h) {
		return h.Next
	}
	return ""
}

func TestModesDoNotDependOnTheUmask(t *testing.T) {
	const variable = "DAEMON_TEST_UMASK"
	if dir := os.Getenv(variable); dir != "" {
		for _, umask := range []int{0, 0o022, 0o777} {
			syscall.Umask(umask)
			deep := filepath.Join(dir, fmt.Sprintf("%o", umask), "a", "b")
			if err := MakeDir(deep); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(deep, "file")
			if err := WriteFile(file, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			lock, err := AcquireLock(filepath.Join(deep, "lock"))
			if err != nil {
				t.Fatal(err)
			}
			lock.Close()
			for path, want := range map[string]fs.FileMode{
				deep: 0o700, filepath.Dir(deep): 0o700, file: 0o600, filepath.Join(deep, "lock"): 0o600,
			} {
				if got := modeOf(t, path); got != want {
					t.Errorf("umask %o: %s has mode %o, want %o", umask, path, got, want)
				}
			}
		}
		return
	}
	// The umask is the process's, so another process has it.
	if out, err := rerun(t, variable+"="+t.TempDir()).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestMakeDirClosesWhatOthersCanEnter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "memd")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(filepath.Dir(dir), 0o755)); err != nil {
		t.Fatal(err)
	}
	if err := MakeDir(dir); err != nil {
		t.Fatal(err)
	}
	if got := modeOf(t, dir); got != 0o700 {
		t.Errorf("mode %o, want 700", got)
	}
	if got := modeOf(t, filepath.Dir(dir)); got != 0o755 {
		t.Errorf("the parent, which is not ours, has mode %o, want 755 as before", got)
	}
}

func TestMakeDirRefusesAnotherUsersDirectory(t *testing.T) {
	unprivileged(t, func(t *testing.T, dir string) {
		err := MakeDir("/usr") // root's, everywhere
		if !errors.Is(err, memory.ErrForeign) || hintOf(err) == "" {
			t.Errorf("got %v (hint %q), want ErrForeign with a hint", err, hintOf(err))
		}
	})
}

func TestWriteFileReplacesAndLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a\xffb")
	for _, text := range []string{"one", "two", ""} {
		if err := WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Fatalf("got %q, %v, want %q", got, err, text)
		}
	}
	// A rename that can't be: the target is a directory that is not empty.
	if err := os.MkdirAll(filepath.Join(dir, "full", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(dir, "full"), []byte("x"), 0o600); err == nil {
		t.Error("a directory was replaced by a file")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v, want the file and the directory", entries, err)
	}
}
