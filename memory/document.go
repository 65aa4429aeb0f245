package memory

import (
	"math"
	"slices"
	"strings"
)

// MaxIdentifiers is how many distinct raw identifiers of one commit are
// indexed: the first ones, in the order in which they are handed over. The cut
// depends on that commit alone, so that an erase can subtract exactly.
const MaxIdentifiers = 400

// The builder remembers what it has split between commits, because histories
// repeat their words. Beyond these bounds it forgets and starts again: about
// 4 MB each.
const (
	maxKnownTerms = 40_000
	maxKnownWords = 30_000
)

// DocumentBuilder makes the Documents of many commits, one after the other.
// It keeps maps and strings from one commit to the next; use one per goroutine.
//
//	b.Reset()
//	b.Message(StripTrailers(text))
//	b.Identifier(ident) // for each one of the diff, in its order
//	b.Path(display)     // for each changed path
//	doc := b.Build()
type DocumentBuilder struct {
	tokens tokenizer

	terms map[string]int32 // term → its number
	known []knownTerm      // by number
	words map[string]int32 // raw identifier → its number
	split []knownWord      // by number

	commit  uint32  // marks what this commit has
	used    []int32 // numbers of this commit's terms
	raw     []int32 // numbers of this commit's identifiers
	lengths [Fields]int
	field   int
	base    []byte
}

// knownTerm is a term, and its counts in the commit that is marked.
type knownTerm struct {
	text   string
	commit uint32
	counts [Fields]int
}

// knownWord is a raw identifier, its terms, and how often the commit that is
// marked has it.
type knownWord struct {
	terms  []int32
	commit uint32
	count  int
}

// NewDocumentBuilder returns an empty builder, ready for the first commit.
func NewDocumentBuilder() *DocumentBuilder {
	b := &DocumentBuilder{}
	b.forget()
	return b
}

func (b *DocumentBuilder) forget() {
	b.terms = make(map[string]int32)
	b.words = make(map[string]int32)
	b.known, b.split = nil, nil
	b.commit = 0
	b.Reset()
}

// Reset begins the next commit.
func (b *DocumentBuilder) Reset() {
	if len(b.known) > maxKnownTerms || len(b.split) > maxKnownWords || b.commit == math.MaxUint32 {
		b.forget()
		return
	}
	b.commit++
	b.used, b.raw = b.used[:0], b.raw[:0]
	b.lengths = [Fields]int{}
}

// Message adds the words of the commit's message. The caller has taken out
// the trailers (StripTrailers).
func (b *DocumentBuilder) Message(text string) {
	b.field = FieldMessage
	b.tokens.each(text, b.add)
}

// Identifier adds one occurrence of a raw identifier of the diff, as
// Identifiers gives it. It keeps nothing of ident. After MaxIdentifiers
// distinct ones it only counts those it has.
func (b *DocumentBuilder) Identifier(ident []byte) {
	n, ok := b.words[string(ident)]
	if ok && b.split[n].commit == b.commit {
		b.split[n].count++
		return
	}
	if len(b.raw) >= MaxIdentifiers {
		return
	}
	if !ok {
		n = int32(len(b.split))
		name := string(ident)
		var terms []int32
		b.tokens.each(name, func(term []byte, _ string) { terms = append(terms, b.number(term)) })
		b.split = append(b.split, knownWord{terms: terms})
		b.words[name] = n
	}
	w := &b.split[n]
	w.commit, w.count = b.commit, 1
	b.raw = append(b.raw, n)
}

// Path adds the words of a changed path's display text: its folders, its name
// and its extension, and the name without extension as one compound where it
// is made of several words, so that user-service.ts answers to userService.
func (b *DocumentBuilder) Path(display string) {
	b.field = FieldPath
	b.tokens.each(display, b.add)

	name := display[strings.LastIndexByte(display, '/')+1:]
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		name = name[:dot]
	}
	if !strings.ContainsAny(name, "-. ") {
		return // then the tokenizer has made the compound, if there is one
	}
	b.base = b.base[:0]
	for i := range len(name) {
		switch c := name[i]; {
		case c == '-', c == '.', c == ' ', c == '_':
		case c >= 'A' && c <= 'Z':
			b.base = append(b.base, c+'a'-'A')
		default:
			b.base = append(b.base, c)
		}
	}
	if !termSize(b.base) {
		return
	}
	b.tokens.whole = append(b.tokens.whole[:0], b.base...)
	b.add(stem(b.tokens.whole), "")
}

// number gives the number of a term.
func (b *DocumentBuilder) number(term []byte) int32 {
	n, ok := b.terms[string(term)]
	if !ok {
		n = int32(len(b.known))
		text := string(term)
		b.known = append(b.known, knownTerm{text: text})
		b.terms[text] = n
	}
	return n
}

// add counts one token of the field at hand.
func (b *DocumentBuilder) add(term []byte, _ string) {
	b.count(b.number(term), b.field, 1)
	b.lengths[b.field]++
}

func (b *DocumentBuilder) count(n int32, field, by int) {
	t := &b.known[n]
	if t.commit != b.commit {
		t.commit, t.counts = b.commit, [Fields]int{}
		b.used = append(b.used, n)
	}
	t.counts[field] += by
}

// Build gives the document of what was added since Reset: terms sorted by
// Text, bytewise, counts capped at 65,535, Lengths uncapped. Its slice is the
// caller's; Terms is nil when there are none. Reset comes next.
func (b *DocumentBuilder) Build() Document {
	for _, n := range b.raw {
		w := &b.split[n]
		for _, term := range w.terms {
			b.count(term, FieldDiff, w.count)
		}
		b.lengths[FieldDiff] += w.count * len(w.terms)
	}
	b.raw = b.raw[:0]

	doc := Document{Lengths: b.lengths}
	if len(b.used) == 0 {
		return doc
	}
	slices.SortFunc(b.used, func(x, y int32) int { return strings.Compare(b.known[x].text, b.known[y].text) })
	doc.Terms = make([]Term, len(b.used))
	for i, n := range b.used {
		t := &b.known[n]
		doc.Terms[i].Text = t.text
		for f, c := range t.counts {
			doc.Terms[i].Counts[f] = uint16(min(c, math.MaxUint16))
		}
	}
	return doc
}
