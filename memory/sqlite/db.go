// Package sqlite keeps the index of one repository: evidence, and the inverted
// index that change recall reads. It is the only package with SQL.
//
// The index may be lost at any time; git and the journal are the truth. One
// process writes it, through one connection, while any number of readers of
// the same process look on:
//
//	db, err := sqlite.Open(ctx, path, sqlite.ReadWrite)
//	…
//	err = db.Put(ctx, commits)      // one transaction
//	hits, err := db.Search(ctx, q)  // sees it at once
//	db.Close()
//
// Every exported method is one transaction. Values are bound, never formatted.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/memd-dev/memd/memory"
)

// Mode says what may be done with an index.
type Mode int

// The modes of Open.
const (
	ReadWrite Mode = iota // makes the file where it is missing
	ReadOnly              // never writes a byte, not even beside the file
)

// Pool sizes and caches, in KiB. The writer's cache holds the upper levels of
// all trees of a 60k-commit index; readers share the page cache of the system.
const (
	readers        = 4
	writerCacheKiB = 16 << 10
	readerCacheKiB = 4 << 10
)

// DB is an open index. It is safe for concurrent use; writes queue.
type DB struct {
	path  string
	mode  Mode
	write *sql.DB // one connection; nil when read-only
	read  *sql.DB

	put    sync.Mutex // one write at a time; guards writer
	writer *writer    // nil until the first write and after a failed one

	state  sync.Mutex           // guards loaded and stmts
	stmts  map[string]*sql.Stmt // of the readers, by text
	loaded *loaded              // what the newest reader saw
}

// Open opens the index at path. It makes the file and brings its schema up to
// date in ReadWrite mode. Errors: memory.ErrForeign for a file of another
// program or of a newer memd; memory.ErrCorrupt for a damaged one;
// memory.ErrNotFound for a missing one in ReadOnly mode.
func Open(ctx context.Context, path string, mode Mode) (*DB, error) {
	db := &DB{path: path, mode: mode}
	if mode == ReadOnly {
		if err := db.openReadOnly(ctx); err != nil {
			return nil, err
		}
		return db, nil
	}
	// The file holds history text, so nobody else may read it; SQLite itself
	// would follow the umask.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	f.Close()
	if err := probe(ctx, path); err != nil {
		return nil, classify(fmt.Errorf("open index: %w", err))
	}
	db.write = sql.OpenDB(connector(path, "rw", writerCacheKiB))
	db.write.SetMaxOpenConns(1)
	if err := migrate(ctx, db.write); err != nil {
		db.write.Close()
		return nil, classify(fmt.Errorf("open index: %w", err))
	}
	db.read = sql.OpenDB(connector(path, "ro", readerCacheKiB))
	db.read.SetMaxOpenConns(readers)
	db.read.SetMaxIdleConns(readers)
	return db, nil
}

// probe refuses a file that is not ours before anything is set on it: changing
// the journal mode rewrites the header. What else is wrong is for the writer
// to say, who can mend some of it: a file whose making was killed needs a
// rollback, which a reader can't do.
func probe(ctx context.Context, path string) error {
	db := sql.OpenDB(connector(path, "ro", readerCacheKiB))
	_, err := fileVersion(ctx, db)
	if !errors.Is(err, memory.ErrForeign) {
		err = nil
	}
	return errors.Join(err, db.Close())
}

// openReadOnly opens the file without writing. A database in WAL mode needs
// its -shm file, which can't be made on a read-only disk; after a clean close
// there is no WAL to read, and the file may be opened as immutable. So it may
// not with a rollback journal, which an immutable file is taken to have none of.
func (db *DB) openReadOnly(ctx context.Context) error {
	if _, err := os.Stat(db.path); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("open index: %w", memory.ErrNotFound)
	}
	var last error
	for _, mode := range []string{"ro", "ro&immutable=1"} {
		if strings.Contains(mode, "immutable") && (notEmpty(db.path+"-wal") || notEmpty(db.path+"-journal")) {
			break
		}
		db.read = sql.OpenDB(connector(db.path, mode, readerCacheKiB))
		db.read.SetMaxOpenConns(readers)
		if last = checkSchema(ctx, db.read); last == nil {
			return nil
		}
		db.read.Close()
	}
	return classify(fmt.Errorf("open index read-only: %w", last))
}

func notEmpty(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0
}

