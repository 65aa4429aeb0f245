package memory

import "bytes"

// commentStyle says how a language writes comments.
type commentStyle struct {
	line  []string // what begins a comment that goes to the end of the line
	slash bool     // has /* … */, with lines that begin with *
	open  string   // another opening of a block, "" without one
	close string
	ticks bool // ' opens a string of any length, not one character
	bare  bool // comments only at the start of a line: a guess
}

var (
	styleSlash   = &commentStyle{line: []string{"//"}, slash: true}
	styleScript  = &commentStyle{line: []string{"//"}, slash: true, ticks: true}
	styleBlock   = &commentStyle{slash: true, ticks: true}
	styleHash    = &commentStyle{line: []string{"#"}, ticks: true}
	styleBoth    = &commentStyle{line: []string{"//", "#"}, slash: true, ticks: true}
	styleDash    = &commentStyle{line: []string{"--"}, slash: true, ticks: true}
	styleHaskell = &commentStyle{line: []string{"--"}, open: "{-", close: "-}"}
	styleSemi    = &commentStyle{line: []string{";"}}
	styleIni     = &commentStyle{line: []string{"#", ";"}, ticks: true, bare: true}
	stylePercent = &commentStyle{line: []string{"%"}}
	styleMarkup  = &commentStyle{open: "<!--", close: "-->", ticks: true}
	styleVim     = &commentStyle{line: []string{`"`}, bare: true}
	styleNone    = &commentStyle{}
	styleUnknown = &commentStyle{line: []string{"//", "# "}, slash: true, bare: true}
)

// commentStyles has the styles by lower-case name of the language.
var commentStyles = makeStyles(map[*commentStyle]string{
	styleSlash: `go c cpp c++ objc objective-c java rust csharp c# cs kotlin swift
		scala d zig v fsharp f# proto protobuf verilog glsl hlsl cuda vala solidity`,
	styleScript:  "javascript typescript js ts jsx tsx dart groovy gradle scss less vue svelte jsonc json5",
	styleBlock:   "css",
	styleHash:    "python ruby shell sh bash zsh fish perl yaml toml make makefile dockerfile r julia elixir cmake nix tcl awk sed powershell crystal coffeescript gitignore python3 nim meson bazel starlark",
	styleBoth:    "php hcl terraform",
	styleDash:    "sql lua ada elm vhdl",
	styleHaskell: "haskell purescript idris",
	styleSemi:    "lisp clojure scheme elisp racket asm assembly",
	styleIni:     "ini cfg conf config properties systemd gitconfig",
	stylePercent: "tex latex erlang matlab prolog",
	styleMarkup:  "html xml svg markdown md",
	styleVim:     "vim viml",
	styleNone:    "json text txt csv rst binary",
	styleUnknown: "unknown",
})

func makeStyles(names map[*commentStyle]string) map[string]*commentStyle {
	styles := make(map[string]*commentStyle)
	for style, list := range names {
		for name := range wordSet(list) {
			styles[name] = style
		}
	}
	return styles
}

func styleOf(lang string) *commentStyle {
	if style, ok := commentStyles[lang]; ok {
		return style
	}
	return styleUnknown
}

// Comment gives the text of the comment on one line of source, without its
// markers and the white space around it; text is part of line. lang is the
// lower-case name of the language; an unknown one is guessed with care: only
// comments that fill their line. ok is true with an empty text for a line that
// has markers or a rule and nothing else: paragraphs part there.
//
// It sees one line. What stands in quotes is no comment, nor is // behind a
// colon; strings that go over several lines it can't know. Docstrings are no
// comments. An inner line of a block is one when it begins with a star.
func Comment(lang string, line []byte) (text []byte, ok bool) {
	text, _, _, ok = styleOf(lang).find(line)
	return text, ok
}

// find is Comment that also tells whether code stands before the comment, and
// whether a block is left open at the end of the line.
func (s *commentStyle) find(line []byte) (text []byte, trailing, open, ok bool) {
	i := 0
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	rest := line[i:]
	if len(rest) == 0 {
		return nil, false, false, false
	}
	if s.slash && rest[0] == '*' && (len(rest) == 1 || rest[1] == ' ' || rest[1] == '/' || rest[1] == '\t' || rest[1] == '*') {
		text, closed := untilClose(rest, "*/")
		return tidy(text), false, !closed, true
	}
	if !s.may(rest) {
		return nil, false, false, false
	}
	var quote byte
	for k := 0; k < len(rest); k++ {
		c := rest[k]
		if quote != 0 {
			switch c {
			case '\\':
				k++
			case quote:
				quote = 0
			}
			continue
		}
		if mark, closing := s.at(rest, k); mark > 0 {
			if closing == "" {
				return tidy(rest[min(k+mark, len(rest)):]), k > 0, false, true
			}
			text, closed := untilClose(rest[k+mark:], closing)
			return tidy(text), k > 0, !closed, true
		}
		if s.bare {
			break // no comment at the start, and nothing else is looked for
		}
		switch c {
		case '"', '`':
			quote = c
		case '\'':
			k, quote = s.tick(rest, k)
		}
	}
	return nil, false, false, false
}

