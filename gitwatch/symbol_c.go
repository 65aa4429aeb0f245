package gitwatch

import "bytes"

// defineC reads what begins in the first column: functions, also with their
// type on the line before (name(…) of GNU style), struct, union, enum, class
// and namespace, variables with a value, and #define. In C++ types are read at
// any depth.
func defineC(line []byte, plus bool) (definition, bool) {
	b := line
	switch c := b[0]; {
	case c == '#':
		return cMacro(b)
	case c == ' ' || c == '\t':
		if !plus {
			return definition{}, false
		}
		b = skipSpace(b)
		switch first(b) {
		case 's', 'c', 'e', 'u', 't', 'n':
			return cType(trimEnd(b), true)
		}
		return definition{}, false
	case identifierByte[c] != 1 && c < 0x80:
		return definition{}, false
	}
	b = trimEnd(b)
	switch last(b) {
	case ':': // a label or an access specifier
		if !bytes.Contains(b, []byte(")")) && !bytes.HasPrefix(b, []byte("class ")) {
			return definition{}, false
		}
	case '.', '?', '\'', '"':
		return definition{}, false
	}
	// The first of these bytes tells what the line is.
	for at := 0; at < len(b); at++ {
		switch b[at] {
		case '(':
			before := trimEnd(b[:at])
			name := lastIdentifier(before)
			switch string(name) {
			case "__attribute__", "__declspec", "__printf", "alignas", "decltype":
				end := closing(b[at:])
				if end < 0 {
					return definition{}, false
				}
				at += end
				continue
			}
			return cFunction(b, at, name)
		case '=':
			return cVariable(b, at)
		case '{', ':':
			if at+1 < len(b) && b[at] == ':' && b[at+1] == ':' {
				at++
				continue
			}
			return cType(b, false)
		case ';':
			return definition{}, false
		case '"', '\'', '.', '!', '/', '?', '%', '@', '\\':
			return definition{}, false
		}
	}
	return cType(b, false)
}

// cMacro reads "#define NAME".
func cMacro(b []byte) (definition, bool) {
	rest, ok := keyword(skipSpace(b[1:]), "define")
	if !ok {
		return definition{}, false
	}
	n := identifier(rest)
	return definition{name: rest[:n]}, n > 0
}

// cWord reports whether a word can't be part of a definition's type, or is no
// function's name.
func cWord(b []byte) bool {
	switch string(b) {
	case "if", "else", "for", "while", "do", "switch", "case", "return", "goto", "sizeof",
		"typedef", "using", "defined", "catch", "throw", "new", "delete", "default", "static_assert", "_Static_assert":
		return true
	}
	return false
}

// cFunction reads a function whose parameters begin at b[open], the name of
// which stands before them.
func cFunction(b []byte, open int, name []byte) (definition, bool) {
	if name == nil || cWord(name) || last(b) == ';' {
		return definition{}, false
	}
	if c := first(skipSpace(b[open+1:])); c == '*' || c == '"' || c == '(' || c == '^' {
		return definition{}, false // a function pointer, or a macro with an argument
	}
	if end := closing(b[open:]); end >= 0 && !cAfterParameters(skipSpace(b[open+end+1:])) {
		return definition{}, false
	}
	head := trimEnd(b[:open])
	head = head[:len(head)-len(name)]
	var owner []byte
	if last(head) == '~' {
		head = head[:len(head)-1]
		name = b[len(head) : len(head)+1+len(name)]
	}
	if bytes.HasSuffix(head, []byte("::")) {
		head = head[:len(head)-2]
		if last(head) == '>' {
			i := bytes.LastIndexByte(head, '<')
			if i < 0 {
				return definition{}, false
			}
			head = head[:i]
		}
		if owner = lastIdentifier(head); owner == nil {
			return definition{}, false
		}
		head = head[:len(head)-len(owner)]
		for bytes.HasSuffix(head, []byte("::")) {
			outer := lastIdentifier(head[:len(head)-2])
			if outer == nil {
				break
			}
			head = head[:len(head)-2-len(outer)]
		}
	}
	words := 0
	for i := 0; i < len(head); {
		if n := identifier(head[i:]); n > 0 {
			if cWord(head[i : i+n]) {
				return definition{}, false
			}
			words++
			i += n
			continue
		}
		switch c := head[i]; {
		case c == ' ' || c == '\t' || c == '*' || c == '&' || c == ':' || c == '<' || c == '>' || c == ',' ||
			c == '(' || c == ')' || c == '[' || c == ']' || '0' <= c && c <= '9':
			i++
		default:
			return definition{}, false
		}
	}
	// Without a type this is GNU style, a constructor, or a macro that is used.
	if words == 0 && owner == nil && (upperCase(name) || bytes.IndexByte(b[open:], ')') < 0 && last(b) != ',') {
		return definition{}, false
	}
	if words > 8 {
		return definition{}, false
	}
	return definition{owner: owner, name: name, function: true}, true
}

