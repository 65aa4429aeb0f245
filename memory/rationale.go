package memory

import "strings"

// MaxReason bounds a reason in bytes, as a note's text is bounded.
const MaxReason = 600

// ReasonSentences gives the sentences of a commit's body that state a reason,
// in their order, each on one line and at most MaxReason bytes. The values of
// Decision: and Constraint: trailers count; other trailers, quoted code,
// diffs, logs and lists of files don't, nor does a paragraph that addresses an
// assistant. It is nil when there are none.
func ReasonSentences(body string) []string {
	var found []string
	eachReason(body, func(s string, _ strength) { found = append(found, s) })
	return found
}

// BestReason gives the one sentence to show for a commit: a Decision: or
// Constraint: trailer, else the first sentence of the body that says why, else
// the first that says what must be, else what a revert says beside that it is
// one, else the subject if that has a because. It is "" when no reason is
// recorded; memd invents none.
func BestReason(subject, body string) string {
	best, kind := "", noReason
	eachReason(body, func(s string, k strength) {
		// Squashed bodies repeat the subject, which is shown anyway.
		if k > kind && (len(s) < minWords*4 || !strings.Contains(subject, strings.TrimSuffix(s, "."))) {
			best, kind = s, k
		}
	})
	if best != "" {
		return best
	}
	if s := revertReason(subject, body); s != "" {
		return s
	}
	for _, why := range []string{" because ", " so that ", " otherwise ", " since "} {
		if strings.Contains(subject, why) {
			var w wordScan
			w.read(subject)
			if w.match(reasonTable) == causal && w.prose(subject) && w.match(assistantTable) == noReason {
				return boundReason(subject)
			}
		}
	}
	return ""
}

// revertReason gives the first two sentences that the body of a revert has of
// its own: whoever takes something back and says more than that says why.
func revertReason(subject, body string) string {
	if !strings.Contains(body, "This reverts commit ") && !strings.HasPrefix(subject, `Revert "`) {
		return ""
	}
	var w wordScan
	reason, count := "", 0
	text := StripTrailers(body)
	proseBlocks(text[:trailerStart(text)], func(block string) {
		w.read(block)
		if count > 0 || w.match(assistantTable) != noReason {
			return
		}
		sentences(block, func(from, to int) {
			s := block[from:to]
			w.read(s)
			if count < 2 && !strings.HasPrefix(s, "This reverts commit ") && w.prose(s) {
				reason = strings.TrimSpace(reason + " " + s)
				count++
			}
		})
	})
	return boundReason(reason)
}

// stated is stronger than any sentence: the author named it a reason.
const stated = causal + 1

// eachReason yields the reasons of a body and how strong they are.
func eachReason(body string, yield func(s string, k strength)) {
	if len(body) < minWords*2 {
		return
	}
	var w wordScan
	text := StripTrailers(body)
	start := trailerStart(text) // of the trailers that StripTrailers left
	proseBlocks(text[:start], func(block string) {
		w.read(block)
		if w.match(reasonTable) == noReason || w.match(assistantTable) != noReason {
			return
		}
		sentences(block, func(from, to int) {
			s := block[from:to]
			w.read(s)
			if k := w.match(reasonTable); k != noReason && w.prose(s) {
				if s[len(s)-1] == ':' {
					k = ruling // what it announces is not in it
				}
				yield(boundReason(s), k)
			}
		})
	})
	for _, t := range parseTrailers(text[start:]) {
		w.read(t.Value)
		if reasonTrailer(t.Key) && t.Value != "" && w.match(assistantTable) == noReason {
			yield(boundReason(t.Value), stated)
		}
	}
}

// CommentReason finds the sentence in a comment that says why the code is as
// it is. text has no comment markers; its lines may be wrapped. The sentence
// says why, or states what must be, or stands behind HACK, NOTE, SAFETY and
// the like. Licence headers, generated files' headers, code, bare TODOs, tags
// of documentation, and text that addresses an assistant are no reasons.
func CommentReason(text string) (string, bool) {
	var w wordScan
	text = strings.Join(strings.Fields(text), " ")
	from, to, ok := w.comment(text)
	if !ok {
		return "", false
	}
	return boundReason(text[from:to]), true
}

// comment gives the bounds of the reason in a comment whose lines are joined.
func (w *wordScan) comment(text string) (from, to int, ok bool) {
	if len(text) < minWords*2 || text[0] == '@' {
		return 0, 0, false
	}
	marker, rest := cutMarker(text)
	w.read(text)
	kind := w.match(reasonTable)
	counts, marked := commentMarkers[marker]
	if (kind == noReason && !counts) || w.match(notReasonTable) != noReason || w.match(assistantTable) != noReason {
		return 0, 0, false
	}
	best := noReason
	if counts {
		best = ruling // the marked sentence, unless a later one says why
	}
	sentences(text, func(a, b int) {
		s := text[a:b]
		w.read(s)
		first := marked && a == 0
		if first && counts && rest < b && len(strings.Fields(text[rest:b])) >= minWords && codeless(s) {
			from, to, ok = a, b, true
		}
		k := w.match(reasonTable)
		if marked && !counts && k < causal {
			return // a TODO that promises, without a reason
		}
		if k > best && w.prose(s) && codeless(s) {
			best = k
			if ok && from == 0 && a > 0 && counts && b <= MaxReason {
				a = 0 // keep the marked sentence before it
			}
			from, to, ok = a, b, true
		}
	})
	return from, to, ok
}

// cutMarker gives the marker that a comment begins with, "" without one, and
// the offset of what follows it.
func cutMarker(text string) (marker string, rest int) {
	n := 0
	for n < len(text) && (text[n] >= 'A' && text[n] <= 'Z' || text[n] == '.' && n > 0) {
		n++
	}
	word := strings.TrimRight(text[:n], ".")
	if text[:n] == "N.B." {
		word = text[:n]
	}
	if n == 1 { // Note:, Safety:, Warning: as sentences have them
		if colon := strings.IndexByte(text, ':'); colon > 1 && colon < 12 {
			n, word = colon, strings.ToUpper(text[:colon])
		}
	}
	if _, ok := commentMarkers[word]; !ok {
		return "", 0
	}
	if n < len(text) && text[n] == '(' { // TODO(name)
		if end := strings.IndexByte(text[n:], ')'); end > 0 {
			n += end + 1
		}
	}
	for n < len(text) && (text[n] == ':' || text[n] == ' ' || text[n] == '-' || text[n] == '!') {
		n++
	}
	return word, n
}

// codeless reports whether a sentence of a comment is not commented-out code.
func codeless(s string) bool {
	switch s[len(s)-1] {
	case '{', '}', ';', '\\', '=':
		return false
	case ')':
		// A call with a string in it, or assigned: prose has a space there.
		if strings.Contains(s, "(\"") || strings.Contains(s, "('") || strings.Contains(s, " = ") {
			return false
		}
	}
	for _, op := range []string{" := ", " == nil", " != nil", "();", ") {", " && ", " || ", "</", "->", " += "} {
		if strings.Contains(s, op) {
			return len(s) > 80 && strings.IndexByte(s, ';') < 0 // prose may quote some
		}
	}
	return true
}
