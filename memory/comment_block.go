package memory

import "unicode/utf8"

// CommentBlock joins the comments on neighbouring lines, so that a sentence
// that goes over several of them is found. The zero value is ready; it keeps
// its space from one block to the next. Not for concurrent use.
//
//	for n, line := range added {
//		block.AddLine(lang, line, first+n)
//	}
//	for reason, line, ok := block.Flush(); ok; reason, line, ok = block.Flush() { … }
type CommentBlock struct {
	text   []byte     // paragraphs end with \n, their lines are joined by spaces
	starts []lineMark // where in text lines start
	last   int        // the line that was added last, 0 at the start
	open   bool       // AddLine stands inside a block comment
	read   int        // what Flush has read of text
	flush  bool       // Flush was called since the last Add

	words wordScan
}

type lineMark struct{ at, line int }

// maxBlock bounds a block in bytes: what comes behind is not read.
const maxBlock = 64 << 10

// Add adds the comment text of one line, as Comment gives it. An empty text,
// or a line number that is not the next one, ends a paragraph. The first Add
// after a Flush begins a new block.
func (b *CommentBlock) Add(text []byte, line int) {
	if b.flush {
		b.reset()
	}
	if len(text) == 0 || line != b.last+1 {
		b.part()
	}
	b.last = line
	if len(text) == 0 || len(b.text)+len(text) > maxBlock {
		return
	}
	switch c := text[0]; {
	case c == '@':
		b.part()
	case c == '-', c == '+', c == 'o', c >= 0x80, digit(c):
		if item, ok := cutBullet(string(text)); ok {
			b.part()
			text = text[len(text)-len(item):]
		}
	}
	if len(text) == 0 {
		return
	}
	if n := len(b.text); n > 0 && b.text[n-1] != '\n' {
		b.text = append(b.text, ' ')
	}
	b.starts = append(b.starts, lineMark{len(b.text), line})
	space := false
	for _, c := range text {
		if c <= ' ' {
			space = true
			continue
		}
		if space {
			b.text = append(b.text, ' ')
			space = false
		}
		b.text = append(b.text, c)
	}
}

// AddLine adds a line of source if there is a comment on it, and reports
// whether there is. A comment behind code is a paragraph of its own, and inner
// lines of a block comment need no star here. A line without a comment ends a
// paragraph.
func (b *CommentBlock) AddLine(lang string, line []byte, number int) bool {
	if b.flush {
		b.reset()
	}
	style := styleOf(lang)
	if b.open && number == b.last+1 {
		closing := "*/"
		if style.open != "" {
			closing = style.close
		}
		text, closed := untilClose(line, closing)
		b.Add(tidy(text), number)
		b.open = !closed
		return true
	}
	text, trailing, open, ok := style.find(line)
	if !ok {
		b.part()
		b.open = false
		return false
	}
	if trailing {
		b.part()
	}
	b.Add(text, number)
	if trailing && !open {
		b.part()
	}
	b.open = open
	return true
}

// Flush gives the next reason of the block, at most one of each paragraph, and
// the line on which its sentence starts. With ok false there is no more, and
// the block is empty. Calling it once and going on with Add drops the rest.
func (b *CommentBlock) Flush() (reason string, line int, ok bool) {
	b.flush = true
	b.part()
	for b.read < len(b.text) {
		start := b.read
		end := start
		for b.text[end] != '\n' {
			end++
		}
		b.read = end + 1
		if end-start < minWords*2 || !utf8.Valid(b.text[start:end]) {
			continue
		}
		text := string(b.text[start:end])
		from, to, found := b.words.comment(text)
		if !found {
			continue
		}
		return boundReason(text[from:to]), b.lineAt(start + from), true
	}
	b.reset()
	return "", 0, false
}

// lineAt gives the line on which an offset of the text stands.
func (b *CommentBlock) lineAt(at int) int {
	line := 0
	for _, s := range b.starts {
		if s.at > at {
			break
		}
		line = s.line
	}
	return line
}

// part ends the paragraph at hand.
func (b *CommentBlock) part() {
	if n := len(b.text); n > 0 && b.text[n-1] != '\n' {
		b.text = append(b.text, '\n')
	}
}

func (b *CommentBlock) reset() {
	b.text, b.starts = b.text[:0], b.starts[:0]
	b.last, b.read, b.open, b.flush = 0, 0, false, false
}
