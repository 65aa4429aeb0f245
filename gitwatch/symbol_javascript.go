package gitwatch

import "bytes"

// defineJavaScript reads functions, classes, methods, functions that are given
// to a name or a property, exported or capitalised constants, and the types of
// TypeScript.
func defineJavaScript(line []byte, typescript bool) (definition, bool) {
	b := skipSpace(line)
	deep := len(b) < len(line)
	c := first(b)
	if identifierByte[c] != 1 && c != '*' && c != '#' && c < 0x80 {
		return definition{}, false
	}
	if c == '*' {
		if len(b) < 2 || identifierByte[b[1]] != 1 {
			return definition{}, false // a block comment
		}
		b = b[1:]
	}
	exported, modified := false, c == '*'
	for {
		private := first(b) == '#'
		if private {
			b = b[1:]
		}
		n := identifier(b)
		if n == 0 {
			return definition{}, false
		}
		rest := skipSpace(b[n:])
		if private {
			return jsMember(b, n, rest, deep, modified)
		}
		spaced := len(rest) < len(b)-n
		if !spaced && first(rest) != '*' {
			return jsMember(b, n, rest, deep, modified)
		}
		switch string(b[:n]) {
		case "export", "declare":
			exported = true
		case "default":
			if !exported {
				return jsMember(b, n, rest, deep, modified)
			}
		case "async", "abstract", "public", "private", "protected", "static", "readonly", "override", "get", "set", "accessor":
			if first(rest) == '=' || first(rest) == ':' || first(rest) == '?' {
				return jsMember(b, n, rest, deep, modified)
			}
			modified = true
		case "function":
			rest = skipSpace(bytes.TrimPrefix(rest, []byte("*")))
			m := identifier(rest)
			if m == 0 {
				return definition{}, false
			}
			c := first(skipSpace(rest[m:]))
			return definition{name: rest[:m], function: true}, c == '(' || c == '<'
		case "class":
			m := identifier(rest)
			if m == 0 || string(rest[:m]) == "extends" {
				return definition{}, false
			}
			return jsNamed(rest, definition{container: true}, '{', 'e', 'i', '<')
		case "const", "let", "var":
			if after, ok := keyword(rest, "enum"); ok {
				return jsNamed(after, definition{}, '{')
			}
			return jsVariable(rest, deep, exported)
		case "interface", "enum":
			if typescript {
				return jsNamed(rest, definition{}, '{', '<', 'e')
			}
			return definition{}, false
		case "type":
			if typescript && (!deep || exported) {
				return jsNamed(rest, definition{}, '=', '<')
			}
			return definition{}, false
		case "namespace", "module":
			if typescript {
				return jsNamed(rest, definition{container: true}, '{', '.')
			}
			return jsMember(b, n, rest, deep, modified)
		default:
			return jsMember(b, n, rest, deep, modified)
		}
		b = rest
		if first(b) == '*' {
			b = skipSpace(b[1:])
		}
	}
}

// jsNamed reads a name that the end of the line or one of the bytes follows.
func jsNamed(b []byte, d definition, next ...byte) (definition, bool) {
	n := identifier(b)
	if n == 0 {
		return definition{}, false
	}
	after := first(trimEnd(skipSpace(b[n:])))
	if after != 0 && bytes.IndexByte(next, after) < 0 {
		return definition{}, false
	}
	d.name = b[:n]
	return d, true
}

// jsVariable reads what follows const, let or var: names that get a function or
// a class, and constants that are exported or in capitals at the top level.
func jsVariable(b []byte, deep, exported bool) (definition, bool) {
	n := identifier(b)
	if n == 0 {
		return definition{}, false
	}
	name, rest := b[:n], skipSpace(b[n:])
	if first(rest) == ':' { // a type
		i := bytes.Index(rest, []byte(" = "))
		if i < 0 {
			return definition{}, false
		}
		rest = rest[i+1:]
	}
	if first(rest) != '=' {
		return definition{}, false
	}
	value := skipSpace(rest[1:])
	if d, ok := jsFunction(value); ok {
		d.owner, d.name = nil, name
		return d, true
	}
	if exported || !deep && upperCase(name) {
		return definition{name: name, container: last(trimEnd(value)) == '{'}, true
	}
	return definition{}, false
}

// jsFunction reports whether a value is a function or a class. Its name is the
// one that it gives itself, if any.
func jsFunction(b []byte) (definition, bool) {
	if rest, ok := keyword(b, "async"); ok {
		if first(rest) == '(' {
			return definition{function: true}, true
		}
		b = rest
	}
	n := identifier(b)
	switch string(b[:n]) {
	case "function":
		rest := skipSpace(b[n:])
		rest = skipSpace(bytes.TrimPrefix(rest, []byte("*")))
		m := identifier(rest)
		return definition{name: rest[:m], function: true}, m > 0 || first(rest) == '('
	case "class":
		rest, ok := keyword(b, "class")
		if !ok {
			return definition{}, false
		}
		m := identifier(rest)
		if string(rest[:m]) == "extends" {
			m = 0
		}
		return definition{name: rest[:m], container: true}, m > 0 || first(rest) == '{' || bytes.HasPrefix(rest, []byte("extends"))
	}
	rest := b[n:]
	if n == 0 {
		if first(b) == '<' {
			end := closing(b)
			if end < 0 {
				return definition{}, false
			}
			b = b[end+1:]
		}
		if first(b) != '(' {
			return definition{}, false
		}
		end := closing(b)
		if end < 0 {
			return definition{}, false
		}
		rest = skipSpace(b[end+1:])
		if first(rest) == ':' { // the type of the result
			i := bytes.Index(rest, []byte("=>"))
			return definition{function: true}, i > 0
		}
	}
	return definition{function: true}, bytes.HasPrefix(skipSpace(rest), []byte("=>"))
}

