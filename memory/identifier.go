package memory

import "unicode/utf8"

// The lengths of an identifier in bytes. Beyond the longer one stand encoded
// data and minified code.
const (
	minIdentifier = 2
	maxIdentifier = 64
)

// Identifiers yields the raw identifiers of a line of code, from the left,
// repetitions included: runs of letters, digits and underscores that begin
// with a letter or an underscore, of 2 to 64 bytes. Words of comments and
// strings are among them. Left out are runs that look like hexadecimal (12
// digits or more) and like base64. It allocates nothing; ident is part of line.
func Identifiers(line []byte, yield func(ident []byte)) {
	for i := 0; i < len(line); {
		c := line[i]
		if c < utf8.RuneSelf && !asciiWord[c] {
			i++
			continue
		}
		start, ascii := i, true
		for i < len(line) {
			if c := line[i]; c < utf8.RuneSelf {
				if !asciiWord[c] {
					break
				}
				i++
				continue
			}
			r, size := utf8.DecodeRune(line[i:])
			if !wordRune(r) {
				break
			}
			ascii = false
			i += size
		}
		if i == start { // a character of several bytes that is no letter
			_, size := utf8.DecodeRune(line[i:])
			i += size
			continue
		}
		if c >= '0' && c <= '9' {
			continue
		}
		word := line[start:i]
		switch {
		case !ascii:
			yieldPieces(word, yield)
		case len(word) < minIdentifier, len(word) > maxIdentifier, junk(word):
		default:
			yield(word)
		}
	}
}

// yieldPieces yields a run with letters beyond ASCII, in pieces where it is
// too long: prose in scripts without spaces, whose text would be lost.
func yieldPieces(word []byte, yield func([]byte)) {
	for len(word) > maxIdentifier {
		cut := maxIdentifier
		for !utf8.RuneStart(word[cut]) {
			cut--
		}
		yield(word[:cut])
		word = word[cut:]
	}
	if len(word) >= minIdentifier {
		yield(word)
	}
}

// junk reports whether an ASCII run is no identifier: underscores only, hex,
// or a mixture of cases and digits that splits into shreds.
func junk(word []byte) bool {
	if len(word) < 12 && word[0] != '_' {
		return false // the common case: it has a letter, and is too short for the rest
	}
	letters, hex, upper, lower, digits, changes := 0, 0, 0, 0, 0, 0
	kind := kindNone
	for _, c := range word {
		k := kindOf(rune(c))
		switch k {
		case kindLower:
			lower++
			if c <= 'f' {
				hex++
			}
		case kindUpper:
			upper++
			if c <= 'F' {
				hex++
			}
		case kindDigit:
			digits++
			hex++
		}
		// Upper to lower is one part, as in Server.
		if k != kind && !(kind == kindUpper && k == kindLower) {
			changes++
		}
		kind = k
	}
	letters = lower + upper
	switch {
	case letters == 0:
		return true
	case len(word) >= 12 && hex == len(word):
		return true
	case len(word) > 24 && upper > 0 && lower > 0 && digits > 0:
		return len(word) < 3*changes
	}
	return false
}
