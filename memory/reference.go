package memory

import "strings"

// maxRefs bounds the references of one message. A message with more is a pasted
// log or a list of a whole release, and says nothing about any of them.
const maxRefs = 256

// references finds what a message points at: each thing once, in the order of
// the text, and a hash with the strongest thing that is said of it. It stops at
// maxRefs.
func references(subject, body string) []Reference {
	s := refScan{}
	s.scan(subject)
	s.scan(body)
	return s.refs
}

type refScan struct{ refs []Reference }

func (s *refScan) add(kind ReferenceKind, value string) {
	for i, r := range s.refs {
		if r.Value != value || (r.Kind == RefIssue) != (kind == RefIssue) {
			continue
		}
		if r.Kind == RefCommit {
			s.refs[i].Kind = kind
		}
		if r.Kind == kind || kind == RefCommit || r.Kind == RefCommit {
			return
		}
	}
	if len(s.refs) >= maxRefs {
		return
	}
	s.refs = append(s.refs, Reference{Kind: kind, Value: value})
}

func (s *refScan) scan(text string) {
	var lastKind ReferenceKind
	lastEnd := 0 // of the hash before
	for i := 0; i < len(text); {
		c := text[i]
		if c == '#' {
			i = s.number(text, i)
			continue
		}
		if c >= 0x80 || !asciiWord[c] {
			i++
			continue
		}
		start := i
		hex, digits, upper := true, 0, 0
		for i < len(text) && text[i] < 0x80 && asciiWord[text[i]] {
			switch c := text[i]; {
			case c >= '0' && c <= '9':
				digits++
			case c >= 'a' && c <= 'f':
			default:
				hex = false
				if c >= 'A' && c <= 'Z' {
					upper++
				}
			}
			i++
		}
		word := text[start:i]
		n := len(word)
		switch {
		case hex && n >= 7 && (n <= 40 || n == 64) && digits > 0 && digits < n:
			if boundedHash(text, start, i) {
				kind := hashKind(text, start, lastKind, lastEnd)
				s.add(kind, word)
				lastKind, lastEnd = kind, i
			}
		case upper >= 2 && upper+digits == n && i+1 < len(text) && text[i] == '-':
			i = s.ticket(text, start, i)
		case word == "github" && strings.HasPrefix(text[i:], ".com/"):
			i = s.link(text, i+len(".com/"))
		}
	}
}

// number reads #123 at text[i], or owner/name#123, and returns where to go on.
func (s *refScan) number(text string, i int) int {
	end := i + 1
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n := end - i - 1
	if n == 0 || n > 7 || text[i+1] == '0' || (end < len(text) && wordByte(text[end])) {
		return end
	}
	if strings.HasPrefix(text[end:], " 0x") || strings.HasPrefix(text[end:], "  0x") {
		return end // a stack trace
	}
	owner := i
	for owner > 0 && (wordByte(text[owner-1]) || text[owner-1] == '-' || text[owner-1] == '.' || text[owner-1] == '/') {
		owner--
	}
	switch prefix := text[owner:i]; {
	case prefix == "":
		if i > 0 && (text[i-1] == '&' || text[i-1] == '#') {
			return end // &#39;
		}
		s.add(RefIssue, text[i+1:end])
	case issuePrefix(prefix):
		s.add(RefIssue, text[i+1:end])
	case strings.Count(prefix, "/") == 1 && !strings.ContainsAny(prefix[:1]+prefix[len(prefix)-1:], "/.-"):
		s.add(RefIssue, text[owner:end]) // another repository's
	}
	return end
}

// issuePrefix reports whether a word glued to #123 only says what it is.
func issuePrefix(word string) bool {
	_, ok := issueWords[strings.ToLower(word)]
	return ok
}

var issueWords = wordSet("gh gh- pr mr issue bug fixes closes")

// ticket reads PROJ-123, GH-123 or CVE-2021-3013, whose letters end at dash,
// and returns where to go on.
func (s *refScan) ticket(text string, start, dash int) int {
	end := dash + 1
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	key := text[start:dash]
	if end == dash+1 || key[0] < 'A' {
		return end
	}
	_, advisory := advisories[key]
	if advisory && end+1 < len(text) && text[end] == '-' {
		more := end + 1
		for more < len(text) && text[more] >= '0' && text[more] <= '9' {
			more++
		}
		if more > end+1 {
			end = more
		}
	}
	if start > 0 && (wordByte(text[start-1]) || text[start-1] == '-' || text[start-1] == '.') {
		return end
	}
	if end < len(text) && (wordByte(text[end]) || text[end] == '-' || text[end] == '.' && end+1 < len(text) && digit(text[end+1])) {
		return end // ISO-8859-1, AES-256-GCM, FOO-1.2
	}
	if _, ok := notTickets[key]; ok || text[dash+1] == '0' || end-dash > 8 && !advisory {
		return end
	}
	if key == "GH" {
		s.add(RefIssue, text[dash+1:end])
	} else {
		s.add(RefIssue, text[start:end])
	}
	return end
}

