package gitwatch

import "bytes"

// maxSymbols is how many symbols one side of a hunk keeps: a hunk that touches
// more is a new file or a rewrite, and says little about each.
const maxSymbols = 16

// maxDepth is how many definitions inside each other are followed.
const maxDepth = 8

// A Scope collects the symbols that one side of a hunk touches. Reset it with
// the hunk's header, give it the lines of the side in order, and ask for the
// symbols, at the end or in between. The zero Scope is ready for Reset; it can
// be used again and is not safe for concurrent use.
//
// The header's symbol is touched by lines that stand deeper than it, up to the
// first definition at its level. Blank lines, comments, decorators and closing
// brackets directly before a definition belong to the definition or to nothing,
// so that a function added after another is not charged to that one. Where the
// side begins with a definition, or goes on at the level of the header, the
// header's symbol is not touched.
type Scope struct {
	lang Language

	head    frame // what the header defines; its symbol is "" without one
	open    bool  // lines may still belong to the header's symbol
	closed  bool  // a closing bracket ended it
	waiting bool  // comments or brackets that are the header's unless a definition follows

	stack   [maxDepth]frame
	depth   int
	symbols []string

	defined frame // the last definition of this side, its symbol "" without one
	before  hunk  // how the hunk before ended

	group   bool // Go: inside const (, var ( or type (
	comment bool // inside a block comment
	fence   bool // Markdown: inside a code block
	nested  int  // brackets of a decorator that are still open

	memo struct { // the last header: hunks in a row often share theirs
		lang Language
		text []byte
		def  frame
		ok   bool
	}
}

// A hunk is what Follow needs to know of the hunk before.
type hunk struct {
	inside     frame // what its last line stood in
	known      bool  // inside is set
	defined    frame // its last definition
	sameHeader bool  // its header was that of this hunk
}

// A frame is a definition that later lines may belong to.
type frame struct {
	symbol    string
	name      string // without owner
	depth     int    // indentation in columns
	container bool
	body      bool // its '{' was seen
	function  bool
	macro     bool // #define: goes on while lines end in a backslash
	touched   int  // index in symbols, -1 where it was there before or is not kept
}

// Reset begins a side of a hunk. header is the text after "@@ … @@ ", with its
// indentation.
func (s *Scope) Reset(lang Language, header []byte) {
	m := &s.memo
	s.before = hunk{defined: s.defined, sameHeader: m.lang == lang && bytes.Equal(m.text, header)}
	if s.depth > 0 {
		s.before.inside, s.before.known = s.stack[s.depth-1], true
	} else if s.defined.symbol == "" && s.open {
		s.before.inside, s.before.known = s.head, true
	}
	if !s.before.sameHeader {
		m.lang, m.text = lang, append(m.text[:0], header...)
		var d definition
		if d, m.ok = lang.defineHeader(header); m.ok {
			m.def = newFrame(lang, d, header)
		}
	}
	s.lang, s.depth, s.symbols, s.head, s.defined = lang, 0, nil, frame{}, frame{}
	s.closed, s.waiting, s.comment, s.fence, s.nested = false, false, false, false, 0
	s.group = lang == LangGo && goGroup(header)
	if s.open = m.ok; m.ok {
		s.head = m.def
	}
}

// Follow puts the added side of a hunk right, after Reset of both sides, when
// the hunk before was of the same file. git takes function lines from the old
// file. Where the hunk before replaced that line, put a new one behind it, or
// took it away, the lines of this one stand in another symbol now.
func (s *Scope) Follow(removed *Scope) {
	if !s.before.known {
		return
	}
	follows := s.before.sameHeader
	if was := removed.before.defined; was.symbol != "" {
		follows = s.open && (was.symbol == s.head.symbol || was.name == s.head.symbol)
	}
	if follows {
		s.head, s.open = s.before.inside, true
	}
}

// Line takes the next line of the side, without its newline, and gives the
// symbol that it belongs to, as far as is known by now: "" outside all of them.
// Comments and decorators above a definition turn out to be its own only by the
// line that defines it. The line is not kept.
func (s *Scope) Line(line []byte) string {
	if s.lang == LangNone {
		return ""
	}
	if s.lang == LangMarkdown {
		return s.section(line)
	}
	b := skipSpace(line)
	if len(b) == 0 || b[0] == '\r' {
		return s.current(columns(line[:len(line)-len(b)]))
	}
	depth := columns(line[:len(line)-len(b)])
	if s.prefix(b, depth) {
		if s.open && s.depth == 0 && depth > s.head.depth {
			s.waiting = true
		}
		return s.current(depth)
	}
	if d, ok := s.define(line, depth); ok {
		if symbol, ok := s.enter(d, line, depth); ok {
			return symbol
		}
	}
	return s.ordinary(trimEnd(b), depth)
}

// Symbols gives the symbols touched so far, each once, the enclosing one first;
// at most 16, nil where there are none. The slice is the caller's.
func (s *Scope) Symbols() []string {
	if len(s.symbols) == 0 && (s.waiting && s.open || s.closed) {
		return []string{s.head.symbol}
	}
	return s.symbols[:len(s.symbols):len(s.symbols)]
}

// define is Language.define with what the lines before tell.
func (s *Scope) define(line []byte, depth int) (definition, bool) {
	if s.lang == LangGo {
		if depth == 0 {
			s.group = goGroup(line)
		} else if s.group && line[0] == '\t' && len(line) > 1 && identifierByte[line[1]] == 1 {
			return goMember(line)
		}
	}
	return s.lang.define(line)
}

