package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/memd-dev/memd/gitwatch"
	"github.com/memd-dev/memd/internal/redact"
	"github.com/memd-dev/memd/memory"
	"github.com/memd-dev/memd/memory/sqlite"
)

// Options is what a daemon needs besides its repository.
type Options struct {
	Paths  Paths
	Config Config
	Client string // name/version of the program that opens it

	// Repair: an index that is damaged is kept under another name, and an
	// empty one takes its place. Rebuild fills it.
	Repair bool

	// Again begins a new memory where the registry can't place the repository;
	// with EnrolExplicit, and for a person only.
	Again bool

	// Miner changes the miner before it runs, for measurements that must keep
	// something out of memory. nil in every program that people use.
	Miner func(*gitwatch.Miner)
}

// EnrolMode says what opening may do with a repository without a memory.
type EnrolMode int

// The modes of enrolment.
const (
	EnrolNever    EnrolMode = iota // memory.ErrNotEnrolled
	EnrolImplicit                  // where MayEnrol allows it for the actor
	EnrolExplicit                  // the caller asked for it in so many words
)

// Daemon is the memory of one repository, open in this process. It implements
// memory.Service and is safe for concurrent use.
//
// While it can write it holds the lock of the memory; another one is opened
// read-only then, and says so.
type Daemon struct {
	o       Options
	repo    *gitwatch.Repo
	shadow  *gitwatch.Shadow
	entry   Entry
	keys    Keys
	lock    *Lock  // nil when read-only
	why     error  // why it is read-only
	fresh   bool   // enrolled by this Open
	stateOf string // the state directory

	// life is held for reading by every request and for writing by what
	// replaces or closes the index.
	life  sync.RWMutex
	db    *sqlite.DB
	epoch int64

	rebuild sync.Mutex // held by the one rebuild that may run

	mu    sync.Mutex // guards what follows
	blobs *gitwatch.Blobs
	sets  struct {
		graph *memory.Graph
		by    map[memory.Ordinal]memory.Set
	}
}

