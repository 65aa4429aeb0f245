package gitwatch

import (
	"strings"
	"unicode/utf8"
)

// defineMarkdown reads ATX headings: up to three blanks, one to six '#', a
// blank, the text, and perhaps '#' again.
func defineMarkdown(line []byte) (definition, bool) {
	b := line
	for i := 0; i < 3 && first(b) == ' '; i++ {
		b = b[1:]
	}
	level := headingLevel(b)
	if level == 0 {
		return definition{}, false
	}
	b = trimEnd(skipSpace(b[level:]))
	for last(b) == '#' {
		b = b[:len(b)-1]
	}
	b = trimEnd(b)
	if len(b) > maxHeadingBytes {
		n := maxHeadingBytes
		for n > 0 && !utf8.RuneStart(b[n]) {
			n--
		}
		b = trimEnd(b[:n])
	}
	return definition{name: b, container: true}, len(b) > 0
}

// headingLevel counts the '#' before a heading's text, 0 where b is none.
func headingLevel(b []byte) int {
	n := 0
	for n < len(b) && b[n] == '#' {
		n++
	}
	if n == 0 || n > 6 || n == len(b) || b[n] != ' ' && b[n] != '\t' {
		return 0
	}
	return n
}

// headingText is a heading as a symbol: valid UTF-8, control characters out.
// The function line may have been cut inside a character.
func headingText(b []byte) string {
	clean := func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError {
			return ' '
		}
		return r
	}
	for len(b) > 0 {
		if r, n := utf8.DecodeLastRune(b); r != utf8.RuneError || n != 1 {
			break
		}
		b = b[:len(b)-1]
	}
	return strings.TrimSpace(strings.Map(clean, string(b)))
}

// codeFence reports whether a line opens or closes a fenced code block.
func codeFence(line []byte) bool {
	b := skipSpace(line)
	return len(b) >= 3 && (b[0] == '`' || b[0] == '~') && b[1] == b[0] && b[2] == b[0]
}
