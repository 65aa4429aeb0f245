package redact

import (
	"bytes"
	"slices"
)

// markOpen begins every mark.
const markOpen = "<secret:"

// span is a secret in a text: b[start:end], found by rules[rule].
type span struct {
	start, end int
	rule       int
}

// settle sorts spans, joins those that overlap and drops those that touch a
// mark: a mark holds no secret, and replacing a part of one would never end.
// Of joined spans the rule that stands first in the table, the more
// particular one, names the kind.
func settle(b []byte, spans []span) []span {
	slices.SortFunc(spans, func(x, y span) int {
		if x.start != y.start {
			return x.start - y.start
		}
		return x.end - y.end
	})
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.start < out[n-1].end {
			out[n-1].end = max(out[n-1].end, s.end)
			out[n-1].rule = min(out[n-1].rule, s.rule)
			continue
		}
		out = append(out, s)
	}
	marks := findMarks(b)
	if len(marks) == 0 {
		return out
	}
	return slices.DeleteFunc(out, func(s span) bool {
		for len(marks) > 0 && marks[0].end <= s.start {
			marks = marks[1:]
		}
		return len(marks) > 0 && marks[0].start < s.end
	})
}

// findMarks returns the marks in b in order. Only a mark of a known kind
// counts: a kind made up by the text could itself be the secret.
func findMarks(b []byte) []span {
	var marks []span
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte(markOpen))
		if i < 0 {
			return marks
		}
		start := at + i
		at = start + len(markOpen)
		k := at
		for k < len(b) && k-at < 32 && (is(b[k], lower|digit) || b[k] == '-') {
			k++
		}
		if k+6 > len(b) || b[k] != '#' || b[k+5] != '>' || run(b[:k+5], k+1, lowerHex) != k+5 {
			continue
		}
		kind := b[at:k]
		if !slices.ContainsFunc(rules, func(r rule) bool { return r.kind == string(kind) }) {
			continue
		}
		marks = append(marks, span{start: start, end: k + 6})
		at = k + 6
	}
}
