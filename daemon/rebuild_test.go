package daemon

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/memd-dev/memd/fixtures"
	"github.com/memd-dev/memd/memory"
)

func TestRebuildGivesTheSameMemory(t *testing.T) {
	for _, name := range []string{"shop", "merges", "linear", "empty"} {
		s := newStage(t, name)
		d := s.mined()
		before := s.dump(d)
		var epochs []int64
		for range 2 {
			var calls int
			m, err := d.Rebuild(t.Context(), s.envelope(), func(memory.Progress) { calls++ })
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if m.Mined != m.Total || m.Mined != strings.Count(before, `{"kind":"commit"`) || calls == 0 && m.Mined > 0 {
				t.Errorf("%s: rebuilt %+v with %d calls", name, m, calls)
			}
			epochs = append(epochs, d.epoch)
			sameDump(t, name+" after a rebuild", s.dump(d), before)
		}
		if epochs[0] != 1 || epochs[1] != 2 {
			t.Errorf("%s: epochs %v, want 1 and 2", name, epochs)
		}
		if name == "empty" {
			continue
		}
		if a := s.recall(d, memory.RecallQuery{Paths: []string{"."}}); a.Epoch != 2 {
			t.Errorf("%s: an answer of epoch %d", name, a.Epoch)
		}
		if left, err := filepath.Glob(filepath.Join(d.stateOf, "*rebuild*")); err != nil || len(left) != 0 {
			t.Errorf("%s: left %v, %v", name, left, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := s.tryOpen(EnrolNever)
		if err != nil {
			t.Fatal(err)
		}
		sameDump(t, name+" opened again", s.dump(again), before)
	}
}

// TestRebuildWhileAsked: questions go on and never meet a half-made index.
func TestRebuildWhileAsked(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	done := make(chan struct{}) // closed when the rebuilds are done
	var wg sync.WaitGroup       // 3 who ask
	for range 3 {
		wg.Go(func() {
			last := int64(0)
			for more := true; more; {
				select {
				case <-done:
					more = false
				default:
				}
				a, err := d.Recall(t.Context(), s.envelope(), memory.RecallQuery{Text: "why at most seven tries"})
				if err != nil {
					t.Error(err)
					return
				}
				if len(a.Commits) == 0 || s.label(a.Commits[0].ID) != "006" || a.Mined != 40 || a.Epoch < last {
					t.Errorf("got %v about %+v after epoch %d", s.labels(a), a.Answer, last)
				}
				last = a.Epoch
			}
		})
	}
	for range 3 {
		if _, err := d.Rebuild(t.Context(), s.envelope(), nil); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wg.Wait()
}

// TestOneRebuildAtATime: both would write the same file beside the index.
func TestOneRebuildAtATime(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	before := s.dump(d)
	var second error
	asked := false
	_, err := d.Rebuild(t.Context(), s.envelope(), func(memory.Progress) {
		if !asked {
			asked = true
			_, second = d.Rebuild(t.Context(), s.envelope(), nil)
		}
	})
	if err != nil || !errors.Is(second, memory.ErrBusy) || hintOf(second) == "" {
		t.Errorf("the first: %v, the second: %v", err, second)
	}
	sameDump(t, "after both", s.dump(d), before)
}

func TestCancelledRebuildLeavesTheOldIndex(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	before := s.dump(d)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := d.Rebuild(ctx, s.envelope(), func(memory.Progress) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
	sameDump(t, "after a cancelled rebuild", s.dump(d), before)
	if left, err := filepath.Glob(filepath.Join(d.stateOf, "*rebuild*")); err != nil || len(left) != 0 || d.epoch != 0 {
		t.Errorf("left %v, %v, epoch %d", left, err, d.epoch)
	}
}

// TestDumpDoesNotDependOnHowItWasMined: in one go, in parts of every size,
// merges at the border of a part, and interrupted at random.
func TestDumpDoesNotDependOnHowItWasMined(t *testing.T) {
	for _, name := range []string{"shop", "merges"} {
		s := newStage(t, name)
		first := s.mined()
		want := s.dump(first)
		total := strings.Count(want, `{"kind":"commit"`)
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		for newest := 1; newest < total; newest += 6 {
			part := s.anew()
			d := part.open()
			m := part.mine(d, newest)
			if m.Mined != newest || m.Total != total || m.New != newest {
				t.Errorf("%s: the newest %d: %+v", name, newest, m)
			}
			part.mine(d, 0)
			sameDump(t, name+" in two parts", part.dump(d), want)
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			if t.Failed() {
				return
			}
		}
	}
}

// TestBorderMergesOfAHalfListedHistory: a run that ended before all was listed
// knows parents that are not in the graph. Their child is a merge all the same.
func TestBorderMergesOfAHalfListedHistory(t *testing.T) {
	s := newStage(t, "merges")
	first := s.mined()
	want := s.dump(first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	ids := strings.Fields(s.git("rev-list", "--branches"))
	for n := 1; n < len(ids); n += 2 {
		part := s.anew()
		d := part.open()
		run := &mining{d: d, db: d.db, tips: strings.Fields(s.git("rev-parse", "--branches"))}
		var nodes []memory.GraphNode
		for line := range strings.Lines(s.git("rev-list", "--parents", "-n", "1000", "--branches") + "\n") {
			f := strings.Fields(line)
			nodes = append(nodes, memory.GraphNode{ID: f[0], Parents: f[1:]})
		}
		if _, err := d.db.List(t.Context(), nodes[:n]); err != nil {
			t.Fatal(err)
		}
		if err := run.mine(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		part.mine(d, 0)
		sameDump(t, "after a half-listed run", part.dump(d), want)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInterruptedMiningGoesOn(t *testing.T) {
	s := generatedStage(t, fixtures.Synthetic{Seed: 5, Commits: 1300, Files: 40, MergeEvery: 8})
	first := s.mined()
	want := s.dump(first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 2 {
		part := s.anew()
		cuts := 0
		for {
			d := part.open()
			ctx, cancel := context.WithCancel(t.Context())
			after := r.IntN(500)
			start := -1
			_, err := d.Mine(ctx, part.envelope(), memory.MineQuery{}, func(p memory.Progress) {
				if start < 0 {
					start = p.Mined
				}
				if p.Mined-start >= after {
					cancel()
				}
			})
			cancel()
			if err == nil {
				sameDump(t, "after interruptions", part.dump(d), want)
			} else if !errors.Is(err, context.Canceled) {
				t.Fatalf("round %d: %v", round, err)
			}
			if cuts++; cuts > 100 {
				t.Fatalf("round %d: it does not come to an end", round)
			}
			if cerr := d.Close(); cerr != nil {
				t.Fatal(cerr)
			}
			if err == nil {
				break
			}
		}
		if cuts < 2 {
			t.Errorf("round %d was not interrupted", round)
		}
	}
}

// damage overwrites bytes of a file.
func damage(t *testing.T, path string, at, n int) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte(strings.Repeat("\xee", n)), int64(at)); err != nil {
		t.Fatal(err)
	}
}

// TestDamagedIndex: it is named, kept under another name by a repair, and made
// anew.
func TestDamagedIndex(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	want := s.dump(d)
	path := s.p.Index(d.entry.ID)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	damage(t, path, 0, 2000)
	spoilt, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.tryOpen(EnrolNever); !errors.Is(err, memory.ErrCorrupt) || !strings.Contains(hintOf(err), "memd doctor --rebuild") {
			t.Fatalf("got %v with the hint %q, want ErrCorrupt", err, hintOf(err))
		}
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != string(spoilt) {
		t.Errorf("opening changed the file: %v", err)
	}

	// While another memd holds the memory nothing is moved.
	lock, err := AcquireLock(s.p.Lock(d.entry.ID))
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Paths: s.p, Config: DefaultConfig(), Repair: true}
	if _, err := Open(t.Context(), o, s.envelope(), EnrolNever); !errors.Is(err, memory.ErrCorrupt) {
		t.Errorf("a repair without the lock: got %v, want ErrCorrupt", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}

	mended, err := Open(t.Context(), o, s.envelope(), EnrolNever)
	if err != nil {
		t.Fatal(err)
	}
	defer mended.Close()
	kept, err := filepath.Glob(path + ".damaged-*")
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v, %v", kept, err)
	}
	if old, err := os.ReadFile(kept[0]); err != nil || string(old) != string(spoilt) {
		t.Errorf("the damaged file was changed: %v", err)
	}
	if _, err := mended.Rebuild(t.Context(), s.envelope(), nil); err != nil {
		t.Fatal(err)
	}
	sameDump(t, "after the repair", s.dump(mended), want)
	if a := s.recall(mended, memory.RecallQuery{Text: "why at most seven tries"}); s.label(a.Commits[0].ID) != "006" {
		t.Errorf("after the repair: %v", s.labels(a))
	}
}

// TestDamageInTheMiddle: a file that opens and fails when it is read.
func TestDamageInTheMiddle(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	want := s.dump(d)
	path := s.p.Index(d.entry.ID)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	damage(t, path, int(info.Size())/8, int(info.Size())*3/4)
	o := Options{Paths: s.p, Config: DefaultConfig(), Repair: true}
	d, err = Open(t.Context(), o, s.envelope(), EnrolNever)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if checks, err := d.Doctor(t.Context()); err == nil {
		found := false
		for _, c := range checks {
			found = found || c.Name == "index" && !c.OK && strings.Contains(c.Hint, "--rebuild")
		}
		if left, _ := filepath.Glob(path + ".damaged-*"); !found && len(left) == 0 {
			t.Errorf("doctor finds nothing: %+v", checks)
		}
	}
	if _, err := d.Rebuild(t.Context(), s.envelope(), nil); err != nil {
		t.Fatal(err)
	}
	sameDump(t, "after the rebuild", s.dump(d), want)
}
