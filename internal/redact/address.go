package redact

import "bytes"

// maxAuthority bounds the part of a URL between // and the path, in bytes.
const maxAuthority = 512

// minURLPassword is the fewest bytes of a URL's password that is taken for a
// secret. Shorter ones are examples in tests and documents nearly always.
const minURLPassword = 6

// matchURL matches the password in scheme://user:password@host, and a user
// without a password that is a token. Of several @ the last one ends the
// userinfo, as people forget to escape the one in a password.
func matchURL(b []byte, at, end int) (int, int) {
	if at == 0 || !is(b[at-1], alnum) {
		return 0, 0
	}
	sign, colon, stop := -1, -1, end
	for ; stop < len(b) && stop-end < maxAuthority; stop++ {
		c := b[stop]
		if c <= ' ' || c == '/' || c == '?' || c == '"' || c == '\'' || c == '`' || c == '\\' {
			break
		}
		if c == ':' && colon < 0 {
			colon = stop
		}
		if c == '@' {
			sign = stop
		}
	}
	if sign < 0 || isExampleHost(b[sign+1:stop]) {
		return 0, 0
	}
	if colon < 0 || colon > sign {
		if user := b[end:sign]; len(user) >= 20 && strong(user) && !isPlaceholder(user) {
			return end, sign
		}
		return 0, 0
	}
	user, password := b[end:colon], b[colon+1:sign]
	if len(password) < minURLPassword || bytes.Equal(user, password) || isWord(password) {
		return 0, 0
	}
	return colon + 1, sign
}

// isExampleHost reports whether a host is one of those set aside for documents.
func isExampleHost(host []byte) bool {
	if i := bytes.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	for _, s := range []string{"example.com", "example.org", "example.net", ".example", ".invalid", "foo.com", "bar.com"} {
		if n := len(host) - len(s); n >= 0 && equalFold(host[n:], s) {
			return true
		}
	}
	return false
}

// words are passwords of documents and tests.
var words = []string{
	"password", "passwd", "passw0rd", "passphrase", "secret", "hunter2", "foobar", "barbaz",
	"username", "letmein", "postgres", "redis", "mysql", "mariadb", "rabbitmq", "mongo",
	"token", "access_token", "oauth2", "123456", "1234567", "12345678", "qwerty", "abcdef", "abc123",
	"abcdefg", "server", "pass123", "password1", "password123", "mypass", "mypassword",
	"my-password", "my_password", "db_password", "dbpass", "dbpassword", "userpass", "testpass",
	"x-oauth-basic", "string", "api_key", "apikey", "api-key", "key", "pswd", "credentials", "sesame",
	"opensesame", "open sesame",
}

// isWord reports whether a password of a URL or a header is a placeholder, a
// variable or a word of documents.
func isWord(v []byte) bool {
	if len(v) == 0 || allOf(v, "xX*.-_#") {
		return true
	}
	switch v[0] {
	case '$', '<', '{', '[', '(':
		return true
	case '%':
		if len(v) < 3 || !is(v[1], upperHex|lowerHex) || string(v[:2]) == "%s" || string(v[:2]) == "%v" {
			return true
		}
	}
	for _, s := range words {
		if len(v) == len(s) && equalFold(v, s) {
			return true
		}
	}
	for _, s := range []string{"example", "changeme", "change_me", "change-me", "placeholder", "your", "xxxx", "redacted", "****", "....", "${", "{{", "$(", "#{", "%s", "%v", "test"} {
		if containsFold(v, s) {
			return true
		}
	}
	return false
}