// cAfterParameters reports whether b can follow the parameters of a function
// that is defined: its body, words such as const and noexcept, a list of
// initial values, a comment, or the parameters of a macro around the name.
func cAfterParameters(b []byte) bool {
	switch first(b) {
	case 0, '{', ':', '/', '\\', '(':
		return true
	case '-':
		return len(b) > 1 && b[1] == '>'
	}
	n := identifier(b)
	switch string(b[:n]) {
	case "const", "noexcept", "override", "final", "volatile", "throw", "try", "requires", "__attribute__":
		return true
	}
	return n > 2 && upperCase(b[:n])
}

// cVariable reads a variable of a file with its value: the '=' is b[at].
func cVariable(b []byte, at int) (definition, bool) {
	head := trimEnd(b[:at])
	for last(head) == ']' {
		i := bytes.LastIndexByte(head, '[')
		if i < 0 {
			return definition{}, false
		}
		head = trimEnd(head[:i])
	}
	name := lastIdentifier(head)
	if name == nil || at+1 < len(b) && b[at+1] == '=' {
		return definition{}, false
	}
	head = trimEnd(head[:len(head)-len(name)])
	n := identifier(head)
	if n == 0 || cWord(head[:n]) {
		return definition{}, false // an assignment
	}
	switch last(head) {
	case '+', '-', '|', '.', '>', '&':
		return definition{}, false
	}
	return definition{name: name}, true
}

// cType reads struct, union, enum, class and namespace with a name and a body
// on this line or the next. Deep, the body must begin on this line.
func cType(b []byte, deep bool) (definition, bool) {
	container := false
	for {
		n := identifier(b)
		rest := skipSpace(b[n:])
		switch string(b[:n]) {
		case "typedef", "static", "const", "export", "inline":
		case "template":
			end := closing(rest)
			if end < 0 {
				return definition{}, false
			}
			rest = skipSpace(rest[end+1:])
		case "enum":
			if after, ok := keyword(rest, "class"); ok {
				rest = after
			} else if after, ok := keyword(rest, "struct"); ok {
				rest = after
			}
			return cTypeName(rest, deep, false)
		case "struct", "union":
			return cTypeName(rest, deep, container)
		case "class", "namespace":
			return cTypeName(rest, deep, true)
		default:
			return definition{}, false
		}
		if n == 0 {
			return definition{}, false
		}
		b = rest
	}
}

// cTypeName reads a type's name, the last word before the body, the base
// classes or the end; words before it are attributes in capitals.
func cTypeName(b []byte, deep, container bool) (definition, bool) {
	var name []byte
	for {
		n := identifier(b)
		if n == 0 {
			break
		}
		if name != nil && string(b[:n]) == "final" {
			b = skipSpace(b[n:])
			break
		}
		if name != nil && !upperCase(name) {
			return definition{}, false // a variable of this type
		}
		name = b[:n]
		b = skipSpace(b[n:])
		for bytes.HasPrefix(b, []byte("::")) {
			m := identifier(b[2:])
			if m == 0 {
				return definition{}, false
			}
			name, b = b[2:2+m], skipSpace(b[2+m:])
		}
	}
	if name == nil || deep && last(b) != '{' {
		return definition{}, false
	}
	switch c := first(b); {
	case c == 0 || c == '{' && last(b) != ';' || c == ':' || c == '/':
		return definition{name: name, container: container}, true
	}
	return definition{}, false
}
