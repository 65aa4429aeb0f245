// Command bench measures mining and the hot path on real repositories.
//
//	make bench MEMD_BENCH_REPOS="GIT_DIR …"
//
// The variable names git dirs, or directories that hold some (OWNER/NAME or
// OWNER+NAME/repo); without it a generated repository of 5,000 commits is used. For each one it
// runs, one after the other on the same machine: git log -p -M -U0 --no-merges,
// which only prints what memd must also read, attribute, redact and index; then
// bin/memd init in a fresh memory of the same history; then init of the newest
// 1,000 commits in another one; then questions and lines against the warm index
// in this process. Times are of whole processes; what counts is the ratio.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/memd-dev/memd/bench/scratch"
	"github.com/memd-dev/memd/fixtures"
	"github.com/memd-dev/memd/memory"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	memd := flag.String("memd", "bin/memd", "the binary to measure")
	flag.Parse()
	binary, err := filepath.Abs(*memd)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "memd-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	dirs := repositories(os.Getenv("MEMD_BENCH_REPOS"))
	if len(dirs) == 0 {
		dir := filepath.Join(work, "generated")
		fmt.Fprintln(os.Stderr, "bench: MEMD_BENCH_REPOS is empty; generating 5,000 commits")
		if err := fixtures.GenerateRepo(dir, fixtures.Synthetic{Seed: 1, Commits: 5000}); err != nil {
			return err
		}
		dirs = []string{dir}
	}
	fmt.Printf("%-26s %8s %9s %9s %7s %7s %8s %8s %7s %9s %9s\n", "mining", "commits", "git log", "memd", "wall", "cpu", "peak", "first 1k", "index", "recall", "line")
	fmt.Printf("%-26s %8s %9s %9s %7s %7s %8s %8s %7s %9s %9s\n", "", "", "", "", "ratio", "ratio", "RSS", "", "/ pack", "p50/p99", "p50/p99")
	for i, dir := range dirs {
		if err := measure(ctx, binary, dir, filepath.Join(work, fmt.Sprint(i))); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	return nil
}

// repositories gives the git dirs that the variable names.
func repositories(list string) []string {
	var dirs []string
	for _, root := range strings.Fields(list) {
		for _, pattern := range []string{"", ".git", "*/objects", "*/*/objects", "*/.git/objects"} {
			found, err := filepath.Glob(filepath.Join(root, pattern))
			if err != nil {
				continue // the patterns are constants
			}
			for _, f := range found {
				f = strings.TrimSuffix(f, "/objects")
				if info, err := os.Stat(filepath.Join(f, "objects")); err == nil && info.IsDir() {
					dirs = append(dirs, f)
				}
			}
		}
	}
	sort.Strings(dirs)
	return dirs
}

// cost is what one process took.
type cost struct {
	wall, cpu time.Duration
	peak      int64 // bytes, of the process itself without its children
}

// process runs a command and watches its memory.
func process(ctx context.Context, env []string, dir, name string, args ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.Stdout = dir, env, io.Discard
	var stderr strings.Builder
	cmd.Stderr = &stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return cost{}, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	var c cost
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.peak = max(c.peak, highWater(cmd.Process.Pid))
		case err := <-done:
			c.wall = time.Since(start)
			if err != nil {
				return c, fmt.Errorf("%s %s: %w: %s", filepath.Base(name), args[0], err, stderr.String())
			}
			c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			return c, nil
		}
	}
}

// highWater gives the largest resident size of a process so far, as the kernel
// keeps it.
func highWater(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(text), "\n") {
		var kb int64
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err == nil {
			return kb << 10
		}
	}
	return 0
}

func measure(ctx context.Context, binary, dir, work string) error {
	out, err := scratch.Git(dir, "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	head := strings.TrimSpace(string(out))
	repo, err := scratch.Repository(dir, head, filepath.Join(work, "repo"))
	if err != nil {
		return err
	}
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + work, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C"}
	// Where an object is missing git log ends early, and there is no baseline.
	base, baseErr := process(ctx, env, repo, "git", "log", "-p", "-M", "-U0", "--no-merges", "HEAD")
	state := func(name string) []string {
		return append(env, "XDG_DATA_HOME="+filepath.Join(work, name, "data"), "XDG_STATE_HOME="+filepath.Join(work, name, "state"))
	}
	mined, err := process(ctx, state("all"), repo, binary, "init", "--quiet")
	if err != nil {
		return err
	}
	first, err := process(ctx, state("first"), repo, binary, "init", "--quiet", "--newest", "1000")
	if err != nil {
		return err
	}
	hot, err := hotPath(ctx, repo, filepath.Join(work, "all"))
	if err != nil {
		return err
	}
	pack, err := packed(repo, filepath.Join(work, "packed"))
	if err != nil {
		return err
	}
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }
	name := strings.TrimSuffix(strings.TrimSuffix(dir, "/repo"), "/.git")
	baseline := []any{"stopped", "-", "-"}
	if baseErr == nil {
		baseline = []any{fmt.Sprintf("%.1fs", base.wall.Seconds()), fmt.Sprintf("%.2f", mined.wall.Seconds()/base.wall.Seconds()), fmt.Sprintf("%.2f", mined.cpu.Seconds()/base.cpu.Seconds())}
	} else if ctx.Err() != nil {
		return ctx.Err()
	}
	fmt.Printf("%-26s %8d %9s %8.1fs %7s %7s %6dMB %7.1fs %7.2f %9s %9s\n", clip(filepath.Base(name), 26), hot.commits,
		baseline[0], mined.wall.Seconds(), baseline[1], baseline[2], mined.peak>>20, first.wall.Seconds(), float64(hot.index)/float64(pack), ms(hot.recall[0])+"/"+ms(hot.recall[1]), ms(hot.line[0])+"/"+ms(hot.line[1]))
	return nil
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[len(s)-n:]
	}
	return s
}

// hot is the warm figures of one memory.
type hot struct {
	commits      int
	index        int64
	recall, line [2]time.Duration // p50, p99
}

// hotPath asks 300 questions, which are subjects of random commits with a few
// words of their bodies, and traces 500 random lines.
func hotPath(ctx context.Context, repo, work string) (*hot, error) {
	d, env, err := scratch.OpenAt(ctx, repo, filepath.Join(work, "data", "memd"), filepath.Join(work, "state", "memd"))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	status, err := d.Status(ctx, env)
	if err != nil {
		return nil, err
	}
	h := &hot{commits: status.Mined, index: status.IndexBytes}
	out, err := scratch.Git(repo, "log", "--no-merges", "--format=%s %b%x00")
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewSource(1))
	messages := strings.Split(string(out), "\x00")
	var took []time.Duration
	for range 300 {
		words := strings.Fields(messages[random.Intn(len(messages))])
		if len(words) < 3 {
			continue
		}
		words = words[:min(len(words), 5+random.Intn(26))]
		start := time.Now()
		if _, err := d.Recall(ctx, env, memory.RecallQuery{Text: strings.Join(words, " ")}); err != nil {
			return nil, err
		}
		took = append(took, time.Since(start))
	}
	h.recall = percentiles(took)
	h.line, err = lines(ctx, d, env, repo, random)
	return h, err
}

func percentiles(took []time.Duration) [2]time.Duration {
	if len(took) == 0 {
		return [2]time.Duration{}
	}
	sort.Slice(took, func(a, b int) bool { return took[a] < took[b] })
	return [2]time.Duration{took[len(took)/2], took[len(took)*99/100]}
}
