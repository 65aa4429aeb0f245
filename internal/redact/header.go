package redact

import (
	"bytes"
	"encoding/base64"
)

// matchAuthorization matches the credentials of an Authorization header, in
// the header itself, in curl's -H, in a map or in a call that sets it.
func matchAuthorization(b []byte, _, end int) (int, int) {
	i := end
	for i < len(b) && i-end < 12 && (is(b[i], blank) || bytes.IndexByte([]byte("\"'`\\])(:=,>{["), b[i]) >= 0) {
		i++
	}
	if i == end {
		return 0, 0
	}
	scheme := run(b, i, upper|lower)
	value := run(b, scheme, blank)
	if value == scheme {
		return 0, 0
	}
	switch name := b[i:scheme]; {
	case isFold(name, "bearer"), isFold(name, "token"), isFold(name, "apikey"), isFold(name, "negotiate"), isFold(name, "pve"):
		return bearer(b, value)
	case isFold(name, "basic"):
		stop := run(b, value, urlSafe|base64Set)
		if isBasic(b[value:stop]) {
			return value, stop
		}
	}
	return 0, 0
}

// matchBearer matches a bearer token outside of a header.
func matchBearer(b []byte, at, end int) (int, int) {
	if !boundary(b, at, word) {
		return 0, 0
	}
	value := run(b, end, blank)
	if stop := run(b, value, urlSafe|base64Set|dot|hard); stop-value < 20 || !mixed(b[value:stop]) {
		return 0, 0
	}
	return bearer(b, value)
}

// bearer matches the token at i. A word, a variable and a call stay.
func bearer(b []byte, i int) (int, int) {
	stop := run(b, i, urlSafe|base64Set|dot|hard)
	v := bytes.TrimRight(b[i:stop], ".!?*,")
	if len(v) < 8 || isWord(v) || isPlaceholder(v) {
		return 0, 0
	}
	if stop < len(b) && (b[stop] == '(' || b[stop] == '{' || b[stop] == '[' || b[stop] == '<') {
		return 0, 0
	}
	var uppers, lowers, digits int
	for _, c := range v {
		switch {
		case is(c, upper):
			uppers++
		case is(c, lower):
			lowers++
		case is(c, digit):
			digits++
		}
	}
	letters := uppers + lowers
	switch {
	case letters == 0 || isCode(v):
		return 0, 0
	case digits >= 2 && wordBytes(v)*2 <= len(v):
	case uppers > 1 && lowers > 1 && len(v) >= 20 && wordBytes(v)*2 <= len(v):
	case digits >= 4 && len(v) >= 16:
	default:
		return 0, 0
	}
	return i, i + len(v)
}

// matchDockerAuth matches the auth of a registry in a Docker configuration:
// base64 of user:password.
func matchDockerAuth(b []byte, _, end int) (int, int) {
	i := run(b, end, blank)
	if i >= len(b) || b[i] != ':' {
		return 0, 0
	}
	i = run(b, i+1, blank)
	if i >= len(b) || b[i] != '"' {
		return 0, 0
	}
	i++
	if stop := run(b, i, base64Set); stop < len(b) && b[stop] == '"' && isBasic(b[i:stop]) {
		return i, stop
	}
	return 0, 0
}

// isBasic reports whether v is base64 of user:password with a password that is
// no placeholder.
func isBasic(v []byte) bool {
	v = bytes.TrimRight(v, "=")
	if len(v) < 8 || len(v) > maxValue {
		return false
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(v)))
	n, err := base64.RawStdEncoding.Decode(out, v)
	if err != nil {
		return false
	}
	user, password, ok := bytes.Cut(out[:n], []byte(":"))
	if !ok || len(password) < minURLPassword || bytes.Equal(user, password) || isWord(password) {
		return false
	}
	for _, c := range out[:n] {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

func isFold(b []byte, text string) bool { return len(b) == len(text) && equalFold(b, text) }
