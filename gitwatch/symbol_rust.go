package gitwatch

import "bytes"

// defineRust reads functions, types, traits, modules with a body, constants,
// statics, macros and impl blocks. An impl block is its type's: both
// "impl Foo" and "impl Trait for Foo" are Foo.
func defineRust(line []byte) (definition, bool) {
	b := skipSpace(line)
	for {
		// One of the first letters of every word below: most lines end here.
		switch first(b) {
		case 'a', 'c', 'd', 'e', 'f', 'i', 'm', 'p', 's', 't', 'u':
		default:
			return definition{}, false
		}
		n := identifier(b)
		rest := skipSpace(b[n:])
		switch string(b[:n]) {
		case "pub":
			if first(rest) == '(' {
				end := closing(rest)
				if end < 0 {
					return definition{}, false
				}
				rest = skipSpace(rest[end+1:])
			}
		case "async", "unsafe", "default":
		case "extern":
			if first(rest) == '"' {
				end := bytes.IndexByte(rest[1:], '"')
				if end < 0 {
					return definition{}, false
				}
				rest = skipSpace(rest[end+2:])
			}
		case "fn":
			return rustItem(rest, "(<", definition{function: true})
		case "struct", "enum", "union":
			return rustItem(rest, "{(<;w", definition{})
		case "trait":
			return rustItem(rest, "{<:w", definition{container: true})
		case "mod":
			return rustItem(rest, "{", definition{container: true})
		case "type":
			if len(b) != len(line) && line[0] != 'p' {
				return definition{}, false // an associated type
			}
			return rustItem(rest, "=<", definition{})
		case "const":
			if m := identifier(rest); m > 0 && first(skipSpace(rest[m:])) != ':' {
				break // const fn
			}
			return rustItem(rest, ":", definition{})
		case "static":
			if after, ok := keyword(rest, "mut"); ok {
				rest = after
			}
			return rustItem(rest, ":", definition{})
		case "macro_rules":
			if first(rest) != '!' {
				return definition{}, false
			}
			return rustItem(skipSpace(rest[1:]), "{(", definition{})
		case "impl":
			return rustImpl(b[n:])
		default:
			return definition{}, false
		}
		b = rest
	}
}

// rustItem reads a name that one of the bytes of next, or the end of the line,
// must follow.
func rustItem(b []byte, next string, d definition) (definition, bool) {
	n := identifier(b)
	if n == 0 || n == 1 && b[0] == '_' {
		return definition{}, false
	}
	after := trimEnd(skipSpace(b[n:]))
	if len(after) > 0 {
		found := false
		for i := range len(next) {
			found = found || after[0] == next[i]
		}
		if !found {
			return definition{}, false
		}
	}
	d.name = b[:n]
	return d, true
}

// rustImpl reads what follows the word impl.
func rustImpl(b []byte) (definition, bool) {
	b = skipSpace(b)
	if first(b) == '<' {
		end := closing(b)
		if end < 0 {
			return definition{}, false
		}
		b = skipSpace(b[end+1:])
	}
	depth := 0
	for i, c := range b {
		switch c {
		case '<':
			depth++
		case '>':
			if i > 0 && b[i-1] != '-' {
				depth--
			}
		case ' ':
			if depth == 0 {
				if target, ok := keyword(b[i+1:], "for"); ok {
					name := rustType(target)
					return definition{name: name, container: true}, name != nil
				}
			}
		case '{':
			if depth == 0 {
				name := rustType(b)
				return definition{name: name, container: true}, name != nil
			}
		}
	}
	name := rustType(b)
	return definition{name: name, container: true}, name != nil
}

// rustType gives the last part of the path of a type: Bar of &'a mut foo::Bar<T>.
func rustType(b []byte) []byte {
	for {
		b = skipSpace(b)
		switch c := first(b); {
		case c == '&' || c == '*' || c == '!' || c == '[' || c == '(':
			b = b[1:]
			continue
		case c == '\'':
			b = b[1:]
			b = b[identifier(b):]
			continue
		}
		n := identifier(b)
		if n == 0 {
			return nil
		}
		switch string(b[:n]) {
		case "dyn", "mut", "const":
			b = b[n:]
			continue
		}
		for bytes.HasPrefix(b[n:], []byte("::")) {
			m := identifier(b[n+2:])
			if m == 0 {
				break
			}
			b, n = b[n+2:], m
		}
		if n < len(b) && b[n] == '!' {
			return nil // a macro
		}
		return b[:n]
	}
}
