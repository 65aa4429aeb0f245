package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// File is a path that some commit touched.
type File struct {
	ID    int64
	Path  []byte
	Class memory.Class
}

// Symbol is a name in a file.
type Symbol struct {
	ID   int64
	File int64
	Name string
}

// FileByPath finds a file by its raw path. memory.ErrNotFound when no mined
// commit touched it.
func (db *DB) FileByPath(ctx context.Context, path []byte) (File, error) {
	f := File{Path: path}
	err := db.view(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT id, class FROM file WHERE path = ?", path).Scan(&f.ID, &f.Class)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return f, fmt.Errorf("path %s: %w", memory.DisplayPath(path), memory.ErrNotFound)
	}
	return f, err
}

// Files gives the files of ids; unknown ids are left out.
func (db *DB) Files(ctx context.Context, ids []int64) (map[int64]File, error) {
	found := make(map[int64]File, len(ids))
	err := db.view(ctx, func(tx *sql.Tx) error {
		stmt, err := tx.PrepareContext(ctx, "SELECT path, class FROM file WHERE id = ?")
		if err != nil {
			return err
		}
		defer stmt.Close()
		for _, id := range ids {
			if _, ok := found[id]; ok {
				continue
			}
			f := File{ID: id}
			switch err := stmt.QueryRowContext(ctx, id).Scan(&f.Path, &f.Class); {
			case err == nil:
				found[id] = f
			case !errors.Is(err, sql.ErrNoRows):
				return err
			}
		}
		return nil
	})
	return found, err
}

// Symbols gives the symbols of ids; unknown ids are left out.
func (db *DB) Symbols(ctx context.Context, ids []int64) (map[int64]Symbol, error) {
	found := make(map[int64]Symbol, len(ids))
	err := db.view(ctx, func(tx *sql.Tx) error {
		stmt, err := tx.PrepareContext(ctx, "SELECT file, name FROM symbol WHERE id = ?")
		if err != nil {
			return err
		}
		defer stmt.Close()
		for _, id := range ids {
			if _, ok := found[id]; ok {
				continue
			}
			s := Symbol{ID: id}
			switch err := stmt.QueryRowContext(ctx, id).Scan(&s.File, &s.Name); {
			case err == nil:
				found[id] = s
			case !errors.Is(err, sql.ErrNoRows):
				return err
			}
		}
		return nil
	})
	return found, err
}

// SymbolsNamed gives the symbols with exactly this name, or, where there is
// none, those whose last part it is ("Close" finds "Server.Close").
func (db *DB) SymbolsNamed(ctx context.Context, name string, limit int) ([]Symbol, error) {
	var list []Symbol
	err := db.view(ctx, func(tx *sql.Tx) error {
		scan := func(text string, args ...any) error {
			rows, err := tx.QueryContext(ctx, text, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var s Symbol
				if err := rows.Scan(&s.ID, &s.File, &s.Name); err != nil {
					return err
				}
				list = append(list, s)
			}
			return rows.Err()
		}
		if err := scan("SELECT id, file, name FROM symbol WHERE name = ? ORDER BY id LIMIT ?", name, limit); err != nil || len(list) > 0 {
			return err
		}
		words := ftsWords(name)
		if words == "" {
			return nil
		}
		err := scan(`SELECT s.id, s.file, s.name FROM name n JOIN symbol s ON s.id = n.rowid / 2
			WHERE n.name MATCH ? AND n.rowid % 2 = 1 ORDER BY s.id LIMIT ?`, words, 50*limit)
		kept := list[:0]
		for _, s := range list {
			if at := len(s.Name) - len(name); at > 0 && s.Name[at:] == name && strings.ContainsRune(".:", rune(s.Name[at-1])) && len(kept) < limit {
				kept = append(kept, s)
			}
		}
		list = kept
		return err
	})
	return list, err
}

// ftsWords makes the query of the word index: all words of text. The
// tokenizer leaves letters, digits and underscores, so quoting is enough.
func ftsWords(text string) string {
	var words []string
	memory.Tokens(text, func(term string) { words = append(words, `"`+strings.ReplaceAll(term, `"`, `""`)+`"`) })
	return strings.Join(words, " AND ")
}

// Named is a file or a symbol that the word index found.
type Named struct {
	Symbol bool
	ID     int64
	Terms  int // how many of the asked terms its name has
}

// NamesWith gives files and symbols whose names have at least two of the terms
// (or the only one), those with most terms first, at most limit.
func (db *DB) NamesWith(ctx context.Context, terms []string, limit int) ([]Named, error) {
	if len(terms) == 0 {
		return nil, nil
	}
	counts := make(map[int64]int)
	err := db.view(ctx, func(tx *sql.Tx) error {
		stmt, err := tx.PrepareContext(ctx, "SELECT rowid FROM name WHERE name MATCH ?")
		if err != nil {
			return err
		}
		defer stmt.Close()
		for _, t := range terms {
			rows, err := stmt.QueryContext(ctx, `"`+strings.ReplaceAll(t, `"`, `""`)+`"`)
			if err != nil {
				return err
			}
			for rows.Next() {
				var id int64
				if err := rows.Scan(&id); err != nil {
					rows.Close()
					return err
				}
				counts[id]++
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	least := min(2, len(terms))
	var list []Named
	for row, n := range counts {
		if n >= least {
			list = append(list, Named{Symbol: row%2 == 1, ID: row / 2, Terms: n})
		}
	}
	sortNamed(list)
	if len(list) > limit {
		list = list[:limit]
	}
	return list, nil
}

// FilesEnding gives the files whose path ends in the given whole components
// ("close.go", "server/close.go"), at most limit, by path.
func (db *DB) FilesEnding(ctx context.Context, tail string, limit int) ([]File, error) {
	words := ftsWords(tail)
	if words == "" {
		return nil, nil
	}
	var list []File
	err := db.view(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT f.id, f.path, f.class FROM name n JOIN file f ON f.id = n.rowid / 2
			WHERE n.name MATCH ? AND n.rowid % 2 = 0 ORDER BY f.path`, words)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() && len(list) < limit {
			var f File
			if err := rows.Scan(&f.ID, &f.Path, &f.Class); err != nil {
				return err
			}
			if strings.HasSuffix("/"+string(f.Path), "/"+tail) {
				list = append(list, f)
			}
		}
		return rows.Err()
	})
	return list, err
}

// FilesUnder gives the ids of the files that a filter names: a path, a folder,
// or a glob in which * stands for any run of bytes but '/' and ** for any run.
func (db *DB) FilesUnder(ctx context.Context, filter string) ([]int64, error) {
	match := pathFilter(filter)
	var list []int64
	err := db.view(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT id, path FROM file")
		if err != nil {
			return err
		}
		defer rows.Close()
		var path sql.RawBytes
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id, &path); err != nil {
				return err
			}
			if match(string(path)) {
				list = append(list, id)
			}
		}
		return rows.Err()
	})
	return list, err
}

// LastTouch says what the newest changes did to a file: the steps at its path,
// and the renames that took it away.
func (db *DB) LastTouch(ctx context.Context, file int64) ([]Step, error) {
	// Hunks are not read here, and the rows of a busy file hold many.
	const text = "SELECT id, parent, status, file, coalesce(old_file, file), old_blob, blob, lazy, '', NULL, NULL FROM change WHERE file = ?1" +
		" UNION ALL SELECT id, parent, 68, old_file, old_file, old_blob, x'', 0, '', NULL, NULL FROM change WHERE old_file = ?1 AND status = 82 AND file <> ?1"
	return db.steps(ctx, text, file)
}
