package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// Row is what the index keeps of one commit, without its hunks.
type Row struct {
	memory.Commit // no Changes, no Document
	Ordinal       memory.Ordinal
	Files         []TouchedFile
	MergedFiles   []int64 // ids of files that a merge brought in
}

// TouchedFile is one file of a commit and the symbols touched in it.
type TouchedFile struct {
	File    int64
	Status  memory.ChangeStatus
	Symbols []int64
}

// Rows gives the rows of commits in the order asked for. memory.ErrNotFound
// when one is not mined.
func (db *DB) Rows(ctx context.Context, list []memory.Ordinal) ([]*Row, error) {
	out := make([]*Row, 0, len(list))
	err := db.view(ctx, func(tx *sql.Tx) error {
		l, err := db.load(ctx, tx)
		if err != nil {
			return err
		}
		stmt, err := tx.PrepareContext(ctx, rowQuery+" WHERE h.id = ?")
		if err != nil {
			return err
		}
		defer stmt.Close()
		for _, n := range list {
			r, err := scanRow(stmt.QueryRowContext(ctx, n), l.graph)
			if errors.Is(err, sql.ErrNoRows) {
				return fmt.Errorf("commit %d: %w", n, memory.ErrNotFound)
			}
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

const rowQuery = `SELECT h.id, a.name, a.email, c.name, c.email, h.authored_s, h.committed_s, h.flags, h.patch, h.subject, h.body, h.files, h.merged, coalesce(h.skipped, '')
	FROM history h JOIN person a ON a.id = h.author JOIN person c ON c.id = h.committer`

func scanRow(s interface{ Scan(...any) error }, g *memory.Graph) (*Row, error) {
	r := &Row{}
	var patch, files, merged []byte
	var body any
	var flags int64
	err := s.Scan(&r.Ordinal, &r.Author.Name, &r.Author.Email, &r.Committer.Name, &r.Committer.Email, &r.Authored, &r.Committed,
		&flags, &patch, &r.Subject, &body, &files, &merged, &r.Skipped)
	if err != nil {
		return nil, err
	}
	if int(r.Ordinal) >= g.Len() {
		return nil, fmt.Errorf("%w: commit %d is not in the graph", memory.ErrCorrupt, r.Ordinal)
	}
	r.ID = hexID(g.ID(r.Ordinal))
	for _, p := range g.Parents(r.Ordinal) {
		r.Parents = append(r.Parents, hexID(g.ID(p)))
	}
	r.Flags = memory.Flags(flags)
	r.PatchID = hex.EncodeToString(patch)
	if r.Body, err = unpackText(body); err != nil {
		return nil, err
	}
	if r.Files, err = unpackFiles(files); err != nil {
		return nil, err
	}
	if len(merged) > 0 {
		rd := &reader{b: merged}
		for range rd.count() {
			r.MergedFiles = append(r.MergedFiles, int64(rd.int()))
		}
		err = rd.err
	}
	return r, err
}

func unpackFiles(data []byte) ([]TouchedFile, error) {
	if len(data) == 0 {
		return nil, nil
	}
	r := &reader{b: data}
	var list []TouchedFile
	for range r.count() {
		f := TouchedFile{File: int64(r.int())}
		if b := r.bytes(1); b != nil {
			f.Status = memory.ChangeStatus(b[0])
		}
		for range r.count() {
			f.Symbols = append(f.Symbols, int64(r.int()))
		}
		list = append(list, f)
	}
	return list, r.err
}

// Prefix gives the listed commits whose hex id begins with prefix, at most
// limit. Abbreviations shorter than four digits match nothing.
func (db *DB) Prefix(ctx context.Context, prefix string, limit int) ([]memory.Ordinal, error) {
	if len(prefix) < 4 {
		return nil, nil
	}
	l, err := db.current(ctx)
	if err != nil {
		return nil, err
	}
	prefix = strings.ToLower(prefix)
	if raw, err := rawID(prefix); err == nil {
		if n, ok := l.graph.Find(raw); ok {
			return []memory.Ordinal{n}, nil
		}
		return nil, nil
	}
	head, err := hex.DecodeString(prefix[:len(prefix)&^1])
	if err != nil {
		return nil, nil
	}
	var list []memory.Ordinal
	for n := range l.graph.Len() {
		id := l.graph.ID(memory.Ordinal(n))
		if strings.HasPrefix(id, string(head)) && strings.HasPrefix(hexID(id), prefix) {
			if list = append(list, memory.Ordinal(n)); len(list) == limit {
				break
			}
		}
	}
	return list, nil
}

// Abbreviate gives ids shortened as git does: at least seven digits, and as
// many as the size of the history makes clear.
func (db *DB) Abbreviate(ctx context.Context) (func(id string) string, error) {
	l, err := db.current(ctx)
	if err != nil {
		return nil, err
	}
	// git's own rule: half the bits of the number of objects, of which a
	// history has about six a commit.
	digits := 7
	for 6*l.graph.Len() > 1<<(2*digits) {
		digits++
	}
	return func(id string) string { return id[:min(len(id), digits)] }, nil
}

// Referring gives the commits that point at a value: an issue number, or the
// full or short hash of a commit.
func (db *DB) Referring(ctx context.Context, value string, kinds ...memory.ReferenceKind) ([]memory.Ordinal, error) {
	args := []any{value}
	text := "SELECT DISTINCT id FROM reference WHERE value = ?"
	if len(kinds) > 0 {
		text += " AND kind IN (?" + strings.Repeat(", ?", len(kinds)-1) + ")"
		for _, k := range kinds {
			args = append(args, string(k))
		}
	}
	return db.ordinals(ctx, text+" ORDER BY id", args...)
}

// References gives what a commit points at, sorted.
func (db *DB) References(ctx context.Context, n memory.Ordinal) ([]memory.Reference, error) {
	var list []memory.Reference
	err := db.view(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT kind, value FROM reference WHERE id = ? ORDER BY kind, value", n)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r memory.Reference
			if err := rows.Scan(&r.Kind, &r.Value); err != nil {
				return err
			}
			list = append(list, r)
		}
		return rows.Err()
	})
	return list, err
}

func (db *DB) ordinals(ctx context.Context, text string, args ...any) ([]memory.Ordinal, error) {
	var list []memory.Ordinal
	err := db.view(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, text, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n memory.Ordinal
			if err := rows.Scan(&n); err != nil {
				return err
			}
			list = append(list, n)
		}
		return rows.Err()
	})
	return list, err
}

// Authors gives the ids of people whose name or address holds text, case
// folded.
func (db *DB) Authors(ctx context.Context, text string) (map[int64]bool, error) {
	found := make(map[int64]bool)
	want := strings.ToLower(text)
	err := db.view(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT id, name, email FROM person")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			var name, email string
			if err := rows.Scan(&id, &name, &email); err != nil {
				return err
			}
			if strings.Contains(strings.ToLower(name+" <"+email+">"), want) {
				found[id] = true
			}
		}
		return rows.Err()
	})
	return found, err
}

// Reasons gives the comments with a reason that a commit added or removed, in
// order of file and line.
func (db *DB) Reasons(ctx context.Context, n memory.Ordinal) ([]FileReason, error) {
	var list []FileReason
	err := db.view(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT file, line, removed, symbol, text FROM reason WHERE id = ? ORDER BY file, line", n)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r FileReason
			if err := rows.Scan(&r.File, &r.Line, &r.Removed, &r.Symbol, &r.Text); err != nil {
				return err
			}
			list = append(list, r)
		}
		return rows.Err()
	})
	return list, err
}

// FileReason is a reason and the file it stands in.
type FileReason struct {
	memory.Reason
	File int64
}