// Open opens the memory of the repository around env.Worktree, which may be any
// directory in it. The caller closes it.
//
// Errors: memory.ErrNotRepository, ErrNotOwner; ErrNotEnrolled and
// ErrNeverEnrol by mode; ErrUnknownPlace where the registry can't tell which
// memory belongs here; ErrCorrupt and ErrForeign for an index that can't be
// used. A memory that can't be written (another process holds it, a read-only
// disk) is opened for reading where it exists.
func Open(ctx context.Context, o Options, env memory.Envelope, mode EnrolMode) (*Daemon, error) {
	git, err := gitwatch.FindGit()
	if err != nil {
		return nil, err
	}
	repo, err := gitwatch.Open(ctx, git, env.Worktree, o.Config.Git.SafeDirectories)
	if err != nil {
		return nil, err
	}
	d := &Daemon{o: o, repo: repo}
	if err := d.place(ctx, env, mode); err != nil {
		return nil, err
	}
	if err := d.open(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// open opens what the place of the memory holds: lock, shadow, keys, index.
func (d *Daemon) open(ctx context.Context) error {
	id := d.entry.ID
	d.stateOf = d.o.Paths.StateDir(id)
	// State may be lost at any time; the journal says that there is a memory.
	if err := MakeDir(d.stateOf); err != nil && !cantWrite(err) {
		return err
	}
	lock, err := AcquireLock(d.o.Paths.Lock(id))
	switch {
	case err == nil:
		d.lock = lock
	case errors.Is(err, memory.ErrBusy):
		d.why = fmt.Errorf("%w: another memd is writing it", memory.ErrBusy)
	case cantWrite(err):
		d.why = fmt.Errorf("%w: %w", memory.ErrReadOnly, err)
	default:
		return err
	}
	if d.keys, err = LoadKeys(d.o.Paths.Keys(id), false); err != nil {
		return err
	}
	if d.shadow, err = gitwatch.OpenShadow(ctx, d.repo, d.o.Paths.Shadow(id), gitwatch.Attributes()); err != nil {
		return fmt.Errorf("open shadow git dir: %w", err)
	}
	mode := sqlite.ReadWrite
	if d.lock == nil {
		mode = sqlite.ReadOnly
	}
	err = d.openIndex(ctx, mode)
	if errors.Is(err, memory.ErrCorrupt) && d.o.Repair && d.lock != nil {
		if err := setAside(d.o.Paths.Index(id), time.Now()); err != nil {
			return err
		}
		err = d.openIndex(ctx, mode)
	}
	return d.explainIndex(err)
}

// openIndex opens the index and reads its epoch. It holds nothing open after
// an error.
func (d *Daemon) openIndex(ctx context.Context, mode sqlite.Mode) error {
	db, err := sqlite.Open(ctx, d.o.Paths.Index(d.entry.ID), mode)
	if err != nil {
		return err
	}
	epoch, err := db.Epoch(ctx)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	_, mined, err := db.Graph(ctx)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	d.fresh = d.fresh || d.lock != nil && mined.Count() == 0
	d.db, d.epoch = db, epoch
	return nil
}

// setAside renames a damaged index and its log, so that they can be looked at
// and take no part any more. Nothing is deleted.
func setAside(path string, now time.Time) error {
	mark := now.UTC().Format(".damaged-20060102T150405.000000000Z")
	for _, suffix := range []string{"-shm", "-wal", ""} {
		if err := os.Rename(path+suffix, path+mark+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("set the damaged index aside: %w", err)
		}
	}
	return syncDir(filepath.Dir(path))
}

// explainIndex says what to do about an index that does not open.
func (d *Daemon) explainIndex(err error) error {
	switch {
	case errors.Is(err, memory.ErrNotFound):
		return memory.Hint(fmt.Errorf("%w, and there is no index yet", d.why), "try again when the other memd has begun to mine")
	case errors.Is(err, memory.ErrCorrupt):
		return memory.Hint(err, "memd doctor --rebuild makes it anew from git; nothing that you told memd is in it")
	case errors.Is(err, memory.ErrDiskFull):
		return memory.Hint(err, "free some room; what was mined before is kept")
	}
	return err
}

// cantWrite reports errors that leave reading possible.
func cantWrite(err error) bool {
	return errors.Is(err, memory.ErrReadOnly) || errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOSPC)
}

// Close ends all children and closes the index. It waits for requests that are
// running, and may be called twice.
func (d *Daemon) Close() error {
	d.life.Lock()
	defer d.life.Unlock()
	var errs []error
	d.mu.Lock()
	if d.blobs != nil {
		errs = append(errs, d.blobs.Close())
		d.blobs = nil
	}
	d.mu.Unlock()
	if d.db != nil {
		errs = append(errs, d.db.Close())
		d.db = nil
	}
	if d.lock != nil {
		errs = append(errs, d.lock.Close())
		d.lock = nil
	}
	return errors.Join(errs...)
}

// JustEnrolled reports whether there is nothing in this memory yet: Open made
// it, or its index was lost.
func (d *Daemon) JustEnrolled() bool { return d.fresh }

// Worktree gives the top of the worktree that Open found, or the git dir of a
// bare repository.
func (d *Daemon) Worktree() string { return d.repo.Worktree }

// worktree gives the worktree of a request.
func (d *Daemon) worktree(env memory.Envelope) string {
	if env.Worktree != "" && filepath.IsAbs(env.Worktree) {
		return env.Worktree
	}
	return d.repo.Worktree
}

// writable says why nothing can be written, or gives nil.
func (d *Daemon) writable() error {
	if d.lock == nil {
		return memory.Hint(d.why, "reading goes on; try again when the other memd is done")
	}
	return nil
}

// openBlobs gives the long-lived child that reads single objects, starting it
// on first use. It outlives the request, so it has no deadline of its own.
func (d *Daemon) openBlobs(ctx context.Context) (*gitwatch.Blobs, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.blobs == nil {
		b, err := d.shadow.Blobs(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		d.blobs = b
	}
	return d.blobs, nil
}

// redactor gives the redactor of this memory.
func (d *Daemon) redactor() *redact.Redactor { return redact.New(d.keys.Redact[:]) }