// may is the fast reject: can the line have a comment at all?
func (s *commentStyle) may(rest []byte) bool {
	if s.slash && bytes.Contains(rest, slashStar) {
		return true
	}
	for _, mark := range s.line {
		if bytes.IndexByte(rest, mark[0]) >= 0 && bytes.Contains(rest, []byte(mark)) {
			return true
		}
		if mark == "# " && rest[0] == '#' {
			return true
		}
	}
	return s.open != "" && bytes.Contains(rest, []byte(s.open))
}

var slashStar = []byte("/*")

// at reports whether a comment begins at rest[k]: the length of its marker, 0
// if none does, and what closes it, "" for the end of the line.
func (s *commentStyle) at(rest []byte, k int) (mark int, closing string) {
	var before byte = ' '
	if k > 0 {
		before = rest[k-1]
	}
	for _, m := range s.line {
		if rest[k] != m[0] || !hasPrefix(rest[k:], m) && !(m == "# " && len(rest) == k+1) {
			continue
		}
		space := before == ' ' || before == '\t'
		switch m[0] {
		case '/':
			if before == ':' || before == '\\' {
				continue // a URL
			}
		case '#':
			if !space || k+1 < len(rest) && (rest[k+1] == '!' || rest[k+1] == '{' || rest[k+1] == '[' && len(s.line) > 1) {
				continue // $#, #!/bin/sh, #{x}, PHP's #[Attribute]
			}
		case '-':
			if !space || k+2 < len(rest) && rest[k+2] == '>' {
				continue
			}
		default:
			if !space {
				continue
			}
		}
		return len(m), ""
	}
	switch {
	case s.slash && rest[k] == '/' && k+1 < len(rest) && rest[k+1] == '*' && before != '/' && before != '"':
		if k+2 < len(rest) && (wordByte(before) || wordByte(rest[k+2])) && !bytes.Contains(rest[k:], []byte("*/")) && k > 0 {
			return 0, "" // a glob: src/*.go
		}
		return 2, "*/"
	case s.open != "" && rest[k] == s.open[0] && hasPrefix(rest[k:], s.open):
		return len(s.open), s.close
	}
	return 0, ""
}

// tick reads a ' at rest[k]: a string, a character, or neither (a lifetime, an
// apostrophe). It returns where to go on and the quote that is open.
func (s *commentStyle) tick(rest []byte, k int) (int, byte) {
	if s.ticks {
		if bytes.IndexByte(rest[k+1:], '\'') >= 0 {
			return k, '\''
		}
		return k, 0
	}
	end := bytes.IndexByte(rest[k+1:], '\'')
	switch {
	case end < 0:
	case k+1 < len(rest) && rest[k+1] == '\\':
		return min(k+max(end+1, 3), len(rest)-1), 0 // '\'' ends at its third character
	case end <= 4:
		return k + 1 + end, 0
	}
	return k, 0
}

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

// untilClose cuts text before what closes its block.
func untilClose(text []byte, closing string) (inner []byte, closed bool) {
	if n := bytes.Index(text, []byte(closing)); n >= 0 {
		return text[:n], true
	}
	return text, false
}

// tidy takes what is left of markers (///, //!, /**, #:) and white space off
// both ends; a rule of dashes becomes nothing.
func tidy(text []byte) []byte {
	start, end := 0, len(text)
	for start < end {
		switch text[start] {
		case ' ', '\t', '/', '!', '*', '#', ';', '%', '<':
			start++
			continue
		case '-', '=', '~':
			if start+1 < end && text[start+1] == text[start] {
				start += 2
				continue
			}
		case ':':
			if start == 0 {
				start++
				continue
			}
		}
		break
	}
	for start < end {
		switch text[end-1] {
		case ' ', '\t', '\r', '*', '-', '=', '~', '#', '/':
			end--
			continue
		}
		break
	}
	return text[start:end]
}
