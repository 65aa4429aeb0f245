package redact

import "bytes"

// keywords are the names, and the parts of names, of which an assignment is
// looked at.
var keywords = []string{
	"password", "passwd", "passphrase", "pwd", "secret", "token", "credential",
	"api_key", "api-key", "apikey", "access_key", "access-key", "accesskey",
	"private_key", "privatekey", "signing_key", "signingkey", "encryption_key",
	"encryptionkey", "auth_key", "authkey", "master_key", "masterkey",
	"account_key", "accountkey",
}

// maxName bounds the identifier on each side of its keyword, in bytes.
const maxName = 40

// otherNames are parts of identifiers that are about a secret and hold none:
// token_url, secretName, password_sha256, csrfTokenHeader.
var otherNames = []string{
	"name", "url", "uri", "path", "file", "dir", "type", "len", "size", "count",
	"hash", "sha1", "sha2", "sha5", "md5", "digest", "checksum", "finger", "expir", "ttl",
	"field", "label", "regex", "pattern", "class", "prefix", "suffix", "algo",
	"method", "param", "header", "endpoint", "hint", "public", "arn", "_id", "-id",
	"version", "format", "placeholder", "selector", "sum", "etag",
}

// matchAssignment matches the value that an identifier with a keyword in it is
// assigned, in the notations of code, configuration, JSON, YAML, shell and XML.
func matchAssignment(b []byte, at, end int) (int, int) {
	start := runBack(b, at, maxName, urlSafe)
	stop := run(b[:min(len(b), end+maxName)], end, urlSafe|dot)
	if namesOther(b[start:at]) || namesOther(b[end:stop]) {
		return 0, 0
	}
	value, attached := separator(b, start, stop)
	if value < 0 {
		return 0, 0
	}
	value = skipType(b, value)
	if value >= len(b) {
		return 0, 0
	}
	if v, ok := quoted(b, value); ok {
		if v.start < v.end && !isPlaceholder(b[v.start:v.end]) && strong(b[v.start:v.end]) {
			return v.start, v.end
		}
		return 0, 0
	}
	return bareValue(b, start, value, attached)
}

func namesOther(part []byte) bool {
	if len(part) == 0 {
		return false
	}
	for _, s := range otherNames {
		if containsFold(part, s) {
			return true
		}
	}
	return string(part) == "Id" || string(part) == "ID"
}

// separator finds the assignment after the identifier b[start:stop] and returns
// where its right side begins, or -1. attached is true when the sign is a lone
// = next to the name, as in an environment file.
func separator(b []byte, start, stop int) (value int, attached bool) {
	i := stop
	if i < len(b) && b[i] == '\\' { // JSON in a string
		i++
	}
	if i < len(b) && isQuote(b[i]) {
		i++
	}
	if i < len(b) && b[i] == ']' {
		i++
	}
	before := i
	i = run(b, i, blank)
	if i >= len(b) {
		return -1, false
	}
	switch {
	case b[i] == '>' && i == stop && start > 0 && b[start-1] == '<': // XML
		return i + 1, false
	case b[i] == ':':
		i++
		if i < len(b) && b[i] == ':' {
			return -1, false
		}
		if i < len(b) && b[i] == '=' {
			i++
		}
	case b[i] == '=' || (b[i] == '!' || b[i] == '+' || b[i] == '?') && i+1 < len(b) && b[i+1] == '=':
		attached = b[i] == '=' && i == before && i == stop
		i++
		for i < len(b) && (b[i] == '=' || b[i] == '>') {
			i++
			attached = false
		}
	default:
		if value := skipType(b, i); i > before && value > i {
			return value, false // "var token string = ..."
		}
		return -1, false
	}
	return run(b, i, blank), attached
}

// skipType steps over a type between the name and the value, as in
// "password: str = ..." and "token string = ...", and over the prefix of a
// string literal.
func skipType(b []byte, i int) int {
	if i+1 < len(b) && is(b[i], upper|lower|hard) && isQuote(b[i+1]) {
		return i + 1
	}
	end := i
	for end < len(b) && end-i < maxName && (is(b[end], word|dot|blank) || bytes.IndexByte([]byte("[]<>|?*&"), b[end]) >= 0) {
		end++
	}
	if end > i && end+1 < len(b) && b[end] == '=' && is(b[end-1], blank) && is(b[end+1], blank) {
		return run(b, end+1, blank)
	}
	return i
}

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// quoted returns the content of the string literal at i; ok is false when there
// is none. The content of one that does not end is empty.
func quoted(b []byte, i int) (_ span, ok bool) {
	escaped := b[i] == '\\'
	if escaped {
		i++
	}
	if i >= len(b) || !isQuote(b[i]) {
		return span{}, false
	}
	q := b[i]
	for j := i + 1; j < len(b) && j-i <= maxValue+1; j++ {
		switch {
		case b[j] == q, escaped && b[j] == '\\':
			return span{start: i + 1, end: j}, true
		case b[j] == '\n':
			return span{}, true
		}
	}
	return span{}, true
}

