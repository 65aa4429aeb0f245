package gitwatch

import "bytes"

// defineRuby reads def (def self.x and def Foo.x are x), class, module, and
// constants.
func defineRuby(line []byte) (definition, bool) {
	b := skipSpace(line)
	switch first(b) {
	case 'd':
		rest, ok := keyword(b, "def")
		if !ok {
			return definition{}, false
		}
		name := rubyMethod(rest)
		return definition{name: name, function: true}, len(name) > 0
	case 'c':
		rest, ok := keyword(b, "class")
		return rubyModule(rest, ok)
	case 'm':
		rest, ok := keyword(b, "module")
		return rubyModule(rest, ok)
	}
	return constant(b)
}

// rubyModule reads Foo and Foo::Bar; the singleton "class << self" has no name.
func rubyModule(b []byte, ok bool) (definition, bool) {
	if !ok || first(b) < 'A' || first(b) > 'Z' {
		return definition{}, false
	}
	n := identifier(b)
	for bytes.HasPrefix(b[n:], []byte("::")) {
		m := identifier(b[n+2:])
		if m == 0 {
			break
		}
		n += 2 + m
	}
	return definition{name: b[:n], container: true}, n > 0 && n <= maxIdentifierBytes
}

// rubyMethod gives the name of a method, operators and the marks ?, ! and =
// included.
func rubyMethod(b []byte) []byte {
	n := identifier(b)
	if n > 0 && n < len(b) && b[n] == '.' {
		b = b[n+1:]
		n = identifier(b)
	}
	if n == 0 {
		for n < len(b) && bytes.IndexByte([]byte("+-*/%<>=!~^&|[]@`"), b[n]) >= 0 {
			n++
		}
		return b[:n]
	}
	if n < len(b) && (b[n] == '?' || b[n] == '!' || b[n] == '=' && n+1 < len(b) && b[n+1] == '(') {
		n++
	}
	return b[:n]
}
