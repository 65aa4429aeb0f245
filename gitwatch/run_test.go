package gitwatch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/memd-dev/memd/fixtures"
	"github.com/memd-dev/memd/memory"
)

func generated(b *box, commits int) (dir string, items []Item) {
	dir = filepath.Join(b.dir, "generated")
	if err := fixtures.GenerateRepo(dir, fixtures.Synthetic{Seed: 7, Commits: commits}); err != nil {
		b.Fatal(err)
	}
	return dir, b.items(dir)
}

func TestMineEndsWithItsContext(t *testing.T) {
	b := newBox(t)
	dir, items := generated(b, 1500)
	m := b.miner(dir)
	before := runtime.NumGoroutine()
	for _, batches := range []int{0, 1, 3} {
		ctx, cancel := context.WithCancel(t.Context())
		sink, seen := newCollector(t), 0
		var begin time.Time
		sink.put = func(context.Context, []*memory.Commit) error {
			if seen++; seen > batches {
				begin = time.Now()
				cancel()
			}
			return nil
		}
		err := m.Mine(ctx, items, sink)
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Mine: %v, want context.Canceled", err)
		}
		if took := time.Since(begin); took > time.Second {
			t.Errorf("it took %s to end", took)
		}
		settled(t, before)
	}
}

// settled waits until no child and no more goroutines than before are left.
func settled(t *testing.T, before int) {
	t.Helper()
	deadline := time.After(2 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		n, list := runtime.NumGoroutine(), children(t)
		if n <= before && len(list) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d goroutines, %d before; children %q", n, before, list)
		}
	}
}

// children lists the processes that this one started and that still run.
func children(t *testing.T) (list []string) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		_, after, _ := strings.Cut(string(text), ") ")
		if f := strings.Fields(after); len(f) > 1 && f[1] == fmt.Sprint(os.Getpid()) {
			list = append(list, string(text))
		}
	}
	return list
}

func TestMineResumesAfterASinkFailed(t *testing.T) {
	b := newBox(t)
	dir, items := generated(b, 1200)
	m := b.miner(dir)
	whole := newCollector(t)
	if err := m.Mine(t.Context(), items, whole); err != nil {
		t.Fatal(err)
	}
	b.complete(items, whole.commits)

	before := runtime.NumGoroutine()
	full, seen := errors.New("disk full"), 0
	sink := newCollector(t)
	sink.put = func(context.Context, []*memory.Commit) error {
		if seen++; seen > 2 {
			return full
		}
		return nil
	}
	if err := m.Mine(t.Context(), items, sink); !errors.Is(err, full) || seen != 3 {
		t.Fatalf("Mine: %v after %d batches, want %v after 3", err, seen, full)
	}
	settled(t, before)
	if n := len(sink.commits); n == 0 || n >= len(items) {
		t.Fatalf("%d of %d commits were mined before", n, len(items))
	}
	var rest []Item
	for _, it := range items {
		if sink.commits[it.ID] == nil {
			rest = append(rest, it)
		}
	}
	sink.put = nil
	if err := m.Mine(t.Context(), rest, sink); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(sink.commits, whole.commits) {
		t.Error("what was mined in two runs differs from what was mined in one")
	}
}
