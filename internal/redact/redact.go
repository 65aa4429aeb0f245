// Package redact takes secrets out of text before it is stored, indexed,
// logged or sent. Those four places call this package and nothing else does
// the work, so a rule that is added here holds everywhere.
//
// A secret becomes a mark, <secret:kind#h4>. The kind is the name of the rule
// (see [Kinds]); h4 is four hex digits of an HMAC-SHA256 of the secret under
// the machine's own key, so two places that held the same secret can still be
// seen to be the same, and nobody without the key can test a guess. With
// 65,536 values two different secrets share an h4 now and then: it is an aid
// to the eye, not an identity.
//
//	r := redact.New(key)
//	clean := r.Text(message)      // one text
//	f := r.File("deploy/id_rsa")  // the added lines of one file's diff
//	for _, line := range lines {
//		line, found = f.Line(line)
//	}
//
// # What is found
//
//   - Tokens with a prefix or a shape of their own: cloud, forge, chat, payment,
//     registry and model vendors' keys, JSON Web Tokens, web hooks.
//   - The password of a URL's userinfo, the value of an Authorization header,
//     the auth of a Docker configuration. Only the secret part is replaced.
//   - Private keys in PEM armour and the bare base64 of one, line by line, so
//     that the number of lines of a text never changes. Certificates and
//     public keys stay.
//   - What a keyword such as password, secret, token or api_key is assigned,
//     if the value looks random: at least 12 characters of mixed classes. Not in
//     lock and sum files, which are full of random values that are no secrets.
//
// Placeholders stay: example, changeme, xxxx, <token>, ${TOKEN}, {{ token }}.
//
// # What is not found
//
// A weak password in an assignment ("hunter2"), a passphrase of words, a
// password under a name that is no keyword, an argument of a call, an assigned
// value with a backslash or a blank in it, a UUID used as a key, a URL password
// of fewer than six characters, and a secret that is cut in two by a line break
// (other than a PEM body). A text in UTF-16, or a secret encoded once more in
// base64, passes too.
//
// # Promises
//
// Redaction is idempotent: a redacted text comes back as it is. A clean text
// comes back itself, without an allocation. A [Redactor] may be used by many
// goroutines at once, a [File] by one at a time. Time is linear in the text.
package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"unsafe"
)

// maxRounds bounds how often a text is searched again after something was
// found: a mark is a boundary where letters were before, so a neighbour can
// become visible. Two rounds end everything but a text made to be hostile.
const maxRounds = 16

// Redactor replaces secrets by marks. Make one with [New]; it never changes
// afterwards.
type Redactor struct {
	key    []byte
	filter *prefilter
}

// New returns a Redactor whose marks are keyed with key, which is copied. Marks
// of different keys can't be compared.
func New(key []byte) *Redactor {
	return &Redactor{key: slices.Clone(key), filter: sharedFilter()}
}

// Text returns s with every secret replaced by a mark, or s itself when there
// is none. The number of lines stays the same.
func (r *Redactor) Text(s string) string {
	// The bytes of s are only read: Bytes writes into a slice of its own.
	out, found := r.Bytes(unsafe.Slice(unsafe.StringData(s), len(s)))
	if !found {
		return s
	}
	return string(out)
}

// Bytes is [Redactor.Text] for bytes: it returns b itself and false when
// nothing was found, else a new slice and true. It never writes into b.
func (r *Redactor) Bytes(b []byte) ([]byte, bool) {
	return r.rounds(b, true, nil)
}

// rounds redacts b until nothing more is found. p is the state of the file
// that b is a line of; nil when b is a whole text.
func (r *Redactor) rounds(b []byte, assignments bool, p *pem) ([]byte, bool) {
	var buf [4]span // most texts with a secret have one
	found := false
	for round := range maxRounds {
		spans, armour := r.filter.find(b, assignments, buf[:0])
		switch {
		case p == nil && armour:
			spans = pemText(b, spans)
		case p != nil && round == 0 && (armour || p.wants(b)):
			spans = p.line(b, 0, spans)
		}
		if len(spans) == 0 {
			break
		}
		spans = settle(b, spans)
		if len(spans) == 0 {
			break
		}
		b = r.replace(b, spans)
		found = true
	}
	return b, found
}

// replace returns b with each span replaced by its mark.
func (r *Redactor) replace(b []byte, spans []span) []byte {
	out := make([]byte, 0, len(b)+len(spans)*16)
	mac := hmac.New(sha256.New, r.key)
	var sum [sha256.Size]byte
	at := 0
	for _, s := range spans {
		mac.Reset()
		mac.Write(b[s.start:s.end])
		h := mac.Sum(sum[:0])
		out = append(out, b[at:s.start]...)
		out = append(out, markOpen...)
		out = append(out, rules[s.rule].kind...)
		out = append(out, '#')
		out = hex.AppendEncode(out, h[:2])
		out = append(out, '>')
		at = s.end
	}
	return append(out, b[at:]...)
}

// Kinds lists the names of all rules, sorted, each once. It is a new slice.
func Kinds() []string {
	var kinds []string
	for i := range rules {
		kinds = append(kinds, rules[i].kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
