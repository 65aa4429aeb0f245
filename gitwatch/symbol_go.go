package gitwatch

import "bytes"

// defineGo reads functions, methods, types, constants and variables that begin
// in the first column. Members of a const, var or type group are the Scope's.
func defineGo(line []byte) (definition, bool) {
	switch line[0] {
	case 'f':
		rest, ok := keyword(line, "func")
		if !ok {
			return definition{}, false
		}
		var owner []byte
		if first(rest) == '(' {
			end := bytes.IndexByte(rest, ')')
			if end < 0 {
				return definition{}, false
			}
			owner = goReceiver(rest[1:end])
			if owner == nil {
				return definition{}, false
			}
			rest = skipSpace(rest[end+1:])
		}
		n := identifier(rest)
		if n == 0 || n == len(rest) || rest[n] != '(' && rest[n] != '[' {
			return definition{}, false
		}
		return definition{owner: owner, name: rest[:n], function: true}, true
	case 't':
		return goNamed(line, "type")
	case 'c':
		return goNamed(line, "const")
	case 'v':
		return goNamed(line, "var")
	}
	return definition{}, false
}

// goNamed reads "type Name", "const Name" and "var Name".
func goNamed(line []byte, word string) (definition, bool) {
	rest, ok := keyword(line, word)
	if !ok {
		return definition{}, false
	}
	n := identifier(rest)
	if n == 0 || n == 1 && rest[0] == '_' {
		return definition{}, false
	}
	return definition{name: rest[:n]}, true
}

// goReceiver gives the type of a receiver without star and type parameters.
func goReceiver(b []byte) []byte {
	if i := bytes.IndexByte(b, '['); i >= 0 {
		b = b[:i]
	}
	return lastIdentifier(trimEnd(b))
}

// goGroup reports whether a line opens a group of constants, variables or types.
func goGroup(line []byte) bool {
	for _, word := range [...]string{"const", "var", "type"} {
		if rest, ok := keyword(line, word); ok {
			return first(rest) == '('
		}
	}
	return false
}

// goMember reads "	Name …", a member of a group, in a line that is indented by
// one tab.
func goMember(line []byte) (definition, bool) {
	rest := line[1:]
	n := identifier(rest)
	if n == 0 || n == 1 && rest[0] == '_' {
		return definition{}, false
	}
	if n < len(rest) && rest[n] != ' ' && rest[n] != ',' && rest[n] != '[' {
		return definition{}, false
	}
	return definition{name: rest[:n]}, true
}
