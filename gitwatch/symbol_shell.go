package gitwatch

// defineShell reads "name()", "name ()" and "function name".
func defineShell(line []byte) (definition, bool) {
	b := skipSpace(line)
	rest, function := keyword(b, "function")
	if function {
		b = rest
	}
	n := 0
	for n < len(b) && (identifierByte[b[n]] != 0 || n > 0 && (b[n] == '-' || b[n] == ':' || b[n] == '.')) {
		n++
	}
	if n == 0 || n > maxIdentifierBytes || b[0] == '$' {
		return definition{}, false
	}
	after := skipSpace(b[n:])
	if function {
		switch first(after) {
		case 0, '{', '(':
			return definition{name: b[:n], function: true}, true
		}
		return definition{}, false
	}
	if first(after) != '(' {
		return definition{}, false
	}
	after = skipSpace(after[1:])
	return definition{name: b[:n], function: true}, first(after) == ')'
}
