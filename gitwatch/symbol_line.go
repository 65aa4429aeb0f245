package gitwatch

import "bytes"

// prefix reports whether a line is a comment, a decorator or what else stands
// above a definition and belongs to it. It keeps track of block comments.
func (s *Scope) prefix(b []byte, depth int) bool {
	if s.comment {
		s.comment = !bytes.Contains(b, []byte("*/"))
		return true
	}
	if s.nested > 0 {
		s.nested += brackets(b)
		return true
	}
	switch s.lang {
	case LangPython, LangRuby, LangShell:
		if b[0] == '#' {
			return true
		}
		if b[0] == '@' && s.lang == LangPython {
			s.nested = max(0, brackets(b))
			return true
		}
		return false
	}
	switch b[0] {
	case '/':
		if len(b) > 1 && b[1] == '*' {
			end := bytes.Index(b[2:], []byte("*/"))
			s.comment = end < 0
			return end < 0 || len(trimEnd(b[2+end+2:])) == 0
		}
		return len(b) > 1 && b[1] == '/'
	case '*':
		return len(b) == 1 || b[1] == ' ' || b[1] == '/' || b[1] == '\t' || b[1] == '\r' || b[1] == '*'
	case '@':
		if s.lang == LangGo || s.lang == LangC || s.lang == LangRust {
			return false
		}
		if _, ok := s.lang.define(b); ok {
			return false // an annotation before a definition on one line
		}
		s.nested = max(0, brackets(b))
		return true
	case '#':
		if s.lang == LangRust && len(b) > 1 && (b[1] == '[' || b[1] == '!') || s.lang == LangPHP {
			s.nested = max(0, brackets(b))
			return true
		}
	case '[':
		return s.lang == LangCSharp && last(trimEnd(b)) == ']'
	case 't':
		if s.lang == LangCPP && bytes.HasPrefix(b, []byte("template")) && last(trimEnd(b)) == '>' {
			return true
		}
	}
	return depth == 0 && (s.lang == LangC || s.lang == LangCPP) && typeAlone(b)
}

// typeAlone reports whether a line of C has nothing but words, stars and
// blanks: the type of a function whose name is on the next line.
func typeAlone(b []byte) bool {
	b = trimEnd(b)
	for i := 0; i < len(b); i++ {
		if c := b[i]; identifierByte[c] == 0 && c != ' ' && c != '\t' && c != '*' {
			return false
		}
	}
	if _, ok := cType(b, false); ok {
		return false
	}
	return identifierByte[b[0]] == 1
}

// brackets is how many more brackets a line opens than it closes.
func brackets(b []byte) int {
	n := 0
	for _, c := range b {
		switch c {
		case '(', '[', '{':
			n++
		case ')', ']', '}':
			n--
		}
	}
	return n
}

// closer reports whether a line has nothing but closing brackets, or is Ruby's
// end.
func closer(b []byte, lang Language) bool {
	if lang == LangRuby {
		return string(b) == "end"
	}
	for _, c := range b {
		switch c {
		case '}', ')', ']', ';', ',', ' ':
		default:
			return false
		}
	}
	return true
}

// closesBody reports whether a line of closing brackets ends a body.
func closesBody(b []byte) bool { return b[0] == '}' || b[0] == 'e' }

// columns is the width of an indentation; a tab goes to the next multiple of
// eight.
func columns(indent []byte) int {
	n := 0
	for _, c := range indent {
		if c == '\t' {
			n += 8 - n%8
		} else {
			n++
		}
	}
	return n
}

// belongs reports whether a line at the level of a definition is still part of
// it: the brackets around its parameters and body, where clauses, and labels.
func (s *Scope) belongs(b []byte) bool {
	switch b[0] {
	case ')', ']', '}', '{':
		return true
	}
	n := identifier(b)
	if string(b[:n]) == "where" {
		return s.lang == LangRust || s.lang == LangCSharp || s.lang == LangSwift
	}
	if s.lang == LangC || s.lang == LangCPP || s.lang == LangGo {
		return n > 0 && n == len(b)-1 && b[n] == ':' && !access(b[:n])
	}
	return false
}

// access reports whether a word before a colon is no label.
func access(b []byte) bool {
	switch string(b) {
	case "public", "private", "protected", "default":
		return true
	}
	return false
}

// neutral reports whether a line says nothing about where it stands.
func neutral(b []byte, lang Language) bool {
	return b[0] == '#' && (lang == LangC || lang == LangCPP)
}
