package gitwatch

// definePython reads def, async def and class at any depth, and constants in
// capitals at the top level.
func definePython(line []byte) (definition, bool) {
	b := skipSpace(line)
	switch first(b) {
	case 'd':
		return pythonFunction(b)
	case 'a':
		rest, ok := keyword(b, "async")
		if !ok {
			return definition{}, false
		}
		return pythonFunction(rest)
	case 'c':
		rest, ok := keyword(b, "class")
		if !ok {
			return definition{}, false
		}
		n := identifier(rest)
		if n == 0 {
			return definition{}, false
		}
		switch first(skipSpace(rest[n:])) {
		case '(', ':', '[':
			return definition{name: rest[:n], container: true}, true
		}
	default:
		if len(b) == len(line) {
			return constant(b)
		}
	}
	return definition{}, false
}

func pythonFunction(b []byte) (definition, bool) {
	rest, ok := keyword(b, "def")
	if !ok {
		return definition{}, false
	}
	n := identifier(rest)
	if n == 0 {
		return definition{}, false
	}
	if c := first(skipSpace(rest[n:])); c != '(' && c != '[' {
		return definition{}, false
	}
	return definition{name: rest[:n], function: true}, true
}

// constant reads "NAME = …" and "NAME: type = …" with a name in capitals.
func constant(b []byte) (definition, bool) {
	if c := first(b); c != '_' && (c < 'A' || c > 'Z') {
		return definition{}, false
	}
	n := identifier(b)
	if n == 0 || !upperCase(b[:n]) {
		return definition{}, false
	}
	rest := skipSpace(b[n:])
	if first(rest) == ':' && len(rest) > 1 && rest[1] == ' ' {
		return definition{name: b[:n]}, true
	}
	if first(rest) != '=' || len(rest) > 1 && (rest[1] == '=' || rest[1] == '~' || rest[1] == '>') {
		return definition{}, false
	}
	return definition{name: b[:n]}, true
}