// link reads owner/name/issues/123 behind github.com/ and returns where to go
// on: behind a link that was read, else at i, so that a hash in it is seen.
func (s *refScan) link(text string, i int) int {
	end := i
	for end < len(text) && text[end] > ' ' && text[end] < 0x7f && text[end] != ')' {
		end++
	}
	parts := strings.SplitN(text[i:end], "/", 5)
	if len(parts) < 4 || parts[0] == "" || parts[1] == "" ||
		(parts[2] != "issues" && parts[2] != "pull" && parts[2] != "pulls") {
		return i
	}
	n := 0
	for n < len(parts[3]) && digit(parts[3][n]) {
		n++
	}
	if n == 0 || n > 7 {
		return i
	}
	s.add(RefIssue, parts[0]+"/"+parts[1]+"#"+parts[3][:n])
	return i + len(parts[0]) + len(parts[1]) + len(parts[2]) + 3 + n
}

// boundedHash reports whether text[start:end] stands alone: no piece of a
// UUID, a version, or the blob names of a quoted diff.
func boundedHash(text string, start, end int) bool {
	if start > 0 {
		switch c := text[start-1]; {
		case c >= 0x80, c == '-', c == '#', c == '$', c == '%', c == '\\', c == '+':
			return false
		case c == '.' && !strings.HasSuffix(text[:start], ".."):
			return false
		}
	}
	if end < len(text) {
		switch c := text[end]; {
		case c >= 0x80, c == '-':
			return false
		case c == '.' && end+1 < len(text) && wordByte(text[end+1]):
			return false
		}
	}
	line := text[strings.LastIndexByte(text[:start], '\n')+1 : start]
	return !strings.HasPrefix(strings.TrimLeft(line, " \t>"), "index ")
}

// hashKind says how a message points at the hash at start. A hash that only a
// comma or an "and" parts from the one before is of the same kind.
func hashKind(text string, start int, lastKind ReferenceKind, lastEnd int) ReferenceKind {
	if lastEnd > 0 && lastKind != RefCommit {
		between := strings.Trim(text[lastEnd:start], " \t\n,&")
		switch strings.ToLower(between) {
		case "", "and", "commit", "and commit":
			return lastKind
		}
	}
	before := strings.TrimRight(text[max(0, start-48):start], " \t\n'\"`(<")
	fields := strings.Fields(strings.ToLower(before))
	n := len(fields)
	if n == 0 {
		return RefCommit
	}
	if n > 1 && strings.Trim(fields[n-1], ":") == "from" && fields[n-2] == "picked" {
		return RefCherryPick
	}
	colon := strings.HasSuffix(fields[n-1], ":")
	last := strings.TrimRight(fields[n-1], ":")
	if (last == "commit" || last == "commits") && n > 1 {
		n--
		last = strings.TrimRight(fields[n-1], ":")
	}
	switch last {
	case "revert", "reverts", "reverted", "reverting":
		return RefReverts
	case "fixes":
		return RefFixes
	case "fix", "fixed":
		if colon {
			return RefFixes
		}
	case "from":
		if n > 2 && fields[n-2] == "picked" && strings.HasSuffix(fields[n-3], "cherry") {
			return RefCherryPick
		}
	}
	return RefCommit
}

func wordByte(c byte) bool { return c < 0x80 && asciiWord[c] }

func digit(c byte) bool { return c >= '0' && c <= '9' }

// advisories are the keys of security advisories that have a year before the
// number: MITRE, Go, RustSec, PyPA, OSV.
var advisories = wordSet("CVE GO RUSTSEC PYSEC OSV DSA DLA")

// notTickets are the standards, encodings, ciphers and licences that look like
// tickets.
var notTickets = wordSet(`UTF UCS SHA ISO IEC RFC HTTP TLS SSL AES DES RSA MD CP CRC
EUC KOI GB BIG TIS IEEE ECMA PEP ANSI ASCII GPL LGPL AGPL MPL BSD MIT EPL CC PKCS
HMAC IPV X86 AMD ARM POSIX BASE LATIN WINDOWS IBM ED EC ECDSA SM USB RS ES PS HS
ID QUIC OAUTH SMB COVID FIPS NIST GMT UTC LF CR RC LTS OEM JIS TOP PHP RIPEMD BLAKE
WCAG ARIA AVX SSE INT UINT FLOAT PART STEP PHASE LEVEL TABLE FIG VERSION V`)