// jsMember reads a line that begins with the name b[:n] which is no keyword
// followed by a blank: a method, "name: function", or a dotted name that gets a
// function.
func jsMember(b []byte, n int, rest []byte, deep, modified bool) (definition, bool) {
	switch first(rest) {
	case '(', '<':
		if deep || modified {
			return jsMethod(b[:n], rest, modified)
		}
	case ':':
		if d, ok := jsFunction(skipSpace(rest[1:])); ok && deep && !bytes.HasPrefix(skipSpace(rest[1:]), []byte("(")) && !jsKeyword(b[:n]) {
			return definition{name: b[:n], function: d.function, container: d.container}, true
		}
	case '=':
		return jsAssigned(b, n)
	case '.':
		if len(rest) == len(b)-n { // no blank before the dot
			return jsAssigned(b, n)
		}
	}
	return definition{}, false
}

// jsMethod reads "name(…) {": the parameters end on the line, which ends with
// the brace; with a modifier before the name they may go on.
func jsMethod(name, rest []byte, modified bool) (definition, bool) {
	if jsKeyword(name) {
		return definition{}, false
	}
	rest = trimEnd(rest)
	if c := last(rest); c != '{' && c != '(' && c != ',' && c != '}' && (c != ';' || !modified) {
		return definition{}, false
	}
	d := definition{name: name, function: true}
	if first(rest) == '<' {
		end := closing(rest)
		if end < 0 {
			return definition{}, false
		}
		rest = rest[end+1:]
	}
	end := closing(rest)
	if end < 0 {
		return d, first(rest) == '(' && (modified || string(name) == "constructor")
	}
	after := skipSpace(rest[end+1:])
	switch first(after) {
	case '{':
		return d, true
	case ':': // the type of the result
		return d, last(after) == '{' || modified
	}
	return definition{}, false
}

// jsKeyword reports whether a word before a parenthesis is no method's name.
func jsKeyword(b []byte) bool {
	switch string(b) {
	case "if", "for", "while", "switch", "catch", "return", "function", "with", "await", "else",
		"typeof", "super", "do", "new", "throw", "case", "default", "delete", "void", "in", "of", "import", "require":
		return true
	}
	return false
}

// jsAssigned reads "a.b.c = function" and "a.b = a.c = function", whose name is
// the first one without exports and the like: Foo.bar for Foo.prototype.bar,
// and "Foo.prototype = {", whose name is Foo. A function that is exported as a
// whole has the name that it gives itself.
func jsAssigned(b []byte, n int) (definition, bool) {
	var path [4][]byte // the last four parts
	count, start := 0, b
	for {
		if count == len(path) {
			copy(path[:], path[1:])
			count--
		}
		path[count] = b[:n]
		count++
		if n >= len(b) || b[n] != '.' {
			break
		}
		b = b[n+1:]
		if n = identifier(b); n == 0 {
			return definition{}, false
		}
	}
	end := len(start) - len(b) + n
	rest := skipSpace(start[end:])
	if len(rest) < 2 || rest[0] != '=' || rest[1] == '=' || rest[1] == '>' {
		return definition{}, false
	}
	value := skipSpace(rest[1:])
	prototype := count >= 2 && string(path[count-1]) == "prototype"
	if prototype && first(value) == '{' {
		return definition{name: path[count-2], container: true}, true
	}
	d, ok := jsFunction(value)
	for !ok {
		// The next link of a chain.
		i := 0
		for i < len(value) && (identifierByte[value[i]] != 0 || value[i] == '.') {
			i++
		}
		next := skipSpace(value[i:])
		if i == 0 || len(next) < 2 || next[0] != '=' || next[1] == '=' {
			return definition{}, false
		}
		value = skipSpace(next[1:])
		d, ok = jsFunction(value)
	}
	parts := path[:count]
	for len(parts) > 0 {
		switch string(parts[0]) {
		case "exports", "module", "this", "self", "window", "global", "globalThis":
			parts = parts[1:]
			continue
		}
		break
	}
	if len(parts) == 0 {
		return d, len(d.name) > 0
	}
	d.name = parts[len(parts)-1]
	if len(parts) >= 3 && string(parts[len(parts)-2]) == "prototype" {
		d.owner = parts[len(parts)-3]
	} else if len(parts) >= 2 {
		d.owner = parts[len(parts)-2]
	}
	return d, true
}
