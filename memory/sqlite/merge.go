package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// fanIn is how many segments of one tier are merged into one of the next. Each
// level copies everything once; 80,000 commits make two levels. A question reads
// at most a page a term from each segment.
const fanIn = 16

// writeSegment stores one segment; terms is called with the function that
// takes terms in ascending order.
func writeSegment(ctx context.Context, tx *sql.Tx, tier int, docs []document, terms func(add func(string, []posting) error) error) error {
	insert, err := tx.PrepareContext(ctx, "INSERT INTO posting (data) VALUES (?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	var d directory
	w := &pageWriter{emit: func(p page) error {
		res, err := insert.ExecContext(ctx, p.data)
		if err != nil {
			return err
		}
		row, err := res.LastInsertId()
		if err != nil {
			return err
		}
		d.first = append(d.first, p.first)
		d.row = append(d.row, row)
		return nil
	}}
	if err := terms(w.add); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO segment (tier, documents, directory) VALUES (?, ?, ?)", tier, packDocuments(docs), d.pack())
	return err
}

// storedSegment is a row of the table segment.
type storedSegment struct {
	id        int64
	tier      int
	documents []byte
	directory directory
}

func readSegments(ctx context.Context, tx *sql.Tx) ([]storedSegment, error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, tier, documents, directory FROM segment ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []storedSegment
	for rows.Next() {
		var s storedSegment
		var dir []byte
		if err := rows.Scan(&s.id, &s.tier, &s.documents, &dir); err != nil {
			return nil, err
		}
		if s.directory, err = unpackDirectory(dir); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// mergeDue merges the segments of each tier that has fanIn of them.
func mergeDue(ctx context.Context, tx *sql.Tx) error {
	for {
		tier, ok, err := dueTier(ctx, tx)
		if err != nil || !ok {
			return err
		}
		list, err := readSegments(ctx, tx)
		if err != nil {
			return err
		}
		var of []storedSegment
		for _, s := range list {
			if s.tier == tier {
				of = append(of, s)
			}
		}
		if err := mergeSegments(ctx, tx, of, tier+1); err != nil {
			return err
		}
	}
}

func dueTier(ctx context.Context, tx *sql.Tx) (int, bool, error) {
	var tier int
	err := tx.QueryRowContext(ctx, "SELECT tier FROM segment GROUP BY tier HAVING count(*) >= ? ORDER BY tier LIMIT 1", fanIn).Scan(&tier)
	if err == sql.ErrNoRows {
		return 0, false, nil
	}
	return tier, err == nil, err
}

// mergeSegments writes one segment with all that the given ones hold, and
// removes them.
func mergeSegments(ctx context.Context, tx *sql.Tx, list []storedSegment, tier int) error {
	if len(list) < 2 {
		return nil
	}
	var docs []document
	for _, s := range list {
		if err := unpackDocuments(s.documents, func(d document) { docs = append(docs, d) }); err != nil {
			return err
		}
	}
	read, err := tx.PrepareContext(ctx, "SELECT data FROM posting WHERE id = ?")
	if err != nil {
		return err
	}
	defer read.Close()
	err = writeSegment(ctx, tx, tier, docs, func(add func(string, []posting) error) error {
		return mergeTerms(ctx, read, list, add)
	})
	if err != nil {
		return err
	}
	for _, s := range list {
		for _, row := range s.directory.row {
			if _, err := tx.ExecContext(ctx, "DELETE FROM posting WHERE id = ?", row); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM segment WHERE id = ?", s.id); err != nil {
			return err
		}
	}
	return nil
}

// termCursor walks all terms of one segment, a page at a time.
type termCursor struct {
	read  *sql.Stmt
	rows  []int64
	terms []string
	lists [][]byte
	at    int
}

// next moves on; it reports false at the end.
func (c *termCursor) next(ctx context.Context) (bool, error) {
	c.at++
	for c.at >= len(c.terms) {
		if len(c.rows) == 0 {
			return false, nil
		}
		var data []byte
		if err := c.read.QueryRowContext(ctx, c.rows[0]).Scan(&data); err != nil {
			return false, fmt.Errorf("page %d: %w", c.rows[0], err)
		}
		c.rows, c.terms, c.lists, c.at = c.rows[1:], c.terms[:0], c.lists[:0], 0
		err := entries(data, func(term, postings []byte) bool {
			c.terms = append(c.terms, string(term))
			c.lists = append(c.lists, postings)
			return true
		})
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// mergeTerms yields the terms of several segments in order, each once with its
// postings in order of documents.
func mergeTerms(ctx context.Context, read *sql.Stmt, list []storedSegment, yield func(string, []posting) error) error {
	var open []*termCursor
	for _, s := range list {
		c := &termCursor{read: read, rows: s.directory.row, at: -1}
		ok, err := c.next(ctx)
		if err != nil {
			return err
		}
		if ok {
			open = append(open, c)
		}
	}
	var merged []posting
	for len(open) > 0 {
		term := open[0].terms[open[0].at]
		for _, c := range open[1:] {
			if t := c.terms[c.at]; t < term {
				term = t
			}
		}
		merged = merged[:0]
		kept := open[:0]
		for _, c := range open {
			if c.terms[c.at] != term {
				kept = append(kept, c)
				continue
			}
			var err error
			if merged, err = decodePostings(merged, c.lists[c.at]); err != nil {
				return err
			}
			ok, err := c.next(ctx)
			if err != nil {
				return err
			}
			if ok {
				kept = append(kept, c)
			}
		}
		open = kept
		slices.SortFunc(merged, func(a, b posting) int { return cmp.Compare(a.doc, b.doc) })
		if err := yield(term, merged); err != nil {
			return err
		}
	}
	return nil
}

// Settle merges the youngest segments into one, at the end of a long run, so
// that questions read few. The older ones stay: copying them once more took a
// second at 80,000 commits, with nothing beside it to fill the other core.
func (db *DB) Settle(ctx context.Context) error {
	db.put.Lock()
	defer db.put.Unlock()
	return db.update(ctx, func(tx *sql.Tx) error {
		list, err := readSegments(ctx, tx)
		if err != nil {
			return err
		}
		young := slices.DeleteFunc(list, func(s storedSegment) bool { return s.tier > 0 })
		return mergeSegments(ctx, tx, young, 1)
	})
}
