package gitwatch

import (
	"bytes"
	"io"
)

// scanner reads a stream of git by delimiters. It is bufio.Reader with two
// differences that matter here: a record may be longer than the buffer up to a
// limit of its own, and what is longer is dropped to the delimiter and counted,
// so that a hostile line costs no memory.
type scanner struct {
	r          io.Reader
	buf        []byte
	start, end int
	err        error // of r, io.EOF included
}

// scanBytes is the read size; git's pipe holds 64 KiB.
const scanBytes = 256 << 10

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, buf: make([]byte, scanBytes)}
}

// fill reads more, growing the buffer up to limit bytes of unread data. It
// reports false when nothing more can be read; s.err says why, or is nil where
// the limit is reached.
func (s *scanner) fill(limit int) bool {
	if s.err != nil {
		return false
	}
	if s.start > 0 {
		copy(s.buf, s.buf[s.start:s.end])
		s.end -= s.start
		s.start = 0
	}
	if s.end == len(s.buf) {
		if len(s.buf) >= limit {
			return false
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n, err := s.r.Read(s.buf[s.end:])
	s.end += n
	if err != nil {
		s.err = err
	}
	return n > 0 || err == nil
}

// has reports whether the stream goes on with prefix, reading as much as that
// needs.
func (s *scanner) has(prefix string) bool {
	for s.end-s.start < len(prefix) {
		if !bytes.HasPrefix([]byte(prefix), s.buf[s.start:s.end]) || !s.fill(scanBytes) {
			return false
		}
	}
	return string(s.buf[s.start:s.start+len(prefix)]) == prefix
}

// more reports whether any byte is left.
func (s *scanner) more() bool {
	for s.start == s.end {
		if !s.fill(scanBytes) {
			return false
		}
	}
	return true
}

// skip drops n bytes that has or more have seen.
func (s *scanner) skip(n int) { s.start += n }

// until gives what stands before delim and moves behind it. The slice is valid
// until the next call. Beyond limit bytes the rest up to delim is dropped and
// cut is true. At the end of the stream without delim it gives
// io.ErrUnexpectedEOF.
func (s *scanner) until(delim byte, limit int) (field []byte, cut bool, err error) {
	from := 0
	for {
		if i := bytes.IndexByte(s.buf[s.start+from:s.end], delim); i >= 0 {
			i += from
			field = s.buf[s.start : s.start+i]
			s.start += i + 1
			if len(field) > limit {
				return field[:limit], true, nil
			}
			return field, false, nil
		}
		from = s.end - s.start
		if from > limit {
			break
		}
		if !s.fill(max(limit+2, scanBytes)) && s.err != nil {
			return nil, false, unexpected(s.err)
		}
	}
	field = append([]byte(nil), s.buf[s.start:s.start+limit]...)
	s.start = s.end
	for {
		for s.start == s.end {
			if !s.fill(scanBytes) && s.err != nil {
				return nil, true, unexpected(s.err)
			}
		}
		if i := bytes.IndexByte(s.buf[s.start:s.end], delim); i >= 0 {
			s.start += i + 1
			return field, true, nil
		}
		s.start = s.end
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
