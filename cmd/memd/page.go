package main

import (
	"strings"
	"unicode"

	"github.com/memd-dev/memd/memory"
)

// Rules of the text that people see:
//
//   - Every word passes clean on its way into a page, so that nothing in a
//     repository can move the cursor, turn text around or speak to the terminal.
//   - On a terminal lines wrap at words, at its width but never beyond
//     maxWidth, with a hanging indent. Elsewhere nothing wraps: a line is a
//     record for grep.
//   - Bold is what one looks for, yellow is a commit, dim is what one may
//     skip. Text means the same without colour.

// maxWidth is the longest line of prose, in columns. Longer ones are hard to
// read; wide terminals keep the rest empty.
const maxWidth = 100

// wordBytes bounds one word without a space. Paths of git are at most 4,096
// bytes on the file systems that it serves.
const wordBytes = 4096

// style is how a span looks on a terminal with colour.
type style string

// The styles: parameters of the escape sequence SGR.
const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	yellow style = "33"
	red    style = "31"
	green  style = "32"
)

// span is text of one style. Its words may be parted at line ends.
type span struct {
	text  string
	style style
	solid bool // never parted
}

// page is the text of one answer on its way to the screen.
type page struct {
	b      strings.Builder
	width  int  // columns; 0: lines don't wrap
	full   bool // nothing is cut that people wrote
	colour bool // may use escape sequences for style
	utf8   bool // may use letters beyond ASCII of its own accord
}

// newPage gives an empty page that fits the standard output.
func (e *env) newPage() *page {
	p := &page{utf8: e.speaksUTF8()}
	if terminal(e.stdout) {
		cols, _ := e.screen(e.stdout)
		p.width = min(cols, maxWidth)
		p.colour = e.getenv("NO_COLOR") == "" && e.getenv("TERM") != "dumb"
	}
	return p
}

// line adds one line, wrapped; what follows the first line of the screen is
// indented by hang columns.
func (p *page) line(hang int, spans ...span) {
	w := wrapper{page: p, hang: hang}
	for _, s := range spans {
		w.span(s)
	}
	w.end()
}

// blank adds an empty line, but never two, and none at the top.
func (p *page) blank() {
	if t := p.b.String(); t != "" && !strings.HasSuffix(t, "\n\n") {
		p.b.WriteByte('\n')
	}
}

// quote puts a text between quotation marks.
func (p *page) quote(text string) string {
	if p.utf8 {
		return "“" + text + "”"
	}
	return `"` + text + `"`
}

// ellipsis is the mark of what was cut or left out.
func (p *page) ellipsis() string {
	if p.utf8 {
		return "…"
	}
	return "..."
}

// recordSubject is the longest subject off a terminal, in columns.
const recordSubject = 120

// subject cuts a subject that is a whole paragraph, as squashed commits have
// them, to what a line with hang columns before it holds.
func (p *page) subject(text string, hang int) string {
	switch {
	case p.full:
		return text
	case p.width > 0:
		return p.shorten(text, max(p.width-hang, shortAuthor))
	}
	return p.shorten(text, recordSubject)
}

// shorten cuts a text to at most n columns.
func (p *page) shorten(text string, n int) string {
	text = clean(text)
	if columns(text) <= n {
		return text
	}
	col, mark := 0, p.ellipsis()
	for i, r := range text {
		if col += columns(string(r)); col > n-columns(mark) {
			return strings.TrimSpace(text[:i]) + mark
		}
	}
	return text
}

// String gives the page as text that ends with a new line, or "".
func (p *page) String() string { return p.b.String() }

// wrapper lays out one line. Bits that no space parts (a word and the comma
// after it) go to the next line together.
type wrapper struct {
	page  *page
	hang  int
	col   int   // columns written to the current line
	any   bool  // a word stands in the current line
	style style // of the last bit
	gap   int   // spaces before the bits
	bits  []span
	width int // columns of the bits
}

func (w *wrapper) span(s span) {
	var word strings.Builder
	put := func() {
		if word.Len() > 0 {
			t := clean(word.String())
			w.bits = append(w.bits, span{text: t, style: s.style})
			w.width += columns(t)
			word.Reset()
		}
	}
	for _, r := range s.text {
		if !unicode.IsSpace(r) {
			word.WriteRune(r)
			continue
		}
		if s.solid {
			word.WriteByte(' ')
			continue
		}
		put()
		if len(w.bits) > 0 {
			w.flush()
		}
		w.gap++
	}
	put()
}

// flush writes the bits, on a new line if they don't fit into this one.
func (w *wrapper) flush() {
	if w.page.width > 0 && w.any && w.col+w.gap+w.width > w.page.width {
		w.restyle(plain)
		w.page.b.WriteByte('\n')
		w.col, w.gap = 0, w.hang
	}
	w.page.b.WriteString(strings.Repeat(" ", w.gap))
	for _, b := range w.bits {
		w.restyle(b.style)
		w.page.b.WriteString(b.text)
	}
	w.col += w.gap + w.width
	w.any, w.gap, w.bits, w.width = true, 0, nil, 0
}

func (w *wrapper) restyle(s style) {
	if !w.page.colour || s == w.style {
		return
	}
	if w.style != plain {
		w.page.b.WriteString("\x1b[0m")
	}
	if s != plain {
		w.page.b.WriteString("\x1b[" + string(s) + "m")
	}
	w.style = s
}

func (w *wrapper) end() {
	if len(w.bits) > 0 {
		w.flush()
	}
	w.restyle(plain)
	w.page.b.WriteByte('\n')
}

// clean gives a text without what could act on a terminal.
func clean(text string) string {
	t, _ := memory.CleanLine([]byte(text), wordBytes)
	return t
}

// pad fills a text up with spaces to n columns.
func pad(text string, n int) string {
	return text + strings.Repeat(" ", max(0, n-columns(text)))
}
