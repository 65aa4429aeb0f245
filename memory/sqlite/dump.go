package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"io"
	"sort"

	"github.com/memd-dev/memd/memory"
)

// The dump names everything by natural keys: ids of git and raw paths. Two
// memories are equal when their dumps are; row ids, the order of mining and the
// cache of merge hunks are not in it.

type dumpCommit struct {
	Kind      string             `json:"kind"` // "commit"
	ID        string             `json:"id"`
	Parents   []string           `json:"parents"`
	Author    memory.Person      `json:"author"`
	Committer memory.Person      `json:"committer"`
	Authored  int64              `json:"authored_s"`
	Committed int64              `json:"committed_s"`
	Flags     []string           `json:"flags"`
	Patch     string             `json:"patch"`
	Subject   string             `json:"subject"`
	Body      string             `json:"body"`
	Refs      []memory.Reference `json:"refs"`
	Skipped   string             `json:"skipped,omitempty"`
	Merged    [][]byte           `json:"merged,omitempty"`
	Changes   []dumpChange       `json:"changes"`
	Reasons   []dumpReason       `json:"reasons,omitempty"`
	Lengths   []int              `json:"lengths"`
}

type dumpChange struct {
	Path    []byte     `json:"path"`
	OldPath []byte     `json:"old_path,omitempty"`
	Parent  int        `json:"parent"`
	Status  string     `json:"status"`
	OldBlob string     `json:"old_blob"`
	NewBlob string     `json:"new_blob"`
	Lazy    bool       `json:"lazy,omitempty"`
	Skipped string     `json:"skipped,omitempty"`
	Hunks   []dumpHunk `json:"hunks,omitempty"`
}

type dumpHunk struct {
	ID      string   `json:"id,omitempty"` // keyed
	Range   [4]int   `json:"range"`
	Symbols []string `json:"symbols,omitempty"`
	Removed []uint32 `json:"removed,omitempty"`
	Added   []uint32 `json:"added,omitempty"`
}

type dumpReason struct {
	Path    []byte `json:"path"`
	Line    int    `json:"line"`
	Removed bool   `json:"removed,omitempty"`
	Symbol  string `json:"symbol,omitempty"`
	Text    string `json:"text"`
}

type dumpTerm struct {
	Kind     string   `json:"kind"` // "term"
	Term     string   `json:"term"`
	Postings [][4]any `json:"postings"` // commit, counts by field
}

// Dump writes the commits of a set, by id, then the terms that they have, by
// term, as JSON Lines. key is that of hunk ids: two dumps are compared under the
// same one. It reads one transaction, so that writers don't matter.
func (db *DB) Dump(ctx context.Context, within memory.Set, key []byte, w io.Writer) error {
	return db.view(ctx, func(tx *sql.Tx) error {
		l, err := db.load(ctx, tx)
		if err != nil {
			return err
		}
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		d := &dumper{ctx: ctx, tx: tx, l: l, within: within, key: key, enc: enc, files: map[int64][]byte{}}
		if err := d.commits(); err != nil {
			return err
		}
		return d.terms()
	})
}

type dumper struct {
	ctx    context.Context
	tx     *sql.Tx
	l      *loaded
	within memory.Set
	key    []byte
	enc    *json.Encoder
	files  map[int64][]byte
}

func (d *dumper) commits() error {
	var list []memory.Ordinal
	for n := range d.l.documents {
		if o := memory.Ordinal(n); d.within.Has(o) && d.l.mined.Has(o) {
			list = append(list, o)
		}
	}
	g := d.l.graph
	sort.Slice(list, func(a, b int) bool { return g.ID(list[a]) < g.ID(list[b]) })
	row, err := d.tx.PrepareContext(d.ctx, rowQuery+" WHERE h.id = ?")
	if err != nil {
		return err
	}
	defer row.Close()
	for _, n := range list {
		r, err := scanRow(row.QueryRowContext(d.ctx, n), g)
		if err != nil {
			return err
		}
		if err := d.commit(n, r); err != nil {
			return err
		}
	}
	return nil
}

