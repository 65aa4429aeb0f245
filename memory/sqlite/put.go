package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/memd-dev/memd/memory"
)

// Put stores a batch of mined commits in one transaction: rows, postings and,
// by the list of documents, the fact that they are mined. Commits must have
// been listed (memory.ErrNotFound otherwise); those already mined are skipped,
// so that a repeated batch changes nothing.
func (db *DB) Put(ctx context.Context, batch []*memory.Commit) error {
	db.put.Lock()
	defer db.put.Unlock()
	l, err := db.writing(ctx)
	if err != nil {
		return err
	}
	var fresh []*memory.Commit
	var ordinals []memory.Ordinal
	seen := make(map[memory.Ordinal]bool, len(batch))
	for _, c := range batch {
		id, err := rawID(c.ID)
		if err != nil {
			return err
		}
		n, ok := l.graph.Find(id)
		if !ok {
			return fmt.Errorf("put %s: not listed: %w", c.ID, memory.ErrNotFound)
		}
		if l.mined.Has(n) || seen[n] {
			continue
		}
		seen[n] = true
		fresh = append(fresh, c)
		ordinals = append(ordinals, n)
	}
	if len(fresh) == 0 {
		return nil
	}
	err = db.update(ctx, func(tx *sql.Tx) error {
		w, err := newPutter(ctx, tx, l.cache)
		if err != nil {
			return err
		}
		defer w.close()
		docs := make([]document, len(fresh))
		terms := make([][]memory.Term, len(fresh))
		ids := make([][]string, len(fresh))
		for i, c := range fresh {
			d, t, err := w.commit(ordinals[i], c)
			if err != nil {
				return fmt.Errorf("put %s: %w", c.ID, err)
			}
			docs[i], terms[i], ids[i] = d, c.Document.Terms, t
		}
		err = writeSegment(ctx, tx, 0, docs, func(add func(string, []posting) error) error {
			return invert(docs, terms, ids, add)
		})
		if err != nil {
			return err
		}
		return mergeDue(ctx, tx)
	})
	if err != nil {
		// Ids that the transaction handed out are gone with it.
		db.writer = nil
		return err
	}
	for _, n := range ordinals {
		l.mined.Add(n)
	}
	return nil
}

// putter writes the rows of one batch.
type putter struct {
	ctx   context.Context
	tx    *sql.Tx
	ids   *ids
	stmts map[string]*sql.Stmt
}

func newPutter(ctx context.Context, tx *sql.Tx, cache *idCache) (*putter, error) {
	w := &putter{ctx: ctx, tx: tx, stmts: make(map[string]*sql.Stmt)}
	w.ids = &ids{cache: cache, exec: w.exec, query: w.query}
	return w, nil
}

func (w *putter) close() {
	for _, s := range w.stmts {
		s.Close()
	}
}

func (w *putter) stmt(text string) (*sql.Stmt, error) {
	if s := w.stmts[text]; s != nil {
		return s, nil
	}
	s, err := w.tx.PrepareContext(w.ctx, text)
	if err == nil {
		w.stmts[text] = s
	}
	return s, err
}

