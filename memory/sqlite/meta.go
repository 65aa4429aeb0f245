package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// Keys of the table meta.
const (
	metaTips   = "tips"   // followed commits whose whole history is listed: the miner's cursor
	metaBorder = "border" // where the history was cut when its mining began
	metaEpoch  = "epoch"  // raised by every hide and rebuild
	metaRules  = "rules"  // version of the mining rules that made the rows
)

// Cursor gives the followed commits (hex) whose whole history is listed,
// sorted.
func (db *DB) Cursor(ctx context.Context) ([]string, error) {
	text, err := db.meta(ctx, metaTips)
	return strings.Fields(text), err
}

// SetCursor stores them.
func (db *DB) SetCursor(ctx context.Context, tips []string) error {
	return db.setMeta(ctx, metaTips, strings.Join(tips, " "))
}

// Border gives the commits (hex) at which the history was cut when its mining
// began, as in a shallow clone; none for a whole history.
func (db *DB) Border(ctx context.Context) ([]string, error) {
	text, err := db.meta(ctx, metaBorder)
	return strings.Fields(text), err
}

// SetBorder stores them.
func (db *DB) SetBorder(ctx context.Context, ids []string) error {
	return db.setMeta(ctx, metaBorder, strings.Join(ids, " "))
}

// Epoch gives the epoch of the index, 0 for a new one.
func (db *DB) Epoch(ctx context.Context) (int64, error) {
	return db.metaNumber(ctx, metaEpoch)
}

// SetEpoch stores it.
func (db *DB) SetEpoch(ctx context.Context, epoch int64) error {
	return db.setMeta(ctx, metaEpoch, strconv.FormatInt(epoch, 10))
}

// Rules gives the version of the mining rules that made the rows; 0: none yet.
func (db *DB) Rules(ctx context.Context) (int64, error) { return db.metaNumber(ctx, metaRules) }

// SetRules stores it.
func (db *DB) SetRules(ctx context.Context, version int64) error {
	return db.setMeta(ctx, metaRules, strconv.FormatInt(version, 10))
}

func (db *DB) metaNumber(ctx context.Context, key string) (int64, error) {
	text, err := db.meta(ctx, key)
	if err != nil || text == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %s: %w", memory.ErrCorrupt, key, err)
	}
	return n, nil
}

func (db *DB) meta(ctx context.Context, key string) (string, error) {
	var text string
	err := db.view(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", key).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return text, err
}

func (db *DB) setMeta(ctx context.Context, key, value string) error {
	return db.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
		return err
	})
}

// Counts counts the rows of the index, those of unreachable commits included.
func (db *DB) Counts(ctx context.Context) (memory.StatusCounts, error) {
	var c memory.StatusCounts
	err := db.view(ctx, func(tx *sql.Tx) error {
		l, err := db.load(ctx, tx)
		if err != nil {
			return err
		}
		c.Commits = l.mined.Count()
		for n := range l.documents {
			if l.mined.Has(memory.Ordinal(n)) && l.documents[n].flags&memory.FlagMerge != 0 {
				c.Merges++
			}
		}
		return tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM file), (SELECT count(*) FROM change), (SELECT count(*) FROM symbol),
			(SELECT count(*) FROM reason), (SELECT count(*) FROM person)`).Scan(&c.Files, &c.Changes, &c.Symbols, &c.Reasons, &c.People)
	})
	return c, err
}

// Span gives the committer's times, in seconds, of the oldest and the newest
// mined commit; both 0 without any.
func (db *DB) Span(ctx context.Context) (oldest, newest int64, err error) {
	l, err := db.current(ctx)
	if err != nil {
		return 0, 0, err
	}
	for n := range l.documents {
		when := l.documents[n].committed
		if !l.mined.Has(memory.Ordinal(n)) || when == 0 {
			continue
		}
		if oldest == 0 || when < oldest {
			oldest = when
		}
		newest = max(newest, when)
	}
	return oldest, newest, nil
}

// Skipped counts, by reason, the commits and files whose hunks are missing.
func (db *DB) Skipped(ctx context.Context) (map[string]int, error) {
	found := make(map[string]int)
	err := db.view(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT 'commits: ' || skipped, count(*) FROM history WHERE skipped IS NOT NULL GROUP BY skipped
			UNION ALL SELECT 'files: ' || skipped, count(*) FROM change WHERE skipped IS NOT NULL GROUP BY skipped`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var reason string
			var n int
			if err := rows.Scan(&reason, &n); err != nil {
				return err
			}
			found[reason] = n
		}
		return rows.Err()
	})
	return found, err
}

// Check looks for damage: SQLite's own quick check, and the word index against
// its rows. memory.ErrCorrupt says what was found.
func (db *DB) Check(ctx context.Context) error {
	return db.view(ctx, func(tx *sql.Tx) error {
		var text string
		if err := tx.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&text); err != nil {
			return err
		}
		if text != "ok" {
			return fmt.Errorf("%w: %s", memory.ErrCorrupt, text)
		}
		l, err := db.load(ctx, tx)
		if err != nil {
			return err
		}
		var rows int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM history").Scan(&rows); err != nil {
			return err
		}
		if n := l.mined.Count(); n != rows {
			return fmt.Errorf("%w: %d commits are marked as mined, %d have rows", memory.ErrCorrupt, n, rows)
		}
		return nil
	})
}

// Bytes gives the size of the file with its write-ahead log.
func (db *DB) Bytes() int64 {
	var n int64
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(db.path + suffix); err == nil {
			n += info.Size()
		}
	}
	return n
}
