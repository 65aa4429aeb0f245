package sqlite

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"

	"github.com/memd-dev/memd/memory"
)

// The inverted index is a few immutable segments, as in any log-structured
// search engine; mining a batch writes one, and small ones are merged. FTS5
// needed 92 ms for a question of 30 words at 60k commits; it can't tell fields
// apart cheaply, and its document frequencies count commits that the asked
// revision does not have. Here a term's postings are decoded whole, filtered
// by the revision, and only then counted.
//
// A segment is a list of documents and a list of pages. A page is a run of
// entries in the order of terms:
//
//	shared prefix, rest, length of postings, postings
//
// and a posting is the distance to the ordinal before, shifted by four, with a
// bit for each field that has the term and a bit that says that counts follow
// (one per set field; without it all are 1). Terms that begin with a control
// character are not words: termSymbol and termFile.

// Terms that stand for ids, so that "which commits touched this" needs no
// table of its own.
const (
	termSymbol = "\x01"
	termFile   = "\x02"
)

// pageBytes is the size at which a page is closed: with the row's overhead it
// fills one page of the database.
const pageBytes = 4000

// idTerm gives the term of a symbol or file.
func idTerm(kind string, id int64) string {
	return string(binary.AppendUvarint([]byte(kind), uint64(id)))
}

// posting is one document of one term.
type posting struct {
	doc    memory.Ordinal
	counts [memory.Fields]uint16 // all zero for terms that stand for ids
}

// document is what ranking needs to know of a commit without reading its row.
type document struct {
	doc       memory.Ordinal
	lengths   [memory.Fields]uint16
	author    int32
	committed int64 // seconds
	flags     memory.Flags
}

func appendPostings(b []byte, list []posting) []byte {
	last := memory.Ordinal(0)
	for _, p := range list {
		mask, many := uint64(0), uint64(0)
		for f, c := range p.counts {
			if c > 0 {
				mask |= 1 << f
			}
			if c > 1 {
				many = 1
			}
		}
		b = binary.AppendUvarint(b, uint64(p.doc-last)<<4|mask<<1|many)
		if many == 1 {
			for _, c := range p.counts {
				if c > 0 {
					b = binary.AppendUvarint(b, uint64(c))
				}
			}
		}
		last = p.doc
	}
	return b
}

// decodePostings appends the postings in data to list.
func decodePostings(list []posting, data []byte) ([]posting, error) {
	last := uint64(0)
	for len(data) > 0 {
		v, n := binary.Uvarint(data)
		if n <= 0 || last+v>>4 > 1<<31-1 {
			return list, fmt.Errorf("%w: postings", memory.ErrCorrupt)
		}
		data = data[n:]
		last += v >> 4
		p := posting{doc: memory.Ordinal(last)}
		for f := range memory.Fields {
			if v&(2<<f) == 0 {
				continue
			}
			p.counts[f] = 1
			if v&1 == 1 {
				c, n := binary.Uvarint(data)
				if n <= 0 {
					return list, fmt.Errorf("%w: postings", memory.ErrCorrupt)
				}
				data = data[n:]
				p.counts[f] = uint16(c)
			}
		}
		list = append(list, p)
	}
	return list, nil
}

// page is one closed page on its way to the database.
type page struct {
	first string
	data  []byte
}

// pageWriter builds pages from terms in ascending order.
type pageWriter struct {
	emit  func(page) error
	first string
	last  string
	buf   []byte
	tmp   []byte
}

func (w *pageWriter) add(term string, list []posting) error {
	if len(list) == 0 {
		return nil
	}
	w.tmp = appendPostings(w.tmp[:0], list)
	if len(w.buf) > 0 && len(w.buf)+len(term)+len(w.tmp)+6 > pageBytes {
		if err := w.flush(); err != nil {
			return err
		}
	}
	shared := 0
	if len(w.buf) == 0 {
		w.first = term
	} else {
		for shared < len(term) && shared < len(w.last) && term[shared] == w.last[shared] {
			shared++
		}
	}
	w.buf = binary.AppendUvarint(w.buf, uint64(shared))
	w.buf = binary.AppendUvarint(w.buf, uint64(len(term)-shared))
	w.buf = append(w.buf, term[shared:]...)
	w.buf = binary.AppendUvarint(w.buf, uint64(len(w.tmp)))
	w.buf = append(w.buf, w.tmp...)
	w.last = term
	return nil
}

