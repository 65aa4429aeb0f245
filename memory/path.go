package memory

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// DisplayPath gives the text that stands for a raw path on screens and in
// JSON: valid UTF-8 on one line, at most MaxLine bytes. What Clean would drop
// is shown as U+FFFD here, so that a strange name looks strange. It is not
// the path's identity: two paths may look the same.
func DisplayPath(raw []byte) string {
	if len(raw) <= MaxLine && printable(raw) {
		return string(raw)
	}
	var out strings.Builder
	out.Grow(min(len(raw)+8, MaxLine))
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		i += size
		if hidden(r) || r == '\u2028' || r == '\u2029' {
			r = utf8.RuneError
		}
		if out.Len()+utf8.RuneLen(r) > MaxLine {
			break
		}
		out.WriteRune(r)
	}
	return out.String()
}

// PathPair gives a path's display text, and its raw bytes in standard base64
// where the display text is not them, else "".
func PathPair(raw []byte) (display, b64 string) {
	display = DisplayPath(raw)
	if display != string(raw) {
		b64 = base64.StdEncoding.EncodeToString(raw)
	}
	return display, b64
}

// FoldPath gives the key under which a path that somebody typed is looked up:
// lower case, forward slashes, no "./" in front, no doubled or trailing slash.
// It is for finding candidates only and never names a file. Composed and
// decomposed accents stay apart: the standard library can't fold them.
func FoldPath(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.ReplaceAll(s, `\`, "/")
	for strings.Contains(s, "//") {
		s = strings.ReplaceAll(s, "//", "/")
	}
	for strings.HasPrefix(s, "./") {
		s = s[2:]
	}
	return strings.Trim(s, "/")
}