func (d *dumper) commit(n memory.Ordinal, r *Row) error {
	c := dumpCommit{
		Kind: "commit", ID: r.ID, Parents: notNil(r.Parents), Author: r.Author, Committer: r.Committer, Authored: r.Authored, Committed: r.Committed,
		Flags: notNil(r.Flags.Names()), Patch: r.PatchID, Subject: r.Subject, Body: r.Body, Skipped: r.Skipped,
		Refs: []memory.Reference{}, Changes: []dumpChange{},
	}
	for _, length := range d.l.documents[n].lengths {
		c.Lengths = append(c.Lengths, int(length))
	}
	for _, id := range r.MergedFiles {
		path, err := d.path(id)
		if err != nil {
			return err
		}
		c.Merged = append(c.Merged, path)
	}
	err := d.each("SELECT kind, value FROM reference WHERE id = ? ORDER BY kind, value", func(rows *sql.Rows) error {
		var ref memory.Reference
		defer func() { c.Refs = append(c.Refs, ref) }()
		return rows.Scan(&ref.Kind, &ref.Value)
	}, n)
	if err != nil {
		return err
	}
	for _, f := range r.Files {
		if err := d.changes(&c, n, f.File); err != nil {
			return err
		}
	}
	sort.Slice(c.Changes, func(a, b int) bool {
		x, y := c.Changes[a], c.Changes[b]
		if p, q := string(x.Path), string(y.Path); p != q {
			return p < q
		}
		return x.Parent < y.Parent
	})
	err = d.each("SELECT file, line, removed, symbol, text FROM reason WHERE id = ?", func(rows *sql.Rows) error {
		var reason dumpReason
		var file int64
		if err := rows.Scan(&file, &reason.Line, &reason.Removed, &reason.Symbol, &reason.Text); err != nil {
			return err
		}
		var err error
		reason.Path, err = d.path(file)
		c.Reasons = append(c.Reasons, reason)
		return err
	}, n)
	if err != nil {
		return err
	}
	sort.Slice(c.Reasons, func(a, b int) bool {
		x, y := c.Reasons[a], c.Reasons[b]
		if p, q := string(x.Path), string(y.Path); p != q {
			return p < q
		}
		if x.Removed != y.Removed {
			return x.Removed
		}
		if x.Line != y.Line {
			return x.Line < y.Line
		}
		return x.Text < y.Text
	})
	return d.enc.Encode(c)
}

func (d *dumper) changes(c *dumpCommit, n memory.Ordinal, file int64) error {
	return d.each(stepQuery+" WHERE file = ? AND id = ?", func(rows *sql.Rows) error {
		var s Step
		var oldBlob, newBlob []byte
		err := rows.Scan(&s.Commit, &s.Parent, &s.Status, &s.File, &s.OldFile, &oldBlob, &newBlob, &s.Lazy, &s.Skipped, &s.hunks, &s.lines)
		if err != nil {
			return err
		}
		ch := dumpChange{Parent: s.Parent, Status: string(s.Status), OldBlob: hex.EncodeToString(oldBlob), NewBlob: hex.EncodeToString(newBlob), Lazy: s.Lazy, Skipped: s.Skipped}
		if ch.Path, err = d.path(s.File); err != nil {
			return err
		}
		if s.OldFile != s.File {
			if ch.OldPath, err = d.path(s.OldFile); err != nil {
				return err
			}
		}
		hunks, err := s.Hunks()
		if err != nil {
			return err
		}
		symbols, err := s.SymbolIDs()
		if err != nil {
			return err
		}
		for i, h := range hunks {
			out := dumpHunk{ID: h.ID(d.key), Range: [4]int{h.OldStart, h.OldLines, h.NewStart, h.NewLines}, Removed: h.Removed, Added: h.Added}
			for _, id := range symbols[i] {
				var name string
				if err := d.tx.QueryRowContext(d.ctx, "SELECT name FROM symbol WHERE id = ?", id).Scan(&name); err != nil {
					return err
				}
				out.Symbols = append(out.Symbols, name)
			}
			ch.Hunks = append(ch.Hunks, out)
		}
		c.Changes = append(c.Changes, ch)
		return nil
	}, file, n)
}

func (d *dumper) each(text string, scan func(*sql.Rows) error, args ...any) error {
	rows, err := d.tx.QueryContext(d.ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (d *dumper) path(id int64) ([]byte, error) {
	if p, ok := d.files[id]; ok {
		return p, nil
	}
	var p []byte
	err := d.tx.QueryRowContext(d.ctx, "SELECT path FROM file WHERE id = ?", id).Scan(&p)
	d.files[id] = p
	return p, err
}

// terms writes the words of the inverted index. Terms that stand for ids are
// left out: the changes say the same by name.
func (d *dumper) terms() error {
	list, err := readSegments(d.ctx, d.tx)
	if err != nil {
		return err
	}
	read, err := d.tx.PrepareContext(d.ctx, "SELECT data FROM posting WHERE id = ?")
	if err != nil {
		return err
	}
	defer read.Close()
	g := d.l.graph
	return mergeTerms(d.ctx, read, list, func(term string, postings []posting) error {
		if term < " " {
			return nil
		}
		out := dumpTerm{Kind: "term", Term: term}
		sort.Slice(postings, func(a, b int) bool { return g.ID(postings[a].doc) < g.ID(postings[b].doc) })
		for _, p := range postings {
			if d.within.Has(p.doc) {
				out.Postings = append(out.Postings, [4]any{hexID(g.ID(p.doc)), p.counts[0], p.counts[1], p.counts[2]})
			}
		}
		if out.Postings == nil {
			return nil
		}
		return d.enc.Encode(out)
	})
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
