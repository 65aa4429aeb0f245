package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

// TestPragmasOnEveryConnection reads each setting back on all connections of
// the readers' pool, held at once so that they are different ones, and on the
// writer.
func TestPragmasOnEveryConnection(t *testing.T) {
	db := openNew(t)
	want := map[string]string{
		"busy_timeout": "5000", "journal_mode": "wal", "synchronous": "1", "journal_size_limit": "67108864", "wal_autocheckpoint": "1000",
		"secure_delete": "1", "foreign_keys": "1", "trusted_schema": "0", "cell_size_check": "1", "mmap_size": "0", "temp_store": "2",
		"application_id": fmt.Sprint(applicationID), "user_version": fmt.Sprint(Schema),
	}
	check := func(name string, c *sql.Conn, cache int) {
		t.Helper()
		want["cache_size"] = fmt.Sprint(-cache)
		for pragma, value := range want {
			var got string
			err := c.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got)
			if errors.Is(err, sql.ErrNoRows) && pragma == "mmap_size" {
				got, err = "0", nil // a build without memory mapping gives no row
			}
			if err != nil || got != value {
				t.Errorf("%s: %s is %q (%v), want %q", name, pragma, got, err, value)
			}
		}
		if secure := fts5SecureDelete(t, c); secure != "1" {
			t.Errorf("%s: the word index has secure-delete %q, want 1", name, secure)
		}
	}
	var held []*sql.Conn
	for i := range readers {
		c, err := db.read.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
		check(fmt.Sprintf("reader %d", i), c, readerCacheKiB)
		if _, err := c.ExecContext(t.Context(), "INSERT INTO meta (key, value) VALUES ('x', 'y')"); err == nil {
			t.Errorf("reader %d can write", i)
		}
	}
	w, err := db.write.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check("writer", w, writerCacheKiB)
	for _, c := range append(held, w) {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := db.read.Stats().OpenConnections; n != readers {
		t.Errorf("%d connections were looked at, want %d", n, readers)
	}
}

