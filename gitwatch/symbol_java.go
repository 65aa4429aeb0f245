package gitwatch

// modifier reports whether a word may stand before a definition in Java, C#,
// PHP, Kotlin or Swift.
func modifier(b []byte) bool {
	switch string(b) {
	case "public", "private", "protected", "internal", "static", "final", "abstract", "sealed",
		"partial", "virtual", "override", "async", "unsafe", "extern", "readonly", "synchronized",
		"native", "default", "transient", "volatile", "strictfp", "open", "data", "inner", "inline",
		"suspend", "operator", "infix", "tailrec", "fileprivate", "mutating", "nonmutating",
		"required", "convenience", "indirect", "annotation", "value", "companion", "export", "expect",
		"actual", "external", "package", "non":
		return true
	}
	return false
}

// typeWord reports whether a word begins the definition of a type.
func typeWord(b []byte) bool {
	switch string(b) {
	case "class", "interface", "enum", "record", "struct", "trait", "object", "protocol", "extension", "actor", "namespace":
		return true
	}
	return false
}

// skipModifiers gives b after annotations and modifiers, and whether there
// were modifiers.
func skipModifiers(b []byte) (rest []byte, modified bool) {
	b = skipSpace(b)
	for {
		if first(b) == '@' && len(b) > 1 {
			n := identifier(b[1:])
			if n == 0 || string(b[1:1+n]) == "interface" {
				b = b[1:]
				return b, true
			}
			b = b[1+n:]
			for len(b) > 1 && b[0] == '.' {
				b = b[1+identifier(b[1:]):]
			}
			if first(b) == '(' {
				end := closing(b)
				if end < 0 {
					return nil, false
				}
				b = b[end+1:]
			}
			b = skipSpace(b)
			continue
		}
		n := identifier(b)
		if n == 0 || n == len(b) || !modifier(b[:n]) {
			return b, modified
		}
		rest := b[n:]
		if rest[0] == '-' && string(b[:n]) == "non" { // non-sealed
			rest = rest[1:]
		} else if rest[0] != ' ' && rest[0] != '\t' {
			return b, modified
		}
		b, modified = skipSpace(rest), true
	}
}

// defineJava reads types, methods and constructors of Java and C#. A method is
// "Type name(" or, with a modifier before it, "Name(" as well; two words in a
// row before a parenthesis can't be a call, unless the first is a statement's.
func defineJava(line []byte) (definition, bool) {
	b := skipSpace(line)
	if c := first(b); identifierByte[c] != 1 && c != '@' && c != '<' && c < 0x80 {
		return definition{}, false
	}
	b, modified := skipModifiers(b)
	if d, ok := typeDefinition(b); ok {
		return d, true
	}
	if first(b) == '<' {
		end := closing(b)
		if end < 0 {
			return definition{}, false
		}
		b = skipSpace(b[end+1:])
	}
	n := identifier(b)
	if n == 0 {
		return definition{}, false
	}
	if n < len(b) && b[n] == '(' { // a constructor, or a call
		return definition{name: b[:n], function: true}, modified && !statement(b[:n])
	}
	if statement(b[:n]) {
		return definition{}, false
	}
	for {
		b = b[n:]
		if first(b) == '<' {
			end := closing(b)
			if end < 0 {
				return definition{}, false
			}
			b = b[end+1:]
		}
		if first(b) == '?' {
			b = b[1:]
		}
		for len(b) > 1 && b[0] == '[' && b[1] == ']' {
			b = b[2:]
		}
		if first(b) != '.' {
			break
		}
		b = b[1:]
		if n = identifier(b); n == 0 {
			return definition{}, false
		}
	}
	if c := first(b); c != ' ' && c != '\t' {
		return definition{}, false
	}
	b = skipSpace(b)
	n = identifier(b)
	if n == 0 || n == len(b) || statement(b[:n]) {
		return definition{}, false
	}
	name, b := b[:n], b[n:]
	if first(b) == '<' {
		end := closing(b)
		if end < 0 {
			return definition{}, false
		}
		b = b[end+1:]
	}
	return definition{name: name, function: true}, first(b) == '('
}

