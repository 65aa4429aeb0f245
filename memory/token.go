package memory

import (
	"unicode"
	"unicode/utf8"
)

// The bounds of a term. Longer words are hashes, keys and encoded data;
// longer numbers are times, sizes and offsets that no question repeats.
const (
	maxTerm   = 40 // bytes
	maxDigits = 6
	maxWord   = 128 // bytes of a word that is split at all
	maxParts  = 32
)

// Tokens splits prose or code into the terms under which it is indexed and
// asked for, in the order of the text, repetitions included. Documents and
// questions go through this same function.
//
// A word is a run of letters, digits and underscores. It splits at
// underscores, at changes of case (HTTPServer is http and server, parseIDs
// parse and id) and between letters and digits. With two or more parts the
// whole word is a term too, in lower case without underscores, before its
// parts: max_retries, maxRetries and MaxRetries give the same three terms.
// Terms are lower case and stemmed (see stem). Dropped are English stop words,
// terms of one character, terms of more than 40 bytes, and numbers of one or of
// more than 6 digits. Scripts that are written without spaces give each pair
// of neighbouring characters.
func Tokens(text string, yield func(term string)) {
	var t tokenizer
	t.each(text, func(term []byte, _ string) { yield(string(term)) })
}

// tokenizer holds the scratch space of the tokenizer. The zero value is ready.
type tokenizer struct {
	lower []byte        // the word in lower case, without underscores
	whole []byte        // copy of it, for stemming
	parts [maxParts]int // where parts start in lower
}

// each yields the terms of text, and the word each was found in. The bytes of
// a term are overwritten by the next one.
func (t *tokenizer) each(text string, yield func(term []byte, word string)) {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if !asciiWord[c] {
				i++
				continue
			}
		} else if r, size := utf8.DecodeRuneInString(text[i:]); unspaced(r) {
			i = t.pairs(text, i, yield)
			continue
		} else if !wordRune(r) {
			i += size
			continue
		}
		start, ascii := i, true
		for i < len(text) {
			if c := text[i]; c < utf8.RuneSelf {
				if !asciiWord[c] {
					break
				}
				i++
				continue
			}
			r, size := utf8.DecodeRuneInString(text[i:])
			if !wordRune(r) || unspaced(r) {
				break
			}
			ascii = false
			i += size
		}
		if i-start <= maxWord {
			t.word(text[start:i], ascii, yield)
		}
	}
}

// pairs yields the pairs of the run of unspaced characters at text[i], or the
// one character that it is, and returns where the run ends.
func (t *tokenizer) pairs(text string, i int, yield func([]byte, string)) int {
	start, previous := i, -1
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unspaced(r) || !wordRune(r) {
			break
		}
		if previous >= 0 {
			pair := text[previous : i+size]
			t.whole = append(t.whole[:0], pair...)
			yield(t.whole, pair)
		}
		previous = i
		i += size
	}
	switch {
	case i == start: // a mark of such a script that is no letter
		_, size := utf8.DecodeRuneInString(text[i:])
		return i + size
	case previous == start:
		t.whole = append(t.whole[:0], text[start:i]...)
		yield(t.whole, text[start:i])
	}
	return i
}

// word yields the terms of one word.
func (t *tokenizer) word(word string, ascii bool, yield func([]byte, string)) {
	n := t.split(word)
	if n > 1 {
		t.whole = append(t.whole[:0], t.lower...)
		if ok := termSize(t.whole); ok {
			yield(stem(t.whole), word)
		}
		if n > 5 && len(t.lower)*2 < n*5 {
			return // a hash or a key: its shreds say nothing
		}
	}
	for k := range n {
		end := len(t.lower)
		if k+1 < n {
			end = t.parts[k+1]
		}
		p := t.lower[t.parts[k]:end:end]
		if !termSize(p) || (ascii && stopWord(p)) {
			continue
		}
		yield(stem(p), word)
	}
}