func fts5SecureDelete(t *testing.T, c *sql.Conn) string {
	t.Helper()
	var value string
	if err := c.QueryRowContext(t.Context(), "SELECT v FROM name_config WHERE k = 'secure-delete'").Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// TestFileIsPrivate: SQLite itself would follow the umask.
func TestFileIsPrivate(t *testing.T) {
	db := openNew(t)
	keep(t, db, madeUp(1, 3), 0)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(db.Path() + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if m := info.Mode().Perm(); m != 0o600 {
			t.Errorf("index.db%s has mode %o, want 600", suffix, m)
		}
	}
}

// TestForeignFilesAreRefused: what is not ours is named by a sentinel and left
// as it is, byte by byte.
func TestForeignFilesAreRefused(t *testing.T) {
	database := func(statements ...string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			raw := sql.OpenDB(connector(path, "rwc", 100))
			defer raw.Close()
			for _, s := range statements {
				if _, err := raw.ExecContext(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	text := func(s string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	id := fmt.Sprintf("PRAGMA application_id = %d", applicationID)
	for _, tt := range []struct {
		name  string
		make  func(t *testing.T, path string)
		want  error
		first error // of ReadOnly, where it differs
	}{
		{"another program's", database("PRAGMA journal_mode = DELETE", "CREATE TABLE t (x)", "PRAGMA application_id = 42"), memory.ErrForeign, nil},
		{"no program's", database("PRAGMA journal_mode = DELETE", "CREATE TABLE t (x)"), memory.ErrForeign, nil},
		{"of a newer memd", database("PRAGMA journal_mode = DELETE", "CREATE TABLE t (x)", id, fmt.Sprintf("PRAGMA user_version = %d", Schema+1)), memory.ErrForeign, nil},
		{"a text", text(strings.Repeat("This is a letter and no database.\n", 200)), memory.ErrCorrupt, nil},
		{"a short text", text("hello"), memory.ErrCorrupt, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "index.db")
			tt.make(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, mode := range []Mode{ReadOnly, ReadWrite} {
				db, err := Open(t.Context(), path, mode)
				if db != nil {
					db.Close()
				}
				if !errors.Is(err, tt.want) {
					t.Errorf("mode %d: got %v, want %v", mode, err, tt.want)
				}
			}
			after, err := os.ReadFile(path)
			if err != nil || string(after) != string(before) {
				t.Errorf("the file was changed: %d bytes, had %d, %v", len(after), len(before), err)
			}
		})
	}
}

func TestReadOnlyNeedsAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	if db, err := Open(t.Context(), path, ReadOnly); !errors.Is(err, memory.ErrNotFound) || db != nil {
		t.Errorf("without a file: got %v, want ErrNotFound", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opening read-only made the file: %v", err)
	}
	// An empty file is a memory that was never begun: nothing can be read.
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if db, err := Open(t.Context(), path, ReadOnly); !errors.Is(err, memory.ErrForeign) || db != nil {
		t.Errorf("an empty file: got %v, want ErrForeign", err)
	}
}

func TestReadOnlyRefusesWrites(t *testing.T) {
	rw := openNew(t)
	commits := madeUp(2, 5)
	keep(t, rw, commits, 0)
	want := dumpOf(t, rw)
	ro := openAt(t, rw.Path(), ReadOnly)
	if ro.Writable() || !rw.Writable() {
		t.Errorf("Writable: read-only says %v, read-write %v", ro.Writable(), rw.Writable())
	}
	more := madeUp(3, 2)
	for name, err := range map[string]error{
		"Put":       ro.Put(t.Context(), commits[:1]),
		"SetCursor": ro.SetCursor(t.Context(), nil),
		"SetEpoch":  ro.SetEpoch(t.Context(), 7),
		"Settle":    ro.Settle(t.Context()),
		"KeepHunks": ro.KeepHunks(t.Context(), []MadeHunks{{OldBlob: "a", NewBlob: "b"}}),
	} {
		if name == "Put" { // all of it is there: nothing to write
			if err != nil {
				t.Errorf("Put of what is there: %v", err)
			}
			continue
		}
		if !errors.Is(err, memory.ErrReadOnly) {
			t.Errorf("%s: got %v, want ErrReadOnly", name, err)
		}
	}
	if _, err := ro.List(t.Context(), nodesOf(more)); !errors.Is(err, memory.ErrReadOnly) {
		t.Errorf("List: got %v, want ErrReadOnly", err)
	}
	if got := dumpOf(t, ro); got != want {
		t.Errorf("read-only reads something else: %s", firstDifference(got, want))
	}
}

// TestReadOnlyWhileAWriterWorks: another process sees each batch as soon as it
// is there, and never a part of one.
func TestReadOnlyWhileAWriterWorks(t *testing.T) {
	rw := openNew(t)
	ro := openAt(t, rw.Path(), ReadOnly)
	commits := madeUp(4, 60)
	if _, err := rw.List(t.Context(), nodesOf(commits)); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(commits); at += 6 {
		if err := rw.Put(t.Context(), commits[at:at+6]); err != nil {
			t.Fatal(err)
		}
		g, mined, err := ro.Graph(t.Context())
		if err != nil || g.Listed() != len(commits) || mined.Count() != at+6 {
			t.Fatalf("after %d commits the other sees %d of %d, %v", at+6, mined.Count(), g.Listed(), err)
		}
	}
	if err := rw.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, b := dumpOf(t, rw), dumpOf(t, ro); a != b {
		t.Errorf("the other reads something else: %s", firstDifference(a, b))
	}
}

// TestOpenRollsBackWhatAKillLeft: a process that was killed in the middle of a
// transaction leaves a rollback journal while the file is not in WAL mode yet.
// Only a writer can mend that, and opening for writing does.
func TestOpenRollsBackWhatAKillLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	rw, err := Open(t.Context(), path, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, rw, madeUp(9, 20), 0)
	want := dumpOf(t, rw)
	if err := rw.Close(); err != nil {
		t.Fatal(err)
	}
	raw := sql.OpenDB(connector(path, "rwc", 10))
	defer raw.Close()
	raw.SetMaxOpenConns(1)
	for _, s := range []string{"PRAGMA journal_mode = DELETE", "PRAGMA cache_size = 2", "BEGIN", "UPDATE history SET subject = randomblob(3000)", "UPDATE posting SET data = randomblob(9000)"} {
		if _, err := raw.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	killed := filepath.Join(t.TempDir(), "index.db")
	for _, suffix := range []string{"", "-journal"} {
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(killed+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if db, err := Open(t.Context(), killed, ReadOnly); err == nil {
		db.Close()
		t.Error("a reader opens a file that needs a rollback")
	}
	if got := dumpOf(t, openAt(t, killed, ReadWrite)); got != want {
		t.Errorf("after the rollback: %s", firstDifference(got, want))
	}
}

// TestReadOnlyAfterACleanClose reads a file in a directory that can't hold the
// log's shared memory, as on a read-only disk.
func TestReadOnlyAfterACleanClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	rw, err := Open(t.Context(), path, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, rw, madeUp(5, 5), 0)
	want := dumpOf(t, rw)
	if err := rw.Close(); err != nil {
		t.Fatal(err)
	}
	if err := rw.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("a clean close leaves %v, %v, want the file alone", left, err)
	}
	if got := dumpOf(t, openAt(t, path, ReadOnly)); got != want {
		t.Errorf("read-only reads something else: %s", firstDifference(got, want))
	}
}

func TestMeta(t *testing.T) {
	db := openNew(t)
	ctx := t.Context()
	if tips, err := db.Cursor(ctx); err != nil || len(tips) != 0 {
		t.Errorf("a new index has the cursor %v, %v", tips, err)
	}
	if e, err := db.Epoch(ctx); err != nil || e != 0 {
		t.Errorf("a new index has epoch %d, %v", e, err)
	}
	tips := []string{nameID("a"), nameID("b")}
	for _, err := range []error{db.SetCursor(ctx, tips), db.SetEpoch(ctx, 1<<40), db.SetRules(ctx, 3), db.SetRules(ctx, 4)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	path := db.Path()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, path, ReadWrite)
	got, err := db.Cursor(ctx)
	if err != nil || strings.Join(got, " ") != strings.Join(tips, " ") {
		t.Errorf("cursor: got %v, %v, want %v", got, err, tips)
	}
	if e, err := db.Epoch(ctx); err != nil || e != 1<<40 {
		t.Errorf("epoch: got %d, %v", e, err)
	}
	if r, err := db.Rules(ctx); err != nil || r != 4 {
		t.Errorf("rules: got %d, %v", r, err)
	}
	if err := db.setMeta(ctx, metaEpoch, "many"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Epoch(ctx); !errors.Is(err, memory.ErrCorrupt) {
		t.Errorf("an epoch that is no number: got %v, want ErrCorrupt", err)
	}
}

// TestCheckFindsDamage: a missing row and a broken page are both found.
func TestCheckFindsDamage(t *testing.T) {
	db := openNew(t)
	keep(t, db, madeUp(6, 40), 10)
	if err := db.Check(t.Context()); err != nil {
		t.Fatalf("a sound index: %v", err)
	}
	if _, err := db.write.ExecContext(t.Context(), "DELETE FROM history WHERE id = 3"); err != nil {
		t.Fatal(err)
	}
	if err := db.Check(t.Context()); !errors.Is(err, memory.ErrCorrupt) {
		t.Errorf("without a row: got %v, want ErrCorrupt", err)
	}

	path := filepath.Join(t.TempDir(), "index.db")
	other, err := Open(t.Context(), path, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, other, madeUp(7, 200), 0)
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(data) / 2; i < len(data)/2+3*4096; i++ {
		data[i] = 0xee
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	broken, err := Open(t.Context(), path, ReadWrite)
	if err == nil {
		err = broken.Check(t.Context())
		broken.Close()
	}
	if !errors.Is(err, memory.ErrCorrupt) {
		t.Errorf("with overwritten pages: got %v, want ErrCorrupt", err)
	}
}

// TestCancelledPutKeepsNothing: what was put is put whole or not at all, and
// the index goes on after a failure.
func TestCancelledPutKeepsNothing(t *testing.T) {
	db := openNew(t)
	commits := madeUp(8, 30)
	keep(t, db, commits[:10], 0)
	before := dumpOf(t, db)
	if _, err := db.List(t.Context(), nodesOf(commits)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Put(ctx, commits[10:]); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled Put: got %v", err)
	}
	bad := *commits[20]
	bad.PatchID = "no hex"
	if err := db.Put(t.Context(), []*memory.Commit{commits[11], commits[12], &bad}); !errors.Is(err, memory.ErrInvalid) {
		t.Errorf("a bad patch id: got %v, want ErrInvalid", err)
	}
	if got := dumpOf(t, db); got != before {
		t.Errorf("a failed Put left something: %s", firstDifference(got, before))
	}
	keep(t, db, commits, 0)
	whole := openNew(t)
	keep(t, whole, commits, 0)
	if a, b := dumpOf(t, db), dumpOf(t, whole); a != b {
		t.Errorf("after failures: %s", firstDifference(a, b))
	}
}