// statement reports whether a word begins a statement or an expression of Java
// or C#, so that what follows is no method's name.
func statement(b []byte) bool {
	switch string(b) {
	case "return", "new", "else", "throw", "case", "await", "yield", "goto", "in", "is", "as",
		"assert", "import", "package", "using", "lock", "if", "for", "while", "switch", "catch",
		"do", "try", "finally", "synchronized", "foreach", "fixed", "from", "where", "select", "let",
		"join", "orderby", "throws", "instanceof", "super", "this", "base", "when", "not", "and", "or",
		"checked", "unchecked", "delegate", "out", "ref", "params", "nameof", "typeof", "sizeof":
		return true
	}
	return false
}

// typeDefinition reads "class Name" and its like; "enum class Name" too.
func typeDefinition(b []byte) (definition, bool) {
	n := identifier(b)
	if n == 0 || !typeWord(b[:n]) {
		return definition{}, false
	}
	rest, ok := keyword(b, string(b[:n]))
	if !ok {
		return definition{}, false
	}
	m := identifier(rest)
	if m > 0 && typeWord(rest[:m]) {
		if after, ok := keyword(rest, string(rest[:m])); ok {
			rest = after
			m = identifier(rest)
		}
	}
	for m > 0 && m+1 < len(rest) && (rest[m] == '.' || rest[m] == '\\') { // namespace A.B
		k := identifier(rest[m+1:])
		if k == 0 {
			break
		}
		rest, m = rest[m+1:], k
	}
	if m == 0 || modifier(rest[:m]) || string(rest[:m]) == "func" || string(rest[:m]) == "var" {
		return definition{}, false // Swift: class func
	}
	switch first(skipSpace(rest[m:])) {
	case '=', '.', ')', ';', ',', '+', '-':
		// "record = …" and the like; "record Foo(…);" and "struct Foo;" are
		// definitions, but ';' directly after the name is a field.
		return definition{}, false
	}
	return definition{name: rest[:m], container: true}, true
}

// defineKeyword reads PHP, Kotlin and Swift, whose functions have a word of
// their own. A Kotlin extension function is its receiver's member.
func defineKeyword(line []byte) (definition, bool) {
	b := skipSpace(line)
	if c := first(b); (c < 'a' || c > 'z') && c != '@' {
		return definition{}, false
	}
	b, _ = skipModifiers(b)
	for _, word := range [...]string{"class", "static"} { // class func of Swift
		if rest, ok := keyword(b, word); ok {
			if n := identifier(rest); n > 0 && (string(rest[:n]) == "func" || string(rest[:n]) == "function") {
				b = rest
			}
		}
	}
	n := identifier(b)
	switch string(b[:n]) {
	case "fun", "func", "function":
		rest := skipSpace(b[n:])
		if first(rest) == '&' {
			rest = rest[1:]
		}
		if first(rest) == '<' {
			end := closing(rest)
			if end < 0 {
				return definition{}, false
			}
			rest = skipSpace(rest[end+1:])
		}
		var owner, name []byte
		for {
			n := identifier(rest)
			if n == 0 {
				return definition{}, false
			}
			name, rest = rest[:n], rest[n:]
			if first(rest) == '<' {
				end := closing(rest)
				if end < 0 {
					break
				}
				rest = rest[end+1:]
			}
			if first(rest) == '?' {
				rest = rest[1:]
			}
			if first(rest) != '.' {
				break
			}
			owner, rest = name, rest[1:]
		}
		return definition{owner: owner, name: name, function: true}, first(skipSpace(rest)) == '('
	case "init":
		c := first(b[n:])
		return definition{name: b[:n], function: true}, (c == '(' || c == '?') && last(trimEnd(b)) == '{'
	}
	return typeDefinition(b)
}