// Close closes all connections; the last one folds the write-ahead log into
// the file. It may be called twice.
func (db *DB) Close() error {
	var errs []error
	if db.read != nil {
		errs = append(errs, db.read.Close())
	}
	if db.write != nil {
		errs = append(errs, db.write.Close())
	}
	return errors.Join(errs...)
}

// Path gives the path of the file.
func (db *DB) Path() string { return db.path }

// Writable reports whether the index was opened in ReadWrite mode.
func (db *DB) Writable() bool { return db.mode == ReadWrite }

// pragmas of every connection. They are set in a connect hook, because the
// DSN of the driver silently ignores several of them, and a PRAGMA by db.Exec
// reaches one pooled connection of four.
func pragmas(cacheKiB int) []string {
	return []string{
		"PRAGMA busy_timeout = 5000",
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = NORMAL", // the index may lose its last transaction, never its consistency
		"PRAGMA journal_size_limit = 67108864",
		fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", checkpointPages),
		"PRAGMA secure_delete = ON", // without it an erase leaves bytes in free pages
		"PRAGMA foreign_keys = ON",
		"PRAGMA trusted_schema = OFF", // a crafted schema runs no functions
		"PRAGMA cell_size_check = ON",
		"PRAGMA mmap_size = 0",       // no SIGBUS
		"PRAGMA temp_store = MEMORY", // no plain text in temporary files
		fmt.Sprintf("PRAGMA cache_size = -%d", cacheKiB),
	}
}

// connector gives a connector that sets the pragmas on each new connection.
func connector(path, mode string, cacheKiB int) driver.Connector {
	list := pragmas(cacheKiB)
	d := &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		for _, p := range list {
			if mode != "rw" && strings.Contains(p, "journal_mode") {
				continue // a reader can't change it
			}
			if _, err := c.Exec(p, nil); err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
		}
		return nil
	}}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=" + mode + "&_txlock=immediate"
	return &openConnector{dsn: dsn, driver: d}
}

type openConnector struct {
	dsn    string
	driver *sqlite3.SQLiteDriver
}

func (c *openConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c *openConnector) Driver() driver.Driver                        { return c.driver }

// Pages of the write-ahead log after which it is folded into the file: SQLite's
// usual number, and a larger one while a history is mined, whose batches would
// otherwise be written twice and synced each time. 8,000 pages are 32 MB; the log
// may take 64.
const (
	checkpointPages     = 1000
	bulkCheckpointPages = 8000
)

// Bulk prepares the index for many batches; the returned function ends that and
// folds the log into the file. Durability is as ever: a crash may lose the last
// transactions, never consistency.
func (db *DB) Bulk(ctx context.Context) (end func() error, err error) {
	if db.write == nil {
		return nil, memory.ErrReadOnly
	}
	set := func(ctx context.Context, pages int) error {
		_, err := db.write.ExecContext(ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", pages))
		return classify(err)
	}
	if err := set(ctx, bulkCheckpointPages); err != nil {
		return nil, err
	}
	return func() error {
		ctx := context.WithoutCancel(ctx)
		_, err := db.write.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		return errors.Join(classify(err), set(ctx, checkpointPages))
	}, nil
}

// classify maps the driver's errors to sentinels, by code and never by text.
func classify(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return fmt.Errorf("%w: %w", memory.ErrCorrupt, err)
	case sqlite3.ErrReadonly, sqlite3.ErrPerm:
		return fmt.Errorf("%w: %w", memory.ErrReadOnly, err)
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return fmt.Errorf("%w: %w", memory.ErrBusy, err)
	case sqlite3.ErrFull:
		return fmt.Errorf("%w: %w", memory.ErrDiskFull, err)
	case sqlite3.ErrIoErr:
		if errors.Is(e.SystemErrno, errNoSpace) {
			return fmt.Errorf("%w: %w", memory.ErrDiskFull, err)
		}
	}
	return err
}

// update runs f in one write transaction.
func (db *DB) update(ctx context.Context, f func(tx *sql.Tx) error) error {
	if db.write == nil {
		return memory.ErrReadOnly
	}
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return classify(err)
	}
	if err := f(tx); err != nil {
		tx.Rollback()
		return classify(err)
	}
	return classify(tx.Commit())
}

// view runs f in one read transaction, so that all it reads is of one moment.
func (db *DB) view(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := db.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return classify(err)
	}
	defer tx.Rollback()
	return classify(f(tx))
}
