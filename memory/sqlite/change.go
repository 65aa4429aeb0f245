package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/memd-dev/memd/memory"
)

// Step is a change as the line trace reads it.
type Step struct {
	Commit  memory.Ordinal
	Parent  int
	Status  memory.ChangeStatus
	File    int64
	OldFile int64  // the file itself but for renames and copies
	OldBlob string // raw id, "" when added
	NewBlob string // raw id, "" when deleted
	Lazy    bool
	Skipped string
	hunks   []byte
	lines   []byte
}

// Hunks decodes the hunks of a step with their line hashes, where it has them.
func (s *Step) Hunks() ([]memory.Hunk, error) {
	hunks, _, err := unpackHunks(s.hunks)
	if err == nil {
		unpackLines(s.lines, hunks)
	}
	return hunks, err
}

// SymbolIDs gives the symbols of each hunk.
func (s *Step) SymbolIDs() ([][]int64, error) {
	_, symbols, err := unpackHunks(s.hunks)
	return symbols, err
}

const stepQuery = "SELECT id, parent, status, file, coalesce(old_file, file), old_blob, blob, lazy, coalesce(skipped, ''), hunks, (SELECT data FROM line_hash WHERE line_hash.id = change.lines) FROM change"

// Making gives the changes that made a blob (raw id) at a path, in no order.
func (db *DB) Making(ctx context.Context, file int64, blob string) ([]Step, error) {
	return db.steps(ctx, stepQuery+" WHERE file = ? AND blob = ?", file, []byte(blob))
}

// StepsOf gives all changes of a file, in no order.
func (db *DB) StepsOf(ctx context.Context, file int64) ([]Step, error) {
	return db.steps(ctx, stepQuery+" WHERE file = ?", file)
}

// StepsIn gives the changes of one commit to the given files.
func (db *DB) StepsIn(ctx context.Context, n memory.Ordinal, files []int64) ([]Step, error) {
	var list []Step
	for _, f := range files {
		part, err := db.steps(ctx, stepQuery+" WHERE file = ? AND id = ?", f, n)
		if err != nil {
			return nil, err
		}
		list = append(list, part...)
	}
	return list, nil
}

func (db *DB) steps(ctx context.Context, text string, args ...any) ([]Step, error) {
	// A single statement is a transaction of its own; the statement is cached
	// because a trace asks it once per step.
	stmt, err := db.prepared(ctx, text)
	if err != nil {
		return nil, classify(err)
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, classify(err)
	}
	defer rows.Close()
	var list []Step
	for rows.Next() {
		var s Step
		var oldBlob, newBlob []byte
		if err := rows.Scan(&s.Commit, &s.Parent, &s.Status, &s.File, &s.OldFile, &oldBlob, &newBlob, &s.Lazy, &s.Skipped, &s.hunks, &s.lines); err != nil {
			return nil, classify(err)
		}
		s.OldBlob, s.NewBlob = string(oldBlob), string(newBlob)
		list = append(list, s)
	}
	return list, classify(rows.Err())
}

// prepared gives a statement of the readers' pool, prepared once.
func (db *DB) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	db.state.Lock()
	s := db.stmts[text]
	db.state.Unlock()
	if s != nil {
		return s, nil
	}
	// Not under the lock: preparing waits for a connection, and whoever holds
	// one may be waiting for the lock.
	s, err := db.read.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	db.state.Lock()
	defer db.state.Unlock()
	if first := db.stmts[text]; first != nil {
		return first, s.Close()
	}
	if db.stmts == nil {
		db.stmts = make(map[string]*sql.Stmt)
	}
	db.stmts[text] = s
	return s, nil
}

// FormerNames gives the files that some change renamed or copied to this one.
func (db *DB) FormerNames(ctx context.Context, file int64) ([]int64, error) {
	var list []int64
	err := db.view(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT DISTINCT old_file FROM change WHERE file = ? AND old_file IS NOT NULL ORDER BY old_file", file)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			list = append(list, id)
		}
		return rows.Err()
	})
	return list, err
}

// MergeHunks gives the cached hunks between two blobs (raw ids); ok is false
// when they were not made yet.
func (db *DB) MergeHunks(ctx context.Context, oldBlob, newBlob string) (hunks []memory.Hunk, ok bool, err error) {
	stmt, err := db.prepared(ctx, "SELECT hunks FROM merge_hunks WHERE old_blob = ? AND new_blob = ?")
	if err != nil {
		return nil, false, classify(err)
	}
	var data []byte
	err = stmt.QueryRowContext(ctx, []byte(oldBlob), []byte(newBlob)).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, classify(err)
	}
	hunks, _, err = unpackHunks(data)
	return hunks, err == nil, err
}

// MadeHunks are hunks between two blobs (raw ids) that no diff of git gave.
type MadeHunks struct {
	OldBlob, NewBlob string
	Hunks            []memory.Hunk
}

// KeepHunks caches hunks that were made.
func (db *DB) KeepHunks(ctx context.Context, list []MadeHunks) error {
	return db.update(ctx, func(tx *sql.Tx) error {
		for _, m := range list {
			data, err := packHunks(m.Hunks, nil)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO merge_hunks (old_blob, new_blob, hunks) VALUES (?, ?, ?)", []byte(m.OldBlob), []byte(m.NewBlob), data)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// RenamedFrom gives the files that a commit of the set renamed to this one.
func (db *DB) RenamedFrom(ctx context.Context, file int64, within memory.Set) ([]int64, error) {
	var list []int64
	err := db.view(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT old_file, id FROM change WHERE file = ? AND old_file IS NOT NULL AND status = ? ORDER BY id", file, int64(memory.Renamed))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var old int64
			var n memory.Ordinal
			if err := rows.Scan(&old, &n); err != nil {
				return err
			}
			if within.Has(n) {
				list = append(list, old)
			}
		}
		return rows.Err()
	})
	return list, err
}