// bareValue matches a value without quotes. Of a line of an environment file,
// which holds nothing else, all is the value; elsewhere it ends at a sign of
// punctuation, and must not look like code.
func bareValue(b []byte, name, i int, attached bool) (int, int) {
	stop := i
	for stop < len(b) && stop-i <= maxValue && b[stop] > ' ' && bytes.IndexByte([]byte("\"'`<>,;)]}&"), b[stop]) < 0 {
		stop++
	}
	if attached && opensLine(b, name) {
		for stop < len(b) && stop-i <= maxValue && b[stop] > ' ' && !isQuote(b[stop]) {
			stop++
		}
	}
	v := b[i:stop]
	if !strong(v) || isPlaceholder(v) || isCode(v) {
		return 0, 0
	}
	return i, stop
}

// opensLine reports whether nothing but a shell's or a Dockerfile's verb stands
// before b[i] on its line.
func opensLine(b []byte, i int) bool {
	near := max(0, i-maxName)
	start := near + bytes.LastIndexByte(b[near:i], '\n') + 1
	before := string(bytes.TrimSpace(b[start:i]))
	return before == "" || before == "export" || before == "ENV" || before == "ARG" || before == "-" || before == "set"
}

// isCode reports whether a value without quotes is an expression: a call, an
// index, a chain of names, a comparison.
func isCode(v []byte) bool {
	for _, s := range []string{"(", "[", "->", "::", "==", "&&", "||"} {
		if bytes.Contains(v, []byte(s)) {
			return true
		}
	}
	// A name is code too, unless digits are strewn over it.
	if run(v, 0, word|dot) == len(v) && !is(v[0], digit) {
		digits, groups := 0, 0
		for i, c := range v {
			if is(c, digit) {
				digits++
				if !is(v[max(i-1, 0)], digit) {
					groups++
				}
			}
		}
		return groups < 3 || digits*8 < len(v) || bytes.IndexByte(v, '.') >= 0 && wordBytes(v)*3 > len(v)
	}
	return false
}

// placeholders are parts of values that stand in for a secret.
var placeholders = []string{
	"example", "changeme", "change_me", "change-me", "placeholder", "your", "xxxx",
	"redacted", "****", "....", "123456789", "abcdefg",
	"${", "{{", "$(", "#{", "%(", "<%", "://", "../",
}

// weakWords are parts of values that are made up for a test. People put them
// in real passwords as well, then with a sign, a digit and a capital.
var weakWords = []string{
	"test", "fake", "mock", "sample", "dummy", "password", "secret", "foobar",
}

// isPlaceholder reports whether an assigned value stands in for a secret, is
// made at run time, or is a path, an address or a named digest.
func isPlaceholder(v []byte) bool {
	switch v[0] {
	case '$', '<', '[', '{', '/', '@', '(':
		// A random value may begin so, but seldom does; a variable, a tag, a
		// list or a path always does.
		return !(v[0] == '/' || v[0] == '@') || wordBytes(v)*3 > len(v)
	case '.', '~':
		if len(v) > 1 && (v[1] == '/' || v[1] == '.') {
			return true
		}
	}
	for _, s := range placeholders {
		if containsFold(v, s) {
			return true
		}
	}
	var seen class
	for _, c := range v {
		seen |= classes[c]
	}
	if seen&upper == 0 || seen&digit == 0 || seen&hard == 0 {
		for _, s := range weakWords {
			if containsFold(v, s) {
				return true
			}
		}
	}
	for _, s := range []string{"sha1", "sha256", "sha384", "sha512", "md5"} {
		if len(v) > len(s) && equalFold(v[:len(s)], s) && bytes.IndexByte([]byte("-:=_"), v[len(s)]) >= 0 {
			return true
		}
	}
	open := bytes.IndexByte(v, '{')
	return open >= 0 && bytes.IndexByte(v[open:], '}') > 0
}
