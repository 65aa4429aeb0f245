package main

import "unicode"

// columns says how many columns of a terminal a text takes. It knows letters
// that take none (combining marks) and two (East Asian ones, emoji), which is
// enough to wrap and to align; a terminal may differ over rare ones.
func columns(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case r < 0x300: // Latin, the frequent case
			n++
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

// wide reports whether a letter takes two columns (Unicode Standard Annex 11,
// the classes W and F, by block).
func wide(r rune) bool {
	switch {
	case r < 0x1100:
		return false
	case r <= 0x115f, // Hangul Jamo
		r >= 0x2e80 && r <= 0x303e,   // CJK radicals, punctuation
		r >= 0x3041 && r <= 0xa4cf,   // Kana to Yi
		r >= 0xa960 && r <= 0xa97c,   // Hangul Jamo extended
		r >= 0xac00 && r <= 0xd7a3,   // Hangul
		r >= 0xf900 && r <= 0xfaff,   // CJK compatibility
		r >= 0xfe30 && r <= 0xfe6f,   // CJK forms
		r >= 0xff00 && r <= 0xff60,   // full-width forms
		r >= 0xffe0 && r <= 0xffe6,   // full-width signs
		r >= 0x1f300 && r <= 0x1f64f, // emoji
		r >= 0x1f680 && r <= 0x1f6ff,
		r >= 0x1f900 && r <= 0x1faff,
		r >= 0x20000 && r <= 0x3fffd: // CJK extensions
		return true
	}
	return false
}
