package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/memd-dev/memd/fixtures"
)

// nobody is the user for whom permissions count. Root proves nothing about
// them.
const nobody = 65534

// asNobody is a place whose program runs as nobody where root runs the test,
// and as ourselves otherwise. Its directories can be entered by that user,
// which those of t.TempDir can't.
type asNobody struct {
	place
	top, memd string
}

func newNobody(t *testing.T) asNobody {
	t.Helper()
	top, err := os.MkdirTemp("", "memd-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		chmodTree(t, top, 0o700)
		if err := os.RemoveAll(top); err != nil {
			t.Error(err)
		}
	})
	n := asNobody{place: place{T: t, repo: filepath.Join(top, "shop"), data: filepath.Join(top, "home", "data"), state: filepath.Join(top, "home", "state")}, top: top}
	n.memd = filepath.Join(top, "memd") // a test binary of this name is memd
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(n.memd, data, 0o755); err != nil {
		t.Fatal(err)
	}
	shop, err := fixtures.Load("shop")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shop.Write(n.repo); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(top, "home"), 0o755); err != nil {
		t.Fatal(err)
	}
	n.own(top)
	return n
}

// own gives a tree to nobody, where we may.
func (n asNobody) own(dir string) {
	n.Helper()
	if os.Geteuid() != 0 {
		return
	}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, nobody, nobody))
	})
	if err != nil {
		n.Fatal(err)
	}
}

// result is what a run of the program ended with.
type ended struct {
	status   int
	out, err string
}

// try runs the program and gives how it ended. A panic fails the test.
func (n asNobody) try(args ...string) ended {
	n.Helper()
	cmd := n.command(n.Context(), args...)
	cmd.Path = n.memd
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return end(n.T, cmd)
}

func end(t *testing.T, cmd *exec.Cmd) ended {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%q: %v", cmd.Args, err)
	}
	e := ended{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
	if strings.Contains(e.err, "goroutine") || strings.Contains(e.err, "panic") || e.status < 0 {
		t.Errorf("%q breaks down with %d:\n%s", cmd.Args[1:], e.status, e.err)
	}
	return e
}

