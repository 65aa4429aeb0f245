package redact

import "bytes"

// token is the shape of a secret that begins with its literal.
type token struct {
	body   class // what follows the literal
	min    int   // bytes of the body
	max    int   // likewise; 0 means any number. A longer run is no match.
	before class // what may not stand before the literal or after the body
	random bool  // the body must look random: the literal alone says little
	digits bool  // the body must hold a digit
	tail   bool  // only the body is the secret
}

func (t token) match(b []byte, at, end int) (int, int) {
	if !boundary(b, at, t.before) {
		return 0, 0
	}
	stop := run(b, end, t.body)
	if stop < len(b) && is(b[stop], t.before) {
		return 0, 0
	}
	for stop > end && b[stop-1] == '.' { // the end of a sentence
		stop--
	}
	body := b[end:stop]
	if len(body) < t.min || t.max > 0 && len(body) > t.max || standsIn(body) {
		return 0, 0
	}
	if t.random && !mixed(body) {
		return 0, 0
	}
	if t.digits && !bytes.ContainsAny(body, "0123456789") {
		return 0, 0
	}
	if t.tail {
		return end, stop
	}
	return at, stop
}

// mixed reports whether b holds digits among letters, in two places at least,
// as random tokens do and names do not.
func mixed(b []byte) bool {
	letters, groups := 0, 0
	for i, c := range b {
		switch {
		case is(c, upper|lower):
			letters++
		case is(c, digit) && (i == 0 || !is(b[i-1], digit)):
			groups++
		}
	}
	return letters > 0 && groups >= 2
}

// standsIn reports whether the body of a token is a placeholder of
// documentation.
func standsIn(body []byte) bool {
	if allOf(body, "xX*.-_0") {
		return true
	}
	for _, s := range []string{"example", "placeholder", "your", "xxxxx", "redacted"} {
		if containsFold(body, s) {
			return true
		}
	}
	return false
}

func allOf(b []byte, set string) bool {
	for _, c := range b {
		if bytes.IndexByte([]byte(set), c) < 0 {
			return false
		}
	}
	return true
}

// containsFold reports whether b contains text, which is in lower case, in any
// case.
func containsFold(b []byte, text string) bool {
	for i := 0; i+len(text) <= len(b); i++ {
		if b[i]|0x20 == text[0]|0x20 && equalFold(b[i:i+len(text)], text) {
			return true
		}
	}
	return false
}

// withHexDigit returns the prefix with each lower-case hex digit behind it, for
// prefixes that are shorter than a trigram.
func withHexDigit(prefix string) []string {
	var all []string
	for _, c := range "0123456789abcdef" {
		all = append(all, prefix+string(c))
	}
	return all
}

// matchAzureClient matches a client secret of Entra ID: three characters, a
// digit and Q~, 31 to 34 more.
func matchAzureClient(b []byte, at, end int) (int, int) {
	const set = urlSafe | dot | hard
	start, stop := runBack(b, at, 4, set), run(b, end, set)
	if at-start != 3 || stop-end < 31 || stop-end > 34 || !mixed(b[start:stop]) {
		return 0, 0
	}
	return start, stop
}

// matchFirebase matches a server key of cloud messaging: 11 characters, the
// literal, 134 more.
func matchFirebase(b []byte, at, end int) (int, int) {
	start, stop := runBack(b, at, 12, urlSafe), run(b, end, urlSafe)
	if at-start < 11 || stop-end < 100 {
		return 0, 0
	}
	return start, stop
}

// matchTerraform matches a token of HCP Terraform: 14 characters, the literal,
// 60 or more.
func matchTerraform(b []byte, at, end int) (int, int) {
	start, stop := runBack(b, at, 14, alnum), run(b, end, urlSafe|equals)
	if at-start < 14 || stop-end < 60 {
		return 0, 0
	}
	return start, stop
}

// discordStarts returns the first three characters of all bot tokens: they are
// base64 of an account's number, so of two decimal digits and a bit of a third.
func discordStarts() []string {
	const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var all []string
	for first := byte('1'); first <= '9'; first++ {
		for second := byte('0'); second <= '9'; second++ {
			all = append(all, string([]byte{
				base64[first>>2],
				base64[first&3<<4|second>>4],
				base64[second&15<<2],
			}))
		}
	}
	return all
}

// matchDiscord matches a bot token: the account's number, a time and a
// signature, joined by dots.
func matchDiscord(b []byte, at, _ int) (int, int) {
	if !boundary(b, at, urlSafe|dot) {
		return 0, 0
	}
	id := run(b[:min(len(b), at+32)], at, alnum)
	if id-at < 23 || id-at > 28 || id+7 >= len(b) || b[id] != '.' {
		return 0, 0
	}
	date := run(b[:id+8], id+1, urlSafe)
	if date != id+7 || b[date] != '.' {
		return 0, 0
	}
	stop := run(b, date+1, urlSafe)
	if n := stop - date - 1; n < 27 || n > 40 {
		return 0, 0
	}
	return at, stop
}

// matchTelegram matches a bot token: the bot's number before the colon, 35
// characters after it, of which the first two are AA.
func matchTelegram(b []byte, at, end int) (int, int) {
	start, stop := runBack(b, at, 11, digit), run(b, end, urlSafe)
	if n := at - start; n < 8 || n > 10 {
		return 0, 0
	}
	if n := stop - end; n < 32 || n > 34 {
		return 0, 0
	}
	if !boundary(b, start, urlSafe) && !bytes.HasSuffix(b[:start], []byte("/bot")) {
		return 0, 0
	}
	return start, stop
}

// matchSendGrid matches SG., 22 characters, a dot and 43 characters.
func matchSendGrid(b []byte, at, end int) (int, int) {
	if !boundary(b, at, urlSafe) {
		return 0, 0
	}
	id := run(b, end, urlSafe)
	if n := id - end; n < 16 || n > 32 || id == len(b) || b[id] != '.' {
		return 0, 0
	}
	stop := run(b, id+1, urlSafe)
	if n := stop - id - 1; n < 32 || n > 64 || standsIn(b[end:stop]) {
		return 0, 0
	}
	return at, stop
}

// matchMailchimp matches 32 hex digits, the literal and the number of a data
// centre.
func matchMailchimp(b []byte, at, end int) (int, int) {
	start, stop := runBack(b, at, 33, lowerHex), run(b, end, digit)
	if at-start != 32 || stop == end || stop-end > 2 || !boundary(b, start, word) || stop < len(b) && is(b[stop], word) {
		return 0, 0
	}
	return start, stop
}

// matchJWT matches a signed JSON Web Token. Its header and its claims are JSON
// objects, so both begin with eyJ. The token that jwt.io shows is no secret.
func matchJWT(b []byte, at, _ int) (int, int) {
	if !boundary(b, at, urlSafe|dot) {
		return 0, 0
	}
	head := run(b, at, urlSafe)
	if head-at < 12 || head+4 > len(b) || string(b[head:head+4]) != ".eyJ" {
		return 0, 0
	}
	claims := run(b, head+1, urlSafe)
	if claims == len(b) || b[claims] != '.' {
		return 0, 0
	}
	stop := run(b, claims+1, urlSafe)
	if stop-claims < 17 || bytes.HasPrefix(b[head+1:claims], []byte("eyJzdWIiOiIxMjM0NTY3ODkw")) {
		return 0, 0
	}
	return at, stop
}
