package redact

import "bytes"

// Where a line stands in a file with PEM armour.
const (
	outside  = iota
	inSecret // in the body of a private key
	inPublic // in the body of a certificate or a public key
)

// Widths of a full line of a PEM body: RFC 7468 and OpenSSH. Other widths are
// not known as a body without their BEGIN line.
const (
	pemWidth     = 64
	opensshWidth = 70
)

// minBodyLine is the fewest base64 characters of the first line of a body.
const minBodyLine = 40

// pem is the state of the PEM machine over the lines of one file. Its zero
// value is ready.
//
// A body is replaced line by line, from a BEGIN line of a private key to its
// END line or to the first line that can't be of a body. A diff may show less
// than that. With the end cut off, the body that is there is replaced. With
// the BEGIN line cut off, the first line of DER or of an OpenSSH key is known by how
// it begins, and all lines of a file with the name of a key. What is left is
// a piece out of the middle of a key in a file of any name: its first full
// line is not known from other base64 and stays; from the second full line of
// the same width on it is replaced. Such a piece out of a certificate is
// replaced too, unless its first line names an attribute of X.509.
type pem struct {
	state uint8
	seen  bool // a line of this body was seen
	short bool // and one shorter than a full line, which is the last
	width int  // of the full bare line before this one; 0 if it was none
	// What the file's name says.
	keyFile  bool // it holds a private key
	certFile bool // it holds a certificate
}

// wants reports whether line must see b although no literal was found in it.
// It is called on every line, so it also forgets the bare line before.
func (p *pem) wants(b []byte) bool {
	if p.state != outside {
		return true
	}
	if len(b) < pemWidth || !isBareWidth(b) {
		p.width = 0
		return false
	}
	return true
}

func isBareWidth(b []byte) bool {
	n := len(bytes.Trim(b, " \t\r\"'`,"))
	return n == pemWidth || n == opensshWidth
}

// line appends to spans what must go from the line b, which stands at base in
// its text, and takes the state on.
func (p *pem) line(b []byte, base int, spans []span) []span {
	rest := 0
	marked := false
	for {
		i := bytes.Index(b[rest:], []byte("-----"))
		if i < 0 {
			break
		}
		i += rest
		tail := b[i+5:]
		private := false
		begin := bytes.HasPrefix(tail, []byte("BEGIN "))
		if !begin && !bytes.HasPrefix(tail, []byte("END ")) {
			rest = i + 1
			continue
		}
		label := bytes.Index(tail, []byte("-----"))
		if label < 0 || label > 80 {
			rest = i + 5
			continue
		}
		private = bytes.Contains(tail[:label], []byte("PRIVATE KEY"))
		// What stands on this line before an END is body, if there is any.
		if !begin && (p.state == inSecret || p.state == outside && private) {
			if s, e := inlineBody(b, rest, i); s < e {
				spans = append(spans, span{start: base + s, end: base + e, rule: pemRule})
			}
		}
		marked = true
		rest = i + 5 + label + 5
		*p = pem{keyFile: p.keyFile, certFile: p.certFile}
		if begin && private {
			p.state = inSecret
		} else if begin {
			p.state = inPublic
		}
	}
	if marked {
		if p.state == inSecret {
			if s, e := inlineBody(b, rest, len(b)); s < e {
				spans = append(spans, span{start: base + s, end: base + e, rule: pemRule})
				p.seen = true
			}
		}
		return spans
	}
	if s, e, ok := p.body(b); ok {
		spans = append(spans, span{start: base + s, end: base + e, rule: pemRule})
	}
	return spans
}

// body reads a line without BEGIN or END and returns what is to go.
func (p *pem) body(b []byte) (start, end int, ok bool) {
	start, end, clean := bodyRun(b)
	n := end - start
	switch p.state {
	case inSecret:
		if clean && p.takes(b[start:end]) {
			if n > 0 {
				p.seen, p.short = true, n < minBodyLine
			}
			return start, end, n > 0
		}
		if !p.seen && isArmourHeader(b) {
			return 0, 0, false
		}
		p.state = outside
	case inPublic:
		if clean {
			return 0, 0, false
		}
		p.state = outside
	}
	line := b[start:end]
	if !clean || n < minBodyLine {
		p.width = 0
		return 0, 0, false
	}
	switch {
	case beginsKey(line):
		p.state, p.seen, p.short = inSecret, true, false
		return start, end, true
	case n == pemWidth && isCertificate(line):
		p.state, p.width = inPublic, 0
		return 0, 0, false
	case p.certFile, n != pemWidth && n != opensshWidth, !isBlob(line):
		p.width = 0
		return 0, 0, false
	case p.keyFile || p.width == n:
		p.state, p.seen, p.short, p.width = inSecret, true, false, 0
		return start, end, true
	}
	p.width = n
	return 0, 0, false
}

// takes reports whether line may be the next of a private key's body: empty,
// long, or short and the last but for a checksum.
func (p *pem) takes(line []byte) bool {
	switch {
	case len(line) == 0:
		return true
	case p.short:
		return line[0] == '='
	}
	return len(line) >= minBodyLine || p.seen
}

// bodyRun returns the longest run of base64 in b. clean is true when there is
// nothing beside it but blanks, quotes, comment signs and escaped line ends.
func bodyRun(b []byte) (start, end int, clean bool) {
	for i := 0; i < len(b); {
		if b[i] == '\\' && i+1 < len(b) && (b[i+1] == 'n' || b[i+1] == 'r') {
			i += 2
			continue
		}
		j := run(b, i, base64Set)
		if j-i > end-start {
			start, end = i, j
		}
		i = max(j, i+1)
	}
	if start == 0 && end > 0 && b[0] == '+' && end%4 == 1 {
		start = 1 // the sign of an added line
	}
	for i := 0; i < len(b); i++ {
		if i == start && end > start {
			i = end - 1
			continue
		}
		if b[i] == '\\' && i+1 < len(b) && (b[i+1] == 'n' || b[i+1] == 'r') {
			i++
			continue
		}
		if bytes.IndexByte([]byte(" \t\r\"'`,;+\\()#/*>|"), b[i]) < 0 {
			return start, end, false
		}
	}
	return start, end, true
}