// chmodTree sets the mode of all directories of a tree, and that of its files
// without the right to execute.
func chmodTree(t *testing.T, dir string, mode fs.FileMode) {
	t.Helper()
	// From the top down and once more from the bottom up: a directory that
	// can't be entered hides what is below.
	var paths []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		paths = append(paths, path)
		if d.IsDir() {
			return os.Chmod(path, mode|0o500)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := len(paths) - 1; i >= 0; i-- {
		info, err := os.Lstat(paths[i])
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case info.IsDir():
			err = os.Chmod(paths[i], mode)
		case info.Mode().IsRegular():
			err = os.Chmod(paths[i], mode&^0o111)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (e ended) is(t *testing.T, what string, status int, out, err string) {
	t.Helper()
	if e.status != status || !strings.Contains(e.out, out) || !strings.Contains(e.err, err) {
		t.Errorf("%s: got %d\n%s%s\nwant %d with %q and %q", what, e.status, e.out, e.err, status, out, err)
	}
}

const sevenTries = "why do we retry at most seven times"

// TestReadOnlyHome: a memory whose directories can't be written answers, and
// says what it can't do.
func TestReadOnlyHome(t *testing.T) {
	n := newNobody(t)
	n.try("init", "-q").is(t, "init while it can be written", 0, "", "")
	dump := n.try("doctor", "--dump")
	home := filepath.Join(n.top, "home")
	chmodTree(t, home, 0o500)
	before := names(t, home)

	n.try("recall", sevenTries).is(t, "recall", 0, "payment: retry at most seven times", "")
	n.try("why", "payment/gateway.go:18").is(t, "why", 0, "08dee0c", "")
	n.try("why", "order/order.go").is(t, "why of a file", 0, "introduced", "")
	n.try("status").is(t, "status", 0, "memory is open read-only", "")
	if again := n.try("doctor", "--dump"); again.status != 0 || again.out != dump.out {
		t.Errorf("doctor --dump: %d\n%s, and %d bytes instead of %d", again.status, again.err, len(again.out), len(dump.out))
	}
	n.try("doctor").is(t, "doctor", 1, "wrong  lock", "one check failed")
	for _, verb := range [][]string{{"init"}, {"doctor", "--rebuild"}} {
		e := n.try(verb...)
		e.is(t, strings.Join(verb, " "), 4, "", "memd: ")
		if !strings.Contains(e.err, "permission denied") || !strings.Contains(e.err, "\nhint: ") {
			t.Errorf("memd %q says %s", verb, e.err)
		}
	}
	if after := names(t, home); after != before {
		t.Errorf("the home holds\n%s\nand held\n%s", after, before)
	}

	// Where there is no memory yet, none can begin.
	n.data, n.state = filepath.Join(home, "data2"), filepath.Join(home, "state2")
	e := n.try("init")
	e.is(t, "init in a home that can't be written", 4, "", "permission denied")
	if !strings.Contains(e.err, "\nhint: ") || strings.Count(e.err, "\n") != 2 {
		t.Errorf("init says %s", e.err)
	}
	n.try("recall", sevenTries).is(t, "recall without a memory", 4, "", "memd: not enrolled")
	if after := names(t, home); after != before {
		t.Errorf("the home holds\n%s\nand held\n%s", after, before)
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		list = append(list, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, "\n")
}

// mounted mounts a file system for the time of the test, or skips it where
// that is not permitted.
func mounted(t *testing.T, source, dir, kind string, flags uintptr, data string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skipf("not run: only root may mount a %s", kind)
	}
	if err := syscall.Mount(source, dir, kind, flags, data); err != nil {
		t.Skipf("not run: mounting a %s is not permitted here: %v", kind, err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
}

// TestReadOnlyFileSystem: the same on a mount that nobody can write, root
// neither.
func TestReadOnlyFileSystem(t *testing.T) {
	n := newNobody(t)
	n.try("init", "-q").is(t, "init while it can be written", 0, "", "")
	dump := n.try("doctor", "--dump")
	home := filepath.Join(n.top, "home")
	mounted(t, home, home, "bind mount", syscall.MS_BIND, "")
	if err := syscall.Mount("", home, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	n.try("recall", sevenTries).is(t, "recall", 0, "payment: retry at most seven times", "")
	n.try("why", "payment/gateway.go:18").is(t, "why", 0, "08dee0c", "")
	n.try("status").is(t, "status", 0, "memory is open read-only", "")
	if again := n.try("doctor", "--dump"); again.status != 0 || again.out != dump.out {
		t.Errorf("doctor --dump: %d\n%s, and %d bytes instead of %d", again.status, again.err, len(again.out), len(dump.out))
	}
	n.try("init").is(t, "init", 4, "", "read-only file system")
	n.data, n.state = filepath.Join(home, "data2"), filepath.Join(home, "state2")
	n.try("init").is(t, "init of a new memory", 4, "", "read-only file system")
}

// TestFullDisk: on a disk of 3 MB mining stops with a sentence and a hint; what
// was mined is kept and answers; with more room it goes on, and in the end the
// memory is that of a run with room enough.
func TestFullDisk(t *testing.T) {
	top := t.TempDir()
	p := place{T: t, repo: filepath.Join(top, "made.git"), data: filepath.Join(top, "data"), state: filepath.Join(top, "state")}
	if err := fixtures.GenerateRepo(p.repo, fixtures.Synthetic{Seed: 12, Commits: 4000}); err != nil {
		t.Fatal(err)
	}
	p.run("init", "-q")
	want := p.run("doctor", "--dump")

	small := p
	small.state = filepath.Join(top, "small")
	if err := os.Mkdir(small.state, 0o700); err != nil {
		t.Fatal(err)
	}
	mounted(t, "tmpfs", small.state, "tmpfs", 0, "size=3m,mode=700")
	try := func(args ...string) ended { t.Helper(); return end(t, small.command(t.Context(), args...)) }

	for range 2 {
		e := try("init", "-q")
		e.is(t, "init on a full disk", 1, "", "disk is full")
		if !strings.Contains(e.err, "\nhint: ") || strings.Count(e.err, "\n") != 2 {
			t.Errorf("init says %s", e.err)
		}
	}
	status := try("status", "--json")
	status.is(t, "status", 0, `"total":4000`, "")
	if strings.Contains(status.out, `"mined":0`) {
		t.Errorf("nothing of what was mined is kept: %s", status.out)
	}
	e := try("recall", "--json", "--limit", "3", "why is the cache bounded")
	if e.status != 0 && e.status != 3 || e.status == 0 && !strings.Contains(e.out, `"commits":[{`) {
		t.Errorf("recall on a full disk: %d\n%s%s", e.status, e.out, e.err)
	}
	try("doctor").is(t, "doctor", 0, "ok     index", "")

	if err := syscall.Mount("", small.state, "", syscall.MS_REMOUNT, "size=200m"); err != nil {
		t.Fatal(err)
	}
	try("init", "-q").is(t, "init with room again", 0, "", "")
	if got := try("doctor", "--dump"); got.out != want {
		t.Errorf("the dump has %d bytes and differs, want %d bytes\n%s", len(got.out), len(want), got.err)
	}
}

// TestNoRoomForAnything: where not even the keys fit, nothing is begun.
func TestNoRoomForAnything(t *testing.T) {
	n := newNobody(t)
	home := filepath.Join(n.top, "home")
	mounted(t, "tmpfs", home, "tmpfs", 0, "size=8k,mode=777")
	if err := os.WriteFile(filepath.Join(home, "filler"), make([]byte, 8<<10), 0o600); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	e := n.try("init")
	if e.status != 1 || !strings.Contains(e.err, "no space left on device") && !strings.Contains(e.err, "disk is full") || !strings.Contains(e.err, "\nhint: ") {
		t.Errorf("init without room: %d\n%s", e.status, e.err)
	}
	if err := os.Remove(filepath.Join(home, "filler")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", home, "", syscall.MS_REMOUNT, "size=50m"); err != nil {
		t.Fatal(err)
	}
	n.try("init").is(t, "init with room", 0, "40 commits mined", "")
}