func (w *pageWriter) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	p := page{first: w.first, data: append([]byte(nil), w.buf...)}
	w.buf = w.buf[:0]
	return w.emit(p)
}

// entries walks the terms of a page in order. term and data are valid during
// the call. yield returns false to stop.
func entries(data []byte, yield func(term, postings []byte) bool) error {
	r := &reader{b: data}
	var term []byte
	for len(r.b) > 0 {
		shared := r.int()
		rest := r.bytes(r.int())
		postings := r.bytes(r.int())
		if r.err != nil || shared > len(term) {
			return fmt.Errorf("%w: page of terms", memory.ErrCorrupt)
		}
		term = append(term[:shared], rest...)
		if !yield(term, postings) {
			return nil
		}
	}
	return r.err
}

// invert turns the documents of a batch into terms with postings, in order.
// ids gives the id terms of each document.
func invert(docs []document, terms [][]memory.Term, ids [][]string, emit func(term string, list []posting) error) error {
	order := make([]int, len(docs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(docs[a].doc, docs[b].doc) })
	index := make(map[string]int32, 1<<14)
	var names []string
	var lists [][]posting
	put := func(term string, p posting) {
		i, ok := index[term]
		if !ok {
			i = int32(len(names))
			index[term] = i
			names = append(names, term)
			lists = append(lists, nil)
		}
		lists[i] = append(lists[i], p)
	}
	for _, i := range order {
		for _, t := range terms[i] {
			put(t.Text, posting{doc: docs[i].doc, counts: t.Counts})
		}
		for _, t := range ids[i] {
			put(t, posting{doc: docs[i].doc})
		}
	}
	sort.Strings(names)
	for _, name := range names {
		if err := emit(name, lists[index[name]]); err != nil {
			return err
		}
	}
	return nil
}

func packDocuments(docs []document) []byte {
	slices.SortFunc(docs, func(a, b document) int { return cmp.Compare(a.doc, b.doc) })
	b := binary.AppendUvarint(nil, uint64(len(docs)))
	last, when := memory.Ordinal(0), int64(0)
	for _, d := range docs {
		b = binary.AppendUvarint(b, uint64(d.doc-last))
		for _, n := range d.lengths {
			b = binary.AppendUvarint(b, uint64(n))
		}
		b = binary.AppendUvarint(b, uint64(d.author))
		b = binary.AppendVarint(b, d.committed-when)
		b = binary.AppendUvarint(b, uint64(d.flags))
		last, when = d.doc, d.committed
	}
	return b
}

func unpackDocuments(data []byte, yield func(document)) error {
	r := &reader{b: data}
	last, when := 0, int64(0)
	for range r.count() {
		var d document
		if last += r.int(); last > 1<<31-1 {
			r.fail()
		}
		d.doc = memory.Ordinal(last)
		for f := range d.lengths {
			d.lengths[f] = uint16(r.int())
		}
		d.author = int32(r.int())
		when += r.signed()
		d.committed = when
		d.flags = memory.Flags(r.int())
		if r.err != nil {
			return r.err
		}
		yield(d)
	}
	return r.err
}

// directory is the list of a segment's pages.
type directory struct {
	first []string // first term of each page, ascending
	row   []int64  // row of each page
}

func (d *directory) pack() []byte {
	b := binary.AppendUvarint(nil, uint64(len(d.first)))
	last := int64(0)
	for i, f := range d.first {
		b = binary.AppendUvarint(b, uint64(len(f)))
		b = append(b, f...)
		b = binary.AppendVarint(b, d.row[i]-last)
		last = d.row[i]
	}
	return b
}

func unpackDirectory(data []byte) (directory, error) {
	r := &reader{b: data}
	n := r.count()
	d := directory{first: make([]string, 0, n), row: make([]int64, 0, n)}
	last := int64(0)
	for range n {
		d.first = append(d.first, string(r.bytes(r.int())))
		last += r.signed()
		d.row = append(d.row, last)
	}
	return d, r.err
}

// page gives the row of the page that holds term if the segment has it.
func (d *directory) page(term string) (int64, bool) {
	i := sort.SearchStrings(d.first, term)
	if i < len(d.first) && d.first[i] == term {
		return d.row[i], true
	}
	if i == 0 {
		return 0, false
	}
	return d.row[i-1], true
}
