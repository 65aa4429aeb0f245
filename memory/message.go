package memory

import "strings"

// Message is what a commit message says, taken apart.
type Message struct {
	Subject  string      // the first paragraph on one line, as git's %s has it
	Body     string      // the rest, without blank lines at either end; trailers included
	Trailers []Trailer   // in their order; nil without any
	Refs     []Reference // each once, in the order of the text; nil without any
	Flags    Flags       // of FlagRevert, FlagFixup, FlagFix and FlagRelease those that it says
}

// ParseMessage reads a commit message that Clean has cleaned. It takes any
// text and never fails; an empty message gives a zero Message.
func ParseMessage(raw string) Message {
	subject, body := cutSubject(raw)
	m := Message{
		Subject:  subject,
		Body:     body,
		Trailers: parseTrailers(body),
		Refs:     references(subject, body),
	}
	m.Flags = messageFlags(m.Subject, m.Body, m.Refs)
	return m
}

// cutSubject divides a message as git does: blank lines in front are skipped,
// and the subject goes up to the first blank line, its lines joined by spaces.
func cutSubject(raw string) (subject, body string) {
	rest := raw
	var lines []string
	for rest != "" {
		line, after, _ := strings.Cut(rest, "\n")
		line = strings.TrimSpace(line)
		if line == "" && len(lines) > 0 {
			break
		}
		rest = after
		if line != "" {
			lines = append(lines, line)
		}
	}
	switch len(lines) {
	case 0:
		return "", ""
	case 1:
		subject = lines[0]
	default:
		subject = strings.Join(lines, " ")
	}
	return subject, trimBlank(rest)
}

// trimBlank takes blank lines off both ends and keeps the first line's indent.
func trimBlank(s string) string {
	s = strings.TrimRight(s, " \t\n")
	for {
		line, after, more := strings.Cut(s, "\n")
		if !more || strings.TrimSpace(line) != "" {
			return s
		}
		s = after
	}
}
