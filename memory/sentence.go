package memory

import (
	"strings"
	"unicode/utf8"
)

// sentences yields the bounds of the sentences of one paragraph. A sentence
// ends at . ! ? behind which, after closing quotes, a space and then no
// lower-case letter stand, and at the end.
func sentences(paragraph string, yield func(start, end int)) {
	start := 0
	for i := 0; i < len(paragraph); i++ {
		switch paragraph[i] {
		case '.', '!', '?':
		default:
			continue
		}
		end := i + 1
		for end < len(paragraph) && strings.IndexByte(")\"'`]*", paragraph[end]) >= 0 {
			end++
		}
		next := end
		for next < len(paragraph) && (paragraph[next] == ' ' || paragraph[next] == '\n' || paragraph[next] == '\t') {
			next++
		}
		if next == end || next == len(paragraph) || lowerLetter(paragraph[next]) || abbreviation(paragraph[start:i]) {
			continue
		}
		yield(start, end)
		start, i = next, next-1
	}
	if end := len(strings.TrimRight(paragraph, " \t\n")); start < end {
		yield(start, end)
	}
}

// abbreviation reports whether s, which stands before a full stop, ends in a
// word that is written with one.
func abbreviation(s string) bool {
	word := s[strings.LastIndexAny(s, " \t\n(")+1:]
	if len(word) == 1 {
		return word[0] >= 'A' && word[0] <= 'Z' && word != "I"
	}
	switch strings.ToLower(word) {
	case "e.g", "eg", "i.e", "ie", "cf", "vs", "resp", "approx", "mr", "mrs", "dr", "fig", "no", "sec", "ch", "incl":
		return word != "no" && word != "ch"
	}
	return false
}

// wordScan is the words of one sentence, in lower case. Its space is reused.
type wordScan struct {
	low   []byte
	words []wordSpan
	plain int // words of letters only
}

// wordSpan is a word of wordScan.low; an empty one stands for code or the end of
// a clause, which match no phrase and part the words around them.
type wordSpan struct{ start, end int }

// read takes a sentence apart. Names, calls, options and single quoted words
// are code: a variable named "never" forbids nothing.
func (w *wordScan) read(s string) {
	w.low, w.words, w.plain = w.low[:0], w.words[:0], 0
	for i := 0; i < len(s); {
		if !wordByte(s[i]) {
			switch s[i] {
			case '.', '!', '?', ',', ';', ':', '(', ')':
				w.words = append(w.words, wordSpan{}) // a clause ends
			}
			i++
			continue
		}
		start, at := i, len(w.low)
		letters, code := true, false
		for i < len(s) {
			c := s[i]
			switch {
			case c >= 'a' && c <= 'z':
			case c >= 'A' && c <= 'Z':
				if i > start && lowerLetter(s[i-1]) {
					code = true
				}
				c += 'a' - 'A'
			case digit(c), c == '_':
				letters = false
			case c == '\'' && i+1 < len(s) && i > start && wordByte(s[i+1]):
			case strings.HasPrefix(s[i:], "\u2019") && i > start && i+3 < len(s) && wordByte(s[i+3]):
				c = '\''
				i += 2
			default:
				goto end
			}
			w.low = append(w.low, c)
			i++
		}
	end:
		if code || codeAround(s, start, i) {
			w.words = append(w.words, wordSpan{})
			continue
		}
		if letters {
			w.plain++
		}
		w.words = append(w.words, wordSpan{at, len(w.low)})
	}
}

// codeAround reports whether what stands next to s[start:end] makes it code.
func codeAround(s string, start, end int) bool {
	var before, after byte = ' ', ' '
	if start > 0 {
		before = s[start-1]
	}
	if end < len(s) {
		after = s[end]
	}
	switch before {
	case '.', '$', '@', '=', '\\', '<', '%', '&', '#':
		return true
	case '-':
		if start < 2 || !wordByte(s[start-2]) {
			return true // an option
		}
	case '`', '"', '\'':
		if after == before {
			return true
		}
	}
	switch after {
	case '(', '=', '[', '{', '\\':
		return true
	case '.', ':':
		return end+1 < len(s) && (wordByte(s[end+1]) || s[end+1] == ':')
	}
	return false
}

func (w *wordScan) word(i int) []byte { return w.low[w.words[i].start:w.words[i].end] }

// match gives the strongest kind of phrase of the table in the sentence.
func (w *wordScan) match(table phraseTable) strength {
	best := noReason
	for i := range w.words {
		for k := range table[string(w.word(i))] {
			row := &table[string(w.word(i))][k]
			if row.kind > best && w.matchRow(row, i) {
				best = row.kind
				if best == causal {
					return best
				}
			}
		}
	}
	return best
}

func (w *wordScan) matchRow(row *phraseRow, i int) bool {
	if i+len(row.rest) >= len(w.words) {
		return false
	}
	for k, want := range row.rest {
		if string(w.word(i+1+k)) != want {
			return false
		}
	}
	if row.inside && i == 0 {
		return false
	}
	if row.start && i > 0 && len(w.word(i-1)) > 0 {
		if _, ok := clauseWords[string(w.word(i-1))]; !ok {
			return false
		}
	}
	if len(row.after) > 0 && i > 0 {
		if _, ok := row.after[string(w.word(i-1))]; ok {
			return false
		}
	}
	if next := i + 1 + len(row.rest); len(row.not) > 0 {
		if next == len(w.words) {
			return false // since what?
		}
		word := w.word(next)
		if _, ok := row.not[string(word)]; ok || len(word) > 0 && digit(word[0]) {
			return false
		}
	}
	return true
}

// minWords is the number of plain words below which a sentence is a label.
const minWords = 4

// prose reports whether the sentence that w has read is one, and not code, a
// table or a log: enough words, and few of the characters of code.
func (w *wordScan) prose(s string) bool {
	if w.plain < minWords {
		return false
	}
	odd := 0
	for i := range len(s) {
		switch s[i] {
		case '{', '}', '[', ']', '<', '>', '=', ';', '|', '&', '$', '\\', '+', '*', '~', '^', '%', '#', '@', '_':
			odd++
		}
	}
	if odd*12 > len(s) {
		return false
	}
	switch s[len(s)-1] {
	case '{', '}', ';':
		return false
	}
	return true
}

// boundReason cuts a sentence at MaxReason bytes, between words.
func boundReason(s string) string {
	if len(s) <= MaxReason {
		return s
	}
	cut := MaxReason - len("…")
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	if space := strings.LastIndexByte(s[:cut], ' '); space > cut/2 {
		cut = space
	}
	return s[:cut] + "…"
}
