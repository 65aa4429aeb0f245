package redact

import (
	"slices"
	"strings"
	"sync"
)

// prefilter finds the places where a rule's literal stands. It reads a text
// once: each three bytes in a row are hashed to 16 bits and looked up in 8 KB
// of bits that stay in the first-level cache. Each literal is entered by the
// one trigram of it that source code has least, and by all its spellings
// where case does not matter. Only where a bit is set are literals compared.
type prefilter struct {
	bits    [1 << 16 / 64]uint64
	bucket  [1 << 16]uint16 // index in buckets; 0 where the bit is not set
	buckets [][]literal
}

// literal is one literal of a rule, and where its trigram stands in it.
type literal struct {
	text   string
	offset int
	rule   int
}

// sharedFilter is built once, on first use: the rules do not change.
var sharedFilter = sync.OnceValue(func() *prefilter {
	p := &prefilter{buckets: make([][]literal, 1)}
	for i := range rules {
		for _, text := range rules[i].literals {
			p.add(literal{text: text, offset: rarest(text), rule: i}, rules[i].fold)
		}
	}
	return p
})

// add enters a literal under its trigram, in all cases when fold is set.
func (p *prefilter) add(l literal, fold bool) {
	var seen [8]uint16
	for variant := range 8 {
		var t [3]byte
		for i := range t {
			t[i] = l.text[l.offset+i]
			if fold && variant>>i&1 == 1 && is(t[i], lower) {
				t[i] -= 'a' - 'A'
			}
		}
		h := trigram(t[0], t[1], t[2])
		seen[variant] = h
		if slices.Contains(seen[:variant], h) {
			continue
		}
		if p.bucket[h] == 0 {
			p.bucket[h] = uint16(len(p.buckets))
			p.buckets = append(p.buckets, nil)
			p.bits[h>>6] |= 1 << (h & 63)
		}
		b := &p.buckets[p.bucket[h]]
		*b = append(*b, l)
	}
}

// trigram hashes three bytes.
func trigram(a, b, c byte) uint16 {
	return uint16((uint32(a) | uint32(b)<<8 | uint32(c)<<16) * 0x9E3779B1 >> 16)
}

// rarest returns the offset of the trigram of text that looks least like
// English or code: few of the letters that both are full of.
func rarest(text string) int {
	best, bestWeight := 0, 1<<30
	for i := 0; i+3 <= len(text); i++ {
		weight := 0
		for _, c := range []byte(text[i : i+3]) {
			switch {
			case strings.IndexByte("etaoinsr -", c) >= 0:
				weight += 4
			case strings.IndexByte("lhdcupm_.", c) >= 0:
				weight += 3
			case is(c, lower):
				weight += 2
			default:
				weight++
			}
		}
		if weight < bestWeight {
			best, bestWeight = i, weight
		}
	}
	return best
}

// find appends to spans what the rules find in b, in no order. assignments
// says whether the keyword rule takes part. armour is true when b holds the
// literal of a private key or any PEM line, for which lines must be read in
// their order.
func (p *prefilter) find(b []byte, assignments bool, spans []span) (_ []span, armour bool) {
	for i := 0; i+2 < len(b); i++ {
		h := trigram(b[i], b[i+1], b[i+2])
		if p.bits[h>>6]>>(h&63)&1 == 0 {
			continue
		}
		for _, l := range p.buckets[p.bucket[h]] {
			at := i - l.offset
			end := at + len(l.text)
			if at < 0 || end > len(b) {
				continue
			}
			r := &rules[l.rule]
			if r.fold {
				if !equalFold(b[at:end], l.text) {
					continue
				}
			} else if string(b[at:end]) != l.text {
				continue
			}
			if r.armour {
				armour = true
			}
			if r.match == nil || r.assignment && !assignments {
				continue
			}
			// The inside of what this rule has just found needs no second look;
			// without this a text of one prefix repeated would take quadratic time.
			if n := len(spans); n > 0 && spans[n-1].rule == l.rule && at < spans[n-1].end {
				continue
			}
			if start, end := r.match(b, at, end); start < end {
				spans = append(spans, span{start: start, end: end, rule: l.rule})
			}
		}
	}
	return spans, armour
}

// equalFold reports whether b is text, which is in lower case, in any case.
func equalFold(b []byte, text string) bool {
	for i, c := range b {
		if is(c, upper) {
			c += 'a' - 'A'
		}
		if c != text[i] {
			return false
		}
	}
	return true
}