// exec runs a prepared statement without a context of its own: the driver
// would start a goroutine for each. The transaction ends with its context.
func (w *putter) exec(text string, args ...any) (int64, error) {
	s, err := w.stmt(text)
	if err != nil {
		return 0, err
	}
	res, err := s.Exec(args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

func (w *putter) query(dest []any, text string, args ...any) error {
	s, err := w.stmt(text)
	if err != nil {
		return err
	}
	return s.QueryRow(args...).Scan(dest...)
}

// commit writes the rows of one commit and gives its document and id terms.
func (w *putter) commit(n memory.Ordinal, c *memory.Commit) (document, []string, error) {
	if err := w.ctx.Err(); err != nil {
		return document{}, nil, err
	}
	author, err := w.ids.person(c.Author)
	if err != nil {
		return document{}, nil, err
	}
	committer, err := w.ids.person(c.Committer)
	if err != nil {
		return document{}, nil, err
	}
	var terms []string
	files, err := w.changes(n, c, &terms)
	if err != nil {
		return document{}, nil, err
	}
	var merged []byte
	if len(c.Merged) > 0 {
		merged = binary.AppendUvarint(nil, uint64(len(c.Merged)))
		for _, path := range c.Merged {
			id, err := w.ids.file(path, memory.ClassSource)
			if err != nil {
				return document{}, nil, err
			}
			merged = binary.AppendUvarint(merged, uint64(id))
			terms = append(terms, idTerm(termFile, id))
		}
	}
	var patch []byte
	if c.PatchID != "" {
		if patch, err = hex.DecodeString(c.PatchID); err != nil {
			return document{}, nil, fmt.Errorf("%w: patch id %q", memory.ErrInvalid, c.PatchID)
		}
	}
	_, err = w.exec(`INSERT INTO history (id, author, committer, authored_s, committed_s, flags, patch, subject, body, files, merged, skipped)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		n, author, committer, c.Authored, c.Committed, int64(c.Flags), patch, c.Subject, packText(c.Body), files, merged, null(c.Skipped))
	if err != nil {
		return document{}, nil, err
	}
	for _, ref := range c.Refs {
		if _, err := w.exec("INSERT OR IGNORE INTO reference (value, kind, id) VALUES (?, ?, ?)", ref.Value, string(ref.Kind), n); err != nil {
			return document{}, nil, err
		}
	}
	d := document{doc: n, author: int32(author), committed: c.Committed, flags: c.Flags}
	for f, length := range c.Document.Lengths {
		d.lengths[f] = uint16(min(length, 1<<16-1))
	}
	return d, unique(terms), nil
}

// changes writes the changes of a commit and gives the packed list for its
// row: file, status, and the symbols touched.
func (w *putter) changes(n memory.Ordinal, c *memory.Commit, terms *[]string) ([]byte, error) {
	if len(c.Changes) == 0 {
		return nil, nil
	}
	var files []byte
	count := 0
	for i := range c.Changes {
		ch := &c.Changes[i]
		file, err := w.ids.file(ch.Path, ch.Class)
		if err != nil {
			return nil, err
		}
		*terms = append(*terms, idTerm(termFile, file))
		var old any
		if len(ch.OldPath) > 0 {
			id, err := w.ids.file(ch.OldPath, memory.ClassSource)
			if err != nil {
				return nil, err
			}
			old = id
			*terms = append(*terms, idTerm(termFile, id))
		}
		var symbols []int64
		touched := make(map[int64]bool)
		hunks, err := packHunks(ch.Hunks, func(name string) (int64, error) {
			id, err := w.ids.symbol(file, name)
			if err == nil && !touched[id] {
				touched[id] = true
				symbols = append(symbols, id)
				*terms = append(*terms, idTerm(termSymbol, id))
			}
			return id, err
		})
		if err != nil {
			return nil, err
		}
		if len(ch.Hunks) == 0 {
			hunks = nil
		}
		oldBlob, err := blobID(ch.OldBlob)
		if err != nil {
			return nil, err
		}
		newBlob, err := blobID(ch.NewBlob)
		if err != nil {
			return nil, err
		}
		var lines any
		if data := packLines(ch.Hunks); data != nil {
			if lines, err = w.exec("INSERT INTO line_hash (data) VALUES (?)", data); err != nil {
				return nil, err
			}
		}
		_, err = w.exec(`INSERT INTO change (file, blob, id, parent, status, old_file, old_blob, lazy, skipped, hunks, lines)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			file, newBlob, n, ch.Parent, int64(ch.Status), old, oldBlob, ch.Lazy, null(ch.Skipped), hunks, lines)
		if err != nil {
			return nil, fmt.Errorf("change of %q: %w", ch.Path, err)
		}
		for _, reason := range ch.Reasons {
			_, err := w.exec("INSERT INTO reason (id, file, line, removed, symbol, text) VALUES (?, ?, ?, ?, ?, ?)",
				n, file, reason.Line, reason.Removed, reason.Symbol, reason.Text)
			if err != nil {
				return nil, err
			}
		}
		if ch.Parent > 0 {
			continue // the same file again, seen from another parent
		}
		files = binary.AppendUvarint(files, uint64(file))
		files = append(files, byte(ch.Status))
		files = binary.AppendUvarint(files, uint64(len(symbols)))
		for _, id := range symbols {
			files = binary.AppendUvarint(files, uint64(id))
		}
		count++
	}
	return append(binary.AppendUvarint(nil, uint64(count)), files...), nil
}

// blobID gives the stored form of a blob id: empty where there is no blob.
func blobID(id string) ([]byte, error) {
	if id == "" {
		return []byte{}, nil
	}
	raw, err := rawID(id)
	return []byte(raw), err
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func unique(list []string) []string {
	seen := make(map[string]bool, len(list))
	kept := list[:0]
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	return kept
}
