package main

import (
	"context"
	"errors"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/memd-dev/memd/bench/scratch"
	"github.com/memd-dev/memd/daemon"
	"github.com/memd-dev/memd/memory"
)

// lines traces random lines of random files, and gives p50 and p99 of a line
// that is asked for the second time: hunks of merges are made on first use.
func lines(ctx context.Context, d *daemon.Daemon, env memory.Envelope, repo string, random *rand.Rand) ([2]time.Duration, error) {
	out, err := scratch.Git(repo, "ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD")
	if err != nil {
		return [2]time.Duration{}, err
	}
	paths := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	var took []time.Duration
	for tries := 0; len(took) < 500 && tries < 2000; tries++ {
		path := []byte(paths[random.Intn(len(paths))])
		n := 1 + random.Intn(60)
		if _, err := d.Trace(ctx, env, "HEAD", path, []int{n}); errors.Is(err, memory.ErrNotFound) || errors.Is(err, memory.ErrInvalid) {
			continue // shorter, or no file with lines
		} else if err != nil {
			return [2]time.Duration{}, err
		}
		traced, err := d.Trace(ctx, env, "HEAD", path, []int{n})
		if err != nil {
			return [2]time.Duration{}, err
		}
		took = append(took, traced[0].Took)
	}
	return percentiles(took), nil
}

// packed gives the size of the history's pack, repacked in a copy so that it
// holds what HEAD reaches and nothing else.
func packed(repo, dir string) (int64, error) {
	if _, err := scratch.Git(repo, "init", "-q", "--bare", dir); err != nil {
		return 0, err
	}
	if _, err := scratch.Shell(repo, "git rev-parse HEAD | git pack-objects --revs --delta-base-offset --quiet "+filepath.Join(dir, "objects", "pack", "pack")); err != nil {
		return 0, err
	}
	found, err := filepath.Glob(filepath.Join(dir, "objects", "pack", "*.pack"))
	if err != nil || len(found) == 0 {
		return 0, errors.Join(err, os.ErrNotExist)
	}
	info, err := os.Stat(found[0])
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
