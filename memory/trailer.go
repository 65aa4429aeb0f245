package memory

import "strings"

// Trailer is a "Key: value" line at the end of a message.
type Trailer struct {
	Key   string // as written
	Value string // continuation lines joined by spaces
}

// parseTrailers reads the trailers of a body: of its last paragraphs, as long
// as they consist of trailers. Unlike git it goes on over a blank line between
// two such paragraphs, because forges write "Fixes: #1" apart from the
// sign-offs.
func parseTrailers(body string) []Trailer {
	start := trailerStart(body)
	var trailers []Trailer
	var more []string // continuation lines of the trailer at hand
	finish := func() {
		if len(more) > 0 {
			t := &trailers[len(trailers)-1]
			t.Value = strings.TrimSpace(t.Value + " " + strings.Join(more, " "))
			more = more[:0]
		}
	}
	for line := range strings.SplitSeq(body[start:], "\n") {
		if key, value, ok := trailerLine(line); ok {
			finish()
			trailers = append(trailers, Trailer{Key: key, Value: value})
		} else if text := strings.TrimSpace(line); len(trailers) > 0 && text != "" && (line[0] == ' ' || line[0] == '\t') {
			more = append(more, text)
		}
	}
	finish()
	return trailers
}

// StripTrailers gives a body, or a whole message, without what tools write for
// tools: the trailers at its end, and sign-offs and the like anywhere (the
// bodies of squashed commits have them in the middle). "Decision:" and
// "Constraint:" stay: they are text. The result has no blank lines at its end.
func StripTrailers(body string) string {
	if strings.IndexByte(body, ':') < 0 && !strings.Contains(body, "(cherry") {
		return strings.TrimRight(body, " \t\n")
	}
	start := trailerStart(body)
	var out strings.Builder
	out.Grow(len(body))
	at, dropped := 0, false
	for at < len(body) {
		end := len(body)
		if n := strings.IndexByte(body[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		line := body[at:end]
		key, _, ok := trailerLine(line)
		switch {
		case ok && reasonTrailer(key):
			dropped = false
		case ok && (at >= start || knownTrailer(key)), pickLine(line):
			dropped = true
		case dropped && (line[0] == ' ' || line[0] == '\t') && at >= start:
			// the continuation of what was dropped
		default:
			dropped = false
		}
		if !dropped {
			out.WriteString(line)
		}
		at = end
	}
	return strings.TrimRight(out.String(), " \t\n")
}

// trailerStart gives the offset where the trailing paragraphs of trailers
// begin, len(body) without any.
func trailerStart(body string) int {
	end := len(strings.TrimRight(body, " \t\n"))
	start := len(body)
	for end > 0 {
		begin := 0
		if n := strings.LastIndex(body[:end], "\n\n"); n >= 0 {
			begin = n + 2
		}
		if !trailerBlock(body[begin:end]) {
			break
		}
		start = begin
		end = len(strings.TrimRight(body[:begin], " \t\n"))
	}
	return start
}

// trailerBlock reports whether a paragraph consists of trailers, by git's
// rule: all of its lines are, or one in four and a known one among them.
// Where no key is known or has a dash, it is prose with a colon.
func trailerBlock(paragraph string) bool {
	trailers, others, known := 0, 0, false
	for line := range strings.SplitSeq(paragraph, "\n") {
		key, _, ok := trailerLine(line)
		switch {
		case ok:
			trailers++
			known = known || knownTrailer(key) || reasonTrailer(key) || strings.IndexByte(key, '-') > 0
		case pickLine(line):
			trailers, known = trailers+1, true
		case trailers > 0 && line != "" && (line[0] == ' ' || line[0] == '\t' || line[0] == '['):
			// continuation, or a maintainer's remark
		case strings.TrimSpace(line) != "":
			others++
		}
	}
	return known && (others == 0 || trailers >= 3*others)
}

// trailerLine takes a line apart that has the shape of a trailer.
func trailerLine(line string) (key, value string, ok bool) {
	n := strings.IndexByte(line, ':')
	if n < 2 || n > 40 {
		return "", "", false
	}
	for i := range n {
		if c := line[i]; c != '-' && (c == '_' || c >= 0x80 || !asciiWord[c]) {
			return "", "", false
		}
	}
	if n+1 < len(line) && line[n+1] != ' ' && line[n+1] != '\t' && line[n+1] != '\n' {
		return "", "", false // a URL, a C++ name
	}
	return line[:n], strings.TrimSpace(line[n+1:]), true
}

// pickLine reports whether git cherry-pick -x wrote the line.
func pickLine(line string) bool { return strings.HasPrefix(line, "(cherry picked from commit ") }

// knownTrailer reports whether a key is one that tools and projects use for
// facts about the commit. Everything that ends in -by is.
func knownTrailer(key string) bool {
	if len(key) > 20 {
		key = key[len(key)-3:]
	}
	var buf [20]byte
	low := buf[:len(key)]
	for i := range len(key) {
		c := key[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		low[i] = c
	}
	if n := len(low); n > 3 && string(low[n-3:]) == "-by" || string(low) == "-by" {
		return true
	}
	_, ok := knownTrailers[string(low)]
	return ok
}

// reasonTrailer reports whether a trailer's value is a reason.
func reasonTrailer(key string) bool {
	return strings.EqualFold(key, "decision") || strings.EqualFold(key, "constraint")
}

// knownTrailers are the keys without "-by" of git's, the kernel's, Gerrit's,
// GitHub's and GitLab's own documentation, and of Go, Chromium and OpenStack.
var knownTrailers = wordSet(`cc bug bugs closes close fixes fix fixed resolves issue
issues link links change-id reviewed-on reviewed-at message-id git-svn-id
commit-queue auto-submit tryjob piperorigin-revid cr-commit-position refs ref
references related related-to see-also upstream-commit depends-on for-issue updates
test-plan differential release-note changelog signed-off co-authored
github-issue github-pr closes-bug partial-bug task-id jira source-link
cherry-picked-from backport-of conflicts git-dch reverts review-url`)
