package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/memd-dev/memd/fixtures"
)

// killRounds is how often a memory is begun and killed on its way. Set
// MEMD_KILL_ROUNDS for more.
const killRounds = 5

func rounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("MEMD_KILL_ROUNDS")
	if text == "" {
		return killRounds
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("MEMD_KILL_ROUNDS=%q is no number of rounds", text)
	}
	return n
}

// place is a repository and the directories that memd keeps for it.
type place struct {
	*testing.T
	repo, data, state string
}

// command is the real program in an environment made from nothing.
func (p place) command(ctx context.Context, args ...string) *exec.Cmd {
	p.Helper()
	memd, err := exec.LookPath("memd") // this test binary under its other name
	if err != nil {
		p.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, memd, args...)
	cmd.Dir = p.repo
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(p.repo), "LC_ALL=C.UTF-8", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"XDG_DATA_HOME=" + p.data, "XDG_STATE_HOME=" + p.state, "XDG_CONFIG_HOME=" + filepath.Join(filepath.Dir(p.repo), "config"),
	}
	return cmd
}

func (p place) run(args ...string) string {
	p.Helper()
	cmd := p.command(p.Context(), args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		p.Fatalf("memd %q: %v\n%s%s", args, err, out.String(), errs.String())
	}
	return out.String()
}

// killed runs memd and kills it after a time. It reports whether the kill came
// in time. Another end than by us is a failure.
func (p place) killed(after time.Duration, args ...string) bool {
	p.Helper()
	cmd := p.command(p.Context(), args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		p.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { cmd.Process.Kill() }) // where it is gone there is nothing to kill
	err := cmd.Wait()
	timer.Stop()
	if err == nil {
		return false
	}
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		p.Fatalf("memd %q before it was killed: %v\n%s", args, err, errs.String())
	}
	return true
}

// copyTree copies a directory with its modes: keys that others can read are
// refused.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		dest := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(dest, info.Mode().Perm())
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(dest, data, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestKillWhileMining kills the real program at random moments of its first
// run, starts it again, kills that one, and so on. However that went, the
// memory at the end is byte by byte that of a run which nobody disturbed, under
// the same keys.
func TestKillWhileMining(t *testing.T) {
	top := t.TempDir()
	p := place{T: t, repo: filepath.Join(top, "made.git"), data: filepath.Join(top, "data"), state: filepath.Join(top, "state")}
	if err := fixtures.GenerateRepo(p.repo, fixtures.Synthetic{Seed: 9, Commits: 1500, MergeEvery: 10}); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	p.run("init", "-q")
	whole := time.Since(start)
	want := p.run("doctor", "--dump")
	if n := strings.Count(want, `{"kind":"commit"`); n != 1500 {
		t.Fatalf("the dump has %d commits", n)
	}
	r := rand.New(rand.NewPCG(2026, 9))
	kills, failures := 0, 0
	for round := range rounds(t) {
		q := p
		q.data, q.state = filepath.Join(top, "data"+strconv.Itoa(round)), filepath.Join(top, "state"+strconv.Itoa(round))
		copyTree(t, p.data, q.data)
		for again := range 4 {
			// Most of the time is mining; a fifth of the moments are in the
			// first hundredth of it, where files come to be.
			after := time.Duration(r.Int64N(int64(whole)))
			if r.IntN(5) == 0 {
				after /= 50
			}
			verb := []string{"init", "-q"}
			if again > 1 && r.IntN(3) == 0 {
				verb = []string{"doctor", "--rebuild", "-q"}
			}
			if q.killed(after, verb...) {
				kills++
			}
		}
		q.run("init", "-q")
		if got := q.run("doctor", "--dump"); got != want {
			failures++
			t.Errorf("round %d: the dump has %d bytes and differs, want %d bytes", round, len(got), len(want))
		}
		q.run("doctor", "-q")
		left, err := filepath.Glob(filepath.Join(q.state, "memd", "*", "*.damaged*"))
		if err != nil || len(left) != 0 {
			failures++
			t.Errorf("round %d: damaged files %v, %v", round, left, err)
		}
		if err := errors.Join(os.RemoveAll(q.data), os.RemoveAll(q.state)); err != nil {
			t.Fatal(err)
		}
	}
	if kills < rounds(t) {
		t.Errorf("only %d kills came in time in %d rounds", kills, rounds(t))
	}
	t.Logf("%d rounds, %d kills, %d failures; an undisturbed run took %v", rounds(t), kills, failures, whole)
}

// TestKillWhileEnrolling kills memd init in its first moments, when journal,
// keys, registry, lock and index come to be. The next one must succeed.
func TestKillWhileEnrolling(t *testing.T) {
	top := t.TempDir()
	repo := filepath.Join(top, "shop")
	shop, err := fixtures.Load("shop")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shop.Write(repo); err != nil {
		t.Fatal(err)
	}
	p := place{T: t, repo: repo, data: filepath.Join(top, "data"), state: filepath.Join(top, "state")}
	start := time.Now()
	p.run("init", "-q")
	whole := time.Since(start)
	r := rand.New(rand.NewPCG(2026, 10))
	kills := 0
	for round := range 2 * rounds(t) {
		q := p
		q.data, q.state = filepath.Join(top, "data"+strconv.Itoa(round)), filepath.Join(top, "state"+strconv.Itoa(round))
		for range 2 {
			if q.killed(time.Duration(r.Int64N(int64(whole))), "init", "-q") {
				kills++
			}
		}
		q.run("init", "-q")
		q.run("doctor", "-q")
		if out := q.run("recall", "-q", "why do we retry at most seven times"); !strings.Contains(out, "1. ") || !strings.Contains(strings.SplitN(out, "\n", 3)[0]+out, "retry at most seven times") {
			t.Errorf("round %d: recall says %q", round, out)
		}
	}
	if kills == 0 {
		t.Error("no kill came in time")
	}
	t.Logf("%d rounds, %d kills; an undisturbed run took %v", 2*rounds(t), kills, whole)
}