// enter takes a definition. ok is false where it is a function's inner matter.
func (s *Scope) enter(d definition, line []byte, depth int) (symbol string, ok bool) {
	s.pop(depth)
	owner := ""
	switch {
	case s.depth > 0:
		top := &s.stack[s.depth-1]
		if !top.container {
			return "", false
		}
		owner = top.name
	case s.open && depth > s.head.depth:
		if !s.head.container {
			return "", false
		}
		owner = s.head.name
	default:
		s.open, s.closed = false, false
	}
	s.waiting = false
	f := newFrame(s.lang, d, line)
	if owner != "" && len(d.owner) == 0 {
		f.symbol = owner + s.lang.separator() + f.name
	}
	f.touched = s.touch(f.symbol)
	s.defined = f
	if f.lasts(s.lang, trimEnd(line)) && s.depth < maxDepth {
		s.stack[s.depth] = f
		s.depth++
	}
	return f.symbol, true
}

// ordinary takes a line that defines nothing.
func (s *Scope) ordinary(b []byte, depth int) string {
	if s.depth > 0 {
		return s.inside(b, depth)
	}
	switch {
	case neutral(b, s.lang):
		return s.current(depth)
	case !s.open:
		s.closed = false
		return ""
	case closer(b, s.lang):
		if depth <= s.head.depth && closesBody(b) {
			s.open, s.closed = false, s.lang != LangPython
		} else {
			s.waiting = true
		}
		return s.head.symbol
	case depth <= s.head.depth && !s.belongs(b):
		if s.waiting {
			s.touch(s.head.symbol)
		}
		s.open, s.waiting = false, false
		return ""
	}
	s.waiting = false
	s.touch(s.head.symbol)
	return s.head.symbol
}

// inside takes an ordinary line while definitions of this hunk are open.
func (s *Scope) inside(b []byte, depth int) string {
	top := &s.stack[s.depth-1]
	symbol := top.symbol
	likeC := s.lang == LangC || s.lang == LangCPP
	switch {
	case top.macro:
		if last(b) != '\\' {
			s.depth--
		}
	case neutral(b, s.lang):
	case closer(b, s.lang) && depth <= top.depth && s.lang != LangPython:
		if closesBody(b) || !top.function {
			s.pop(depth)
		}
	case depth <= top.depth && !s.belongs(b) && (top.body || !likeC):
		s.pop(depth)
		return s.ordinary(b, depth)
	case bytes.IndexByte(b, '{') >= 0:
		top.body = true
	case !top.body && last(b) == ';' && likeC:
		s.depth--
		if top.function && top.touched == len(s.symbols)-1 && top.touched >= 0 {
			s.symbols = s.symbols[:top.touched] // it was a prototype
			return ""
		}
	}
	return symbol
}

// pop ends the definitions at this depth and below.
func (s *Scope) pop(depth int) {
	for s.depth > 0 && s.stack[s.depth-1].depth >= depth {
		s.depth--
	}
}

// current is the symbol that a line of this depth belongs to which is neither
// definition nor code.
func (s *Scope) current(depth int) string {
	if s.depth > 0 {
		return s.stack[s.depth-1].symbol
	}
	if s.open && depth > s.head.depth {
		return s.head.symbol
	}
	return ""
}

// touch notes a symbol and gives its index, -1 where it was noted before or
// there is no room.
func (s *Scope) touch(symbol string) int {
	if symbol == "" || len(s.symbols) >= maxSymbols {
		return -1
	}
	for _, t := range s.symbols {
		if t == symbol {
			return -1
		}
	}
	s.symbols = append(s.symbols, symbol)
	return len(s.symbols) - 1
}

// section is Line for Markdown, where a heading ends the section before it.
func (s *Scope) section(line []byte) string {
	if codeFence(line) {
		s.fence = !s.fence
	} else if !s.fence {
		if d, ok := defineMarkdown(line); ok {
			f := newFrame(LangMarkdown, d, line)
			s.open = false
			s.stack[0], s.depth, s.defined = f, 1, f
			s.touch(f.symbol)
			return f.symbol
		}
	}
	if s.depth > 0 {
		return s.stack[0].symbol
	}
	if len(trimEnd(line)) > 0 {
		s.touch(s.head.symbol)
	}
	return s.head.symbol
}

func newFrame(lang Language, d definition, line []byte) frame {
	f := frame{container: d.container, function: d.function, touched: -1}
	f.depth = columns(line[:len(line)-len(skipSpace(line))])
	f.symbol = lang.symbol(d.owner, d.name)
	f.name = f.symbol
	if len(d.owner) > 0 {
		f.name = string(d.name)
	}
	f.body = bytes.IndexByte(line, '{') >= 0
	f.macro = first(line) == '#' && lang != LangMarkdown
	return f
}

// lasts reports whether lines after that of the definition belong to it. In
// Python indentation tells; elsewhere what ends with its line has no body.
func (f *frame) lasts(lang Language, line []byte) bool {
	if f.macro {
		return last(line) == '\\'
	}
	if lang == LangPython || lang == LangRuby {
		return true
	}
	switch last(line) {
	case '{', '(', '[', ',', '=', '\\', '|', '&', '+', '?', ':':
		return true
	case ';', '}':
		return false
	}
	return f.function || f.container || f.body
}
