package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/memd-dev/memd/memory"
	"github.com/memd-dev/memd/memory/sqlite"
)

// Rebuild makes the index anew from git beside the live one, checks it, and
// swaps it in. Requests go on with the old one meanwhile. A cancelled or failed
// rebuild leaves the old index as it was; what was mined of the new one is
// dropped.
func (d *Daemon) Rebuild(ctx context.Context, _ memory.Envelope, progress func(memory.Progress)) (*memory.Mined, error) {
	if err := d.writable(); err != nil {
		return nil, err
	}
	if !d.rebuild.TryLock() {
		return nil, memory.Hint(fmt.Errorf("%w: it is being rebuilt", memory.ErrBusy), "wait for that one")
	}
	defer d.rebuild.Unlock()
	path := d.o.Paths.Index(d.entry.ID)
	beside := path + ".rebuild"
	if err := removeIndex(beside); err != nil {
		return nil, err
	}
	next, err := sqlite.Open(ctx, beside, sqlite.ReadWrite)
	if err != nil {
		return nil, d.explainIndex(err)
	}
	mined, err := d.fillBeside(ctx, next, progress)
	if err = errors.Join(err, next.Close()); err != nil {
		return nil, d.explainIndex(errors.Join(err, removeIndex(beside)))
	}
	return mined, d.swap(ctx, beside, path)
}

// fillBeside mines everything into the new index and checks it.
func (d *Daemon) fillBeside(ctx context.Context, next *sqlite.DB, progress func(memory.Progress)) (*memory.Mined, error) {
	run := &mining{d: d, db: next, progress: progress, start: time.Now()}
	if err := run.all(ctx, 0); err != nil {
		return nil, err
	}
	if err := next.SetEpoch(ctx, d.epoch+1); err != nil {
		return nil, err
	}
	if err := next.Check(ctx); err != nil {
		return nil, err
	}
	return run.result(ctx)
}

// swap waits for running requests, puts the new file in place of the old one,
// and opens it.
func (d *Daemon) swap(ctx context.Context, beside, path string) error {
	d.life.Lock()
	defer d.life.Unlock()
	if d.db != nil {
		_ = d.db.Close() // it is replaced, perhaps because it is damaged
		d.db = nil
	}
	// The old log must not be read into the new file.
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(beside, path); err != nil {
		return fmt.Errorf("swap index: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("swap index: %w", err)
	}
	var err error
	if d.db, err = sqlite.Open(ctx, path, sqlite.ReadWrite); err != nil {
		return d.explainIndex(err)
	}
	d.epoch, err = d.db.Epoch(ctx)
	return err
}

// removeIndex removes an index and its log.
func removeIndex(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
