package memory

import (
	"strings"
	"unicode/utf8"
)

// MaxLine is the number of bytes that are kept of one line of text. Longer
// ones are minified or binary; nobody reads them to the end.
const MaxLine = 4 << 10

// Clean turns foreign bytes into text that may be stored, indexed and shown:
// valid UTF-8, lines of at most MaxLine bytes, at most max bytes in all, cut
// between characters. It keeps newlines and tabs, makes \r\n and the Unicode
// line separators a newline, and drops every other control character, what
// turns the direction of text, and what has no width: those hide text from a
// reader (or, as terminal sequences, act), and a model reads it all the same.
//
// removed is the number of bytes of b that are not in the text: dropped, cut,
// or replaced by U+FFFD because they were not UTF-8. Cleaning cleaned text
// gives the same text and 0.
func Clean(b []byte, max int) (text string, removed int) {
	if plain(b, max) {
		return string(b), 0
	}
	return clean(b, max, false)
}

// CleanLine is Clean for what must stay on one line, such as a name: newlines
// and tabs become spaces. It keeps at most MaxLine bytes.
func CleanLine(b []byte, max int) (text string, removed int) {
	if len(b) <= max && len(b) <= MaxLine && printable(b) {
		return string(b), 0
	}
	return clean(b, max, true)
}

// plain reports whether cleaning would not change b: the fast path, which
// nearly all messages take.
func plain(b []byte, max int) bool {
	if len(b) > max {
		return false
	}
	line := 0
	for i, c := range b {
		if c == '\n' {
			line = i + 1
			continue
		}
		if (c < ' ' && c != '\t') || c >= 0x7f || i-line >= MaxLine {
			return false
		}
	}
	return true
}

// printable reports whether b is printable ASCII only.
func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

func clean(b []byte, max int, oneLine bool) (string, int) {
	var out strings.Builder
	if max > 0 {
		out.Grow(min(len(b), max))
	}
	removed, line := 0, 0 // line: bytes of the current line so far
	for i := 0; i < len(b); {
		r, size := rune(b[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(b[i:])
		}
		i += size
		switch {
		case r == '\r' && i < len(b) && b[i] == '\n':
			continue // half of a line's end, nothing is lost
		case r == '\n' || r == '\u2028' || r == '\u2029':
			r = '\n'
			if oneLine {
				r = ' '
			}
		case r == '\t':
			if oneLine {
				r = ' '
			}
		case hidden(r):
			removed += size
			continue
		}
		n := utf8.RuneLen(r)
		if out.Len()+n > max {
			// Text that went in whole up to here is cut for good, so
			// that a shorter character can't slip in behind the cut.
			return out.String(), removed + size + len(b) - i
		}
		switch {
		case r == '\n':
			line = 0
		case line+n > MaxLine:
			removed += size
			line = MaxLine // the rest of the line goes too
			continue
		default:
			line += n
		}
		if r == utf8.RuneError && size == 1 {
			removed++
		}
		out.WriteRune(r)
	}
	return out.String(), removed
}

// hidden reports whether r is a control character or one that a reader can't
// see: bidi controls (CVE-2021-42574), zero-width characters, and the tags and
// variation selectors that carry whole hidden sentences to a model.
func hidden(r rune) bool {
	switch {
	case r < ' ' || (r >= 0x7f && r < 0xa0):
		return true
	case r < 0x61c:
		return false
	case r == 0x61c, r == 0xfeff,
		r >= 0x200b && r <= 0x200f,
		r >= 0x202a && r <= 0x202e,
		r >= 0x2060 && r <= 0x2069,
		r >= 0xfff9 && r <= 0xfffb,
		r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return false
}