// termSize reports whether a term has the size of one.
func termSize(p []byte) bool {
	if len(p) < 2 || len(p) > maxTerm {
		return false
	}
	if p[0] >= utf8.RuneSelf {
		_, size := utf8.DecodeRune(p)
		return size < len(p)
	}
	if len(p) > maxDigits {
		for _, c := range p {
			if c < '0' || c > '9' {
				return true
			}
		}
		return false
	}
	return true
}

// The kinds of character that a word splits between.
const (
	kindNone = iota
	kindLower
	kindUpper
	kindDigit
)

// split puts the word into t.lower and the starts of its parts into t.parts,
// and returns how many parts there are.
func (t *tokenizer) split(word string) int {
	t.lower = t.lower[:0]
	n := 0
	kind, last, capitals := kindNone, 0, 0 // last: where the last character starts in lower
	for i := 0; i < len(word); {
		r, size := rune(word[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(word[i:])
		}
		i += size
		if r == '_' {
			kind, capitals = kindNone, 0
			continue
		}
		k := kindOf(r)
		at := len(t.lower)
		boundary := -1
		switch {
		case k == kind:
		case kind == kindNone, k == kindDigit, kind == kindDigit, k == kindUpper:
			boundary = at
		case capitals > 1 && !(r == 's' && pluralEnd(word[i:])):
			boundary = last // HTTPServer: the last capital begins the new part
		}
		if boundary >= 0 && n < maxParts && (n == 0 || boundary > t.parts[n-1]) {
			t.parts[n] = boundary
			n++
		}
		if k == kindUpper {
			capitals++
		} else {
			capitals = 0
		}
		kind, last = k, at
		if r < utf8.RuneSelf {
			if k == kindUpper {
				r += 'a' - 'A'
			}
			t.lower = append(t.lower, byte(r))
		} else {
			t.lower = utf8.AppendRune(t.lower, unicode.ToLower(r))
		}
	}
	return n
}

// pluralEnd reports whether the s before rest ends an abbreviation's plural,
// as in IDs and URLsByHost.
func pluralEnd(rest string) bool {
	return rest == "" || rest[0] < 'a' || rest[0] > 'z'
}

func kindOf(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		return int(asciiKind[r])
	case unicode.IsUpper(r):
		return kindUpper
	case unicode.IsDigit(r):
		return kindDigit
	}
	return kindLower
}

// asciiKind is the kind of each ASCII character.
var asciiKind = func() (kinds [utf8.RuneSelf]uint8) {
	for c := range kinds {
		switch {
		case c >= 'a' && c <= 'z':
			kinds[c] = kindLower
		case c >= 'A' && c <= 'Z':
			kinds[c] = kindUpper
		case c >= '0' && c <= '9':
			kinds[c] = kindDigit
		}
	}
	return kinds
}()

// asciiWord says which ASCII characters stand in words.
var asciiWord = func() (set [utf8.RuneSelf]bool) {
	for c := range set {
		b := byte(c)
		set[c] = b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
	}
	return set
}()

// wordRune reports whether a character beyond ASCII stands in words.
func wordRune(r rune) bool {
	if r == utf8.RuneError {
		return false
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// unspaced reports whether r belongs to a script that is written without
// spaces, or (Hangul) with endings that pairs cope with better than words.
func unspaced(r rune) bool {
	switch {
	case r < 0x0e00:
		return false
	case r <= 0x0eff, // Thai, Lao
		r >= 0x1000 && r <= 0x11ff, // Myanmar, Hangul Jamo
		r >= 0x1780 && r <= 0x17ff, // Khmer
		r >= 0x2e80 && r <= 0x2fdf, // radicals
		r >= 0x3005 && r <= 0x9fff, // Kana, Bopomofo, Han
		r >= 0xac00 && r <= 0xd7ff, // Hangul
		r >= 0xf900 && r <= 0xfaff, // Han
		r >= 0xff66 && r <= 0xffdc, // half-width Kana, Hangul
		r >= 0x1b000 && r <= 0x1b16f,
		r >= 0x20000 && r <= 0x3ffff:
		return r < 0x10a0 || r > 0x10ff // Georgian has spaces
	}
	return false
}
