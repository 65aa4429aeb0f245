package memory

// stem shortens a lower-case word in place to the form under which it is
// indexed, and returns the shortened slice.
//
// It is the first and the last step of Porter's algorithm (1980) and little
// between: plurals, -ing, -ed, -ly and a final e. That joins what a question
// and a commit say differently (retry, retries, retried, retrying; cache,
// caching), and was worth .02 of R@5 in change recall. The middle steps
// (-ation, -iveness) join words that mean different things in code: a
// "generator" is not "general". What differs from Porter: f, l, s and z are
// never undoubled after -ed and -ing (diff, call); -is and -ias are no plurals
// (redis, alias); a final e also goes after a bare vowel group (queue, queued).
func stem(w []byte) []byte {
	if len(w) < 3 || !lowerLetter(w[len(w)-1]) {
		return w
	}
	if s, ok := irregular[string(w)]; ok {
		return append(w[:0], s...)
	}
	w = stemPlural(w)
	if string(w) == "embed" { // not the past of "to emb"
		return w
	}
	w = stemVerb(w)
	w = stemAdverb(w)
	return stemEnd(w)
}

// irregular holds the words of code that the rules would get wrong.
var irregular = map[string]string{
	"ids": "id", "apis": "api", "uris": "uri", "cpus": "cpu", "gpus": "gpu",
	"menus": "menu", "emojis": "emoji", "wikis": "wiki", "https": "https",
	"indices": "index", "vertices": "vertex", "matrices": "matrix",
}

func stemPlural(w []byte) []byte {
	n := len(w)
	if n < 4 || w[n-1] != 's' {
		return w
	}
	switch w[n-2] {
	case 's', 'u':
		return w // process, status
	case 'i':
		return w // redis, axis
	case 'a':
		if w[n-3] == 'i' {
			return w // alias
		}
	case 'e':
		if w[n-3] == 'i' && n > 4 {
			return w[:n-2] // queries → queri, as query becomes below
		}
	}
	return w[:n-1] // stemEnd takes the e of matches and boxes
}

func stemVerb(w []byte) []byte {
	n := len(w)
	cut := 0
	switch {
	case n > 4 && string(w[n-3:]) == "ied":
		return w[:n-2]
	case n > 3 && string(w[n-2:]) == "ed" && w[n-3] != 'e':
		cut = n - 2
	case n > 4 && string(w[n-3:]) == "ing":
		cut = n - 3
	default:
		return w
	}
	s := w[:cut]
	if len(s) < 2 || !hasVowel(s) {
		return w // string, red
	}
	last := s[len(s)-1]
	if len(s) > 3 && last == s[len(s)-2] && !isVowel(s, len(s)-1) {
		switch last {
		case 'f', 'l', 's', 'z':
		default:
			return s[:len(s)-1] // running → run; but adding → add
		}
		return s
	}
	if shortSyllable(s) {
		return append(s, 'e') // storing → store
	}
	return s
}

func stemAdverb(w []byte) []byte {
	n := len(w)
	if n < 6 || w[n-1] != 'y' || w[n-2] != 'l' {
		return w
	}
	switch {
	case n > 7 && string(w[n-6:]) == "ically":
		return w[:n-4]
	case w[n-3] == 'b':
		return w[:n-1] // possibly → possibl, as possible becomes below
	}
	return w[:n-2]
}

func stemEnd(w []byte) []byte {
	n := len(w)
	switch w[n-1] {
	case 'e':
		s := w[:n-1]
		if len(s) < 2 || !hasVowel(s) || shortSyllable(s) || len(s) == 2 && measure(s) == 0 {
			return w // the, rune
		}
		w = s
	case 'y':
		if n > 2 && !isVowel(w, n-2) {
			w[n-1] = 'i'
		}
	}
	n = len(w)
	if n > 3 && w[n-1] == 'l' && w[n-2] == 'l' && measure(w) > 1 {
		w = w[:n-1] // controlled → control
	}
	return w
}

// shortSyllable reports whether w is one syllable that ends consonant, vowel,
// consonant other than w, x, y. Such words keep their e: else "rune" would be
// "run", and "state" "stat".
func shortSyllable(w []byte) bool {
	n := len(w)
	if n < 3 || isVowel(w, n-1) || !isVowel(w, n-2) || isVowel(w, n-3) {
		return false
	}
	switch w[n-1] {
	case 'w', 'x', 'y':
		return false
	}
	return measure(w) == 1
}

// measure counts the vowel–consonant sequences of w, as Porter does.
func measure(w []byte) int {
	m := 0
	vowel := false
	for i := range w {
		v := isVowel(w, i)
		if vowel && !v {
			m++
		}
		vowel = v
	}
	return m
}

func hasVowel(w []byte) bool {
	for i := range w {
		if isVowel(w, i) {
			return true
		}
	}
	return false
}

// isVowel reports whether w[i] is a vowel; y is one behind a consonant.
func isVowel(w []byte, i int) bool {
	switch w[i] {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	case 'y':
		return i > 0 && !isVowel(w, i-1)
	}
	return false
}

func lowerLetter(c byte) bool { return c >= 'a' && c <= 'z' }

// stopWord reports whether a lower-case word says nothing about what a text
// is about: the closed classes of English, the halves of its contractions,
// and nothing that is a name in code (so "new", "get", "set" stay).
func stopWord(w []byte) bool {
	if len(w) > 10 {
		return false
	}
	_, ok := stopWords[string(w)]
	return ok
}

var stopWords = wordSet(`a about after again all also am an and any are aren as at
be because been before being both but by can cannot could couldn did didn do does
doesn doing don done each either else etc even ever every few for from further had
hadn has hasn have haven having he her here hers him his how however i if in into
is isn it its itself just let like ll may me might more most much must my myself
neither no nor not of off on once one only onto or other our ours out over own per
quite rather re really same shall she should shouldn since so some such than that
the their theirs them then there these they this those though through thus to too
under until up upon us ve very was wasn we were weren what when where whether which
while who whom whose why will with within would wouldn yet you your yours`)

func wordSet(words string) map[string]struct{} {
	set := make(map[string]struct{}, 256)
	start := -1
	for i := 0; i <= len(words); i++ {
		if i < len(words) && words[i] > ' ' {
			if start < 0 {
				start = i
			}
		} else if start >= 0 {
			set[words[start:i]] = struct{}{}
			start = -1
		}
	}
	return set
}