// inlineBody returns the body in b[from:to] when a key is written on one line
// with its armour, line ends escaped; empty when that is no body.
func inlineBody(b []byte, from, to int) (start, end int) {
	longest := 0
	start, end = to, from
	for i := from; i < to; {
		if b[i] == '\\' && i+1 < to && (b[i+1] == 'n' || b[i+1] == 'r') {
			i += 2
			continue
		}
		j := run(b[:to], i, base64Set)
		if j > i {
			if longest == 0 && j-i < 16 {
				i = j
				continue
			}
			start, end = min(start, i), j
			longest = max(longest, j-i)
		}
		if j == i && (b[i] == '"' || b[i] == '\'' || b[i] == '`') && longest > 0 {
			break
		}
		i = max(j, i+1)
	}
	if longest < 16 {
		return 0, 0
	}
	return start, end
}

// isArmourHeader reports whether b is a header of old PEM or of PGP armour,
// which stand between BEGIN and the body: "DEK-Info: AES-128-CBC,...".
func isArmourHeader(b []byte) bool {
	b = bytes.TrimLeft(b, " \t\"'#")
	i := run(b, 0, upper|lower|dash)
	return i > 0 && i < len(b) && b[i] == ':'
}

// isCertificate reports whether a full line of base64 is of a certificate or a
// public key: it begins as DER does and no private key does, or it holds the
// object identifier of an attribute of a name (2.5.4) in one of the three ways
// that base64 writes it.
func isCertificate(line []byte) bool {
	if bytes.HasPrefix(line, []byte("MII")) {
		return true
	}
	for _, s := range []string{"NVBA", "A1UE", "DVQQ"} {
		if bytes.Contains(line, []byte(s)) {
			return true
		}
	}
	return false
}

// isBlob reports whether line, a run of base64, mixes classes as random bytes
// do: hex and words are no key.
func isBlob(line []byte) bool {
	var seen class
	for _, c := range line {
		seen |= classes[c]
	}
	return seen&upper != 0 && seen&lower != 0 && seen&digit != 0 && mixed(line) && wordBytes(line)*2 < len(line)
}

// keyBodies are the base64 of what the DER of private keys begins with, and of
// OpenSSH's magic: PKCS #8 and PKCS #1 RSA, SEC 1 and PKCS #8 elliptic curves,
// Ed25519, and PKCS #8 under a password.
var keyBodies = []string{
	"IBADANBgkqhkiG9w0BAQEFAASC", "IBAAKCA", "IBAAKBgQ",
	"MHcCAQEEI", "MIGkAgEBBD", "MIHcAgEBBE",
	"MIGHAgEAMBMGByqGSM49AgEG", "MIG2AgEAMBAGByqGSM49AgEG", "MIHuAgEAMBAGByqGSM49AgEG",
	"MC4CAQAwBQYDK2VwBCIEI", "BgkqhkiG9w0BBQ0w",
	"b3BlbnNzaC1rZXktdjEA",
}

// beginsKey reports whether a run of base64 begins with one of keyBodies, after
// the few characters of length that DER may have before.
func beginsKey(line []byte) bool {
	head := line[:min(len(line), 48)]
	for _, s := range keyBodies {
		if i := bytes.Index(head, []byte(s)); i == 0 || i > 0 && i <= 20 && bytes.HasPrefix(line, []byte("MI")) {
			return true
		}
	}
	return false
}

// matchKeyBody matches the run of base64 that begins a private key, also where
// it is written without armour.
func matchKeyBody(b []byte, at, _ int) (int, int) {
	start := runBack(b, at, 20, base64Set)
	if start > 0 && b[start] == '+' {
		start++ // the sign of an added line
	}
	if !boundary(b, start, alnum) {
		return 0, 0
	}
	stop := run(b, start, base64Set)
	if stop-start < minBodyLine || !beginsKey(b[start:stop]) {
		return 0, 0
	}
	return start, stop
}

// pemText appends to spans what the machine finds in the lines of a whole text.
// Here one can look back: a body whose BEGIN line is missing is taken from its
// END line upwards.
func pemText(b []byte, spans []span) []span {
	var p pem
	for start := 0; start < len(b); {
		end := bytes.IndexByte(b[start:], '\n')
		if end < 0 {
			end = len(b)
		} else {
			end += start
		}
		line := b[start:end]
		if endsKey(line) {
			spans = bodyAbove(b, start, spans)
		}
		spans = p.line(line, start, spans)
		start = end + 1
	}
	return spans
}

func endsKey(line []byte) bool {
	return bytes.Contains(line, []byte("PRIVATE KEY")) && bytes.Contains(line, []byte("-----END ")) &&
		!bytes.Contains(line, []byte("-----BEGIN "))
}

// bodyAbove appends the lines of a body that ends before b[end].
func bodyAbove(b []byte, end int, spans []span) []span {
	for end > 0 {
		start := bytes.LastIndexByte(b[:end-1], '\n') + 1
		s, e, clean := bodyRun(b[start : end-1])
		if !clean || e-s < 4 {
			break
		}
		spans = append(spans, span{start: start + s, end: start + e, rule: pemRule})
		end = start
	}
	return spans
}
