package sqlite

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/memd-dev/memd/memory"
)

// plainBytes is the length up to which texts are stored as they are. Longer
// ones are deflated row by row, each alone and without a dictionary, so that
// the scan after an erase can decode every row.
const plainBytes = 400

// textLevel is the level at which messages are deflated. Commit messages are
// short: the best level makes them little smaller and took three times as long,
// a twentieth of all mining.
const textLevel = flate.BestSpeed

// maxTextBytes bounds what a stored row may inflate to: a crafted index must
// not fill the memory.
const maxTextBytes = 8 << 20

var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(io.Discard, textLevel)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// packText gives the stored form of a text: nil, a string, or deflated bytes.
func packText(s string) any {
	if s == "" {
		return nil
	}
	if len(s) <= plainBytes {
		return s
	}
	var b bytes.Buffer
	w := deflaters.Get().(*flate.Writer)
	w.Reset(&b)
	io.WriteString(w, s) // a bytes.Buffer does not fail
	w.Close()
	deflaters.Put(w)
	return b.Bytes()
}

// unpackText is the inverse of packText on what the driver returns.
func unpackText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		b, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(v)), maxTextBytes))
		if err != nil {
			return "", fmt.Errorf("%w: stored text: %w", memory.ErrCorrupt, err)
		}
		return string(b), nil
	}
	return "", fmt.Errorf("%w: stored text has type %T", memory.ErrCorrupt, v)
}

// reader decodes varints; after an error it returns zeros and keeps the error,
// so that callers check once.
type reader struct {
	b   []byte
	err error
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// int reads a varint that must fit a small positive int: a count or an id.
func (r *reader) int() int {
	v := r.uint()
	if v > 1<<31-1 {
		r.fail()
		return 0
	}
	return int(v)
}

func (r *reader) signed() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.fail()
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

// count reads the length of a list whose elements take at least one byte each,
// so that a crafted count can't allocate more than the blob holds.
func (r *reader) count() int {
	n := r.int()
	if n > len(r.b) {
		r.fail()
		return 0
	}
	return n
}

func (r *reader) fail() {
	if r.err == nil {
		r.err = fmt.Errorf("%w: stored list ends early", memory.ErrCorrupt)
	}
	r.b = nil
}

// packHunks encodes ranges and symbols. New starts follow from the old ones
// and the lengths before, as in any -U0 diff, and are stored only where a
// diff breaks that rule.
func packHunks(hunks []memory.Hunk, symbol func(string) (int64, error)) ([]byte, error) {
	b := binary.AppendUvarint(nil, uint64(len(hunks)))
	last, shift := 0, 0
	for _, h := range hunks {
		explicit := uint64(0)
		if h.NewStart != newStart(h.OldStart, h.OldLines, h.NewLines, shift) {
			explicit = 1
		}
		b = binary.AppendVarint(b, int64(h.OldStart-last))
		b = binary.AppendUvarint(b, uint64(h.OldLines))
		b = binary.AppendUvarint(b, uint64(h.NewLines)<<1|explicit)
		if explicit == 1 {
			b = binary.AppendUvarint(b, uint64(h.NewStart))
		}
		b = binary.AppendUvarint(b, uint64(len(h.Symbols)))
		for _, s := range h.Symbols {
			id, err := symbol(s)
			if err != nil {
				return nil, err
			}
			b = binary.AppendUvarint(b, uint64(id))
		}
		last = h.OldStart + h.OldLines
		shift += h.NewLines - h.OldLines
	}
	return b, nil
}

// newStart gives where the new lines of a -U0 hunk begin. With no lines on a
// side git counts the line before.
func newStart(oldStart, oldLines, newLines, shift int) int {
	at := oldStart + shift
	if oldLines == 0 {
		at++
	}
	if newLines == 0 {
		at--
	}
	return at
}

// unpackHunks decodes ranges and symbol ids; symbols[i] belong to hunk i.
func unpackHunks(data []byte) (hunks []memory.Hunk, symbols [][]int64, err error) {
	if len(data) == 0 {
		return nil, nil, nil
	}
	r := &reader{b: data}
	n := r.count()
	hunks = make([]memory.Hunk, 0, n)
	symbols = make([][]int64, 0, n)
	last, shift := 0, 0
	for range n {
		var h memory.Hunk
		h.OldStart = last + int(r.signed())
		h.OldLines = r.int()
		lines := r.int()
		h.NewLines = lines >> 1
		h.NewStart = newStart(h.OldStart, h.OldLines, h.NewLines, shift)
		if lines&1 == 1 {
			h.NewStart = r.int()
		}
		var ids []int64
		for range r.count() {
			ids = append(ids, int64(r.int()))
		}
		last = h.OldStart + h.OldLines
		shift += h.NewLines - h.OldLines
		hunks = append(hunks, h)
		symbols = append(symbols, ids)
	}
	return hunks, symbols, r.err
}

// packLines encodes the line hashes of hunks, removed before added.
func packLines(hunks []memory.Hunk) []byte {
	n := 0
	for _, h := range hunks {
		n += len(h.Removed) + len(h.Added)
	}
	if n == 0 {
		return nil
	}
	b := make([]byte, 0, 4*n)
	for _, h := range hunks {
		for _, v := range h.Removed {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		for _, v := range h.Added {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
	}
	return b
}

// unpackLines sets the line hashes of hunks whose ranges are decoded. Missing
// hashes (a commit over the limits) leave the fields nil.
func unpackLines(data []byte, hunks []memory.Hunk) {
	need := 0
	for _, h := range hunks {
		need += h.OldLines + h.NewLines
	}
	if len(data) != 4*need {
		return
	}
	take := func(n int) []uint32 {
		v := make([]uint32, n)
		for i := range v {
			v[i] = binary.LittleEndian.Uint32(data[4*i:])
		}
		data = data[4*n:]
		return v
	}
	for i := range hunks {
		hunks[i].Removed = take(hunks[i].OldLines)
		hunks[i].Added = take(hunks[i].NewLines)
	}
}
