package memory

import "strings"

// proseBlocks yields the paragraphs and list items of a commit's body, each on
// one line, without what is quoted in it: code, diffs, logs, lists of files.
func proseBlocks(body string, yield func(block string)) {
	var block []byte
	item := -1 // indent of the list item at hand, -1 in a paragraph
	fenced := false
	flush := func() {
		if len(block) > 0 {
			yield(string(block))
			block = block[:0]
		}
	}
	base := commonIndent(body)
	for line := range strings.SplitSeq(body, "\n") {
		indent := indentOf(line) - base
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~") {
			fenced = !fenced
			flush()
			continue
		}
		if line == "" {
			flush()
			continue
		}
		if text, ok := cutBullet(line); ok && !fenced && indent < 8 {
			flush()
			item = indent
			block = append(block, text...)
			continue
		}
		if item >= 0 && indent <= item && len(block) == 0 {
			item = -1
		}
		quoted := indent >= 4 && (item < 0 || indent >= item+8)
		if fenced || quoted || quotedLine(line) {
			flush()
			continue
		}
		if len(block) > 0 {
			block = append(block, ' ')
		} else if item >= 0 && indent == 0 {
			item = -1
		}
		block = appendFields(block, line)
	}
	flush()
}

// appendFields appends a line with its runs of white space made one space.
func appendFields(b []byte, line string) []byte {
	if strings.IndexByte(line, '\t') < 0 && !strings.Contains(line, "  ") {
		return append(b, line...)
	}
	first := true
	for f := range strings.FieldsSeq(line) {
		if !first {
			b = append(b, ' ')
		}
		first = false
		b = append(b, f...)
	}
	return b
}

// commonIndent is the indent that all lines have.
func commonIndent(body string) int {
	least := -1
	for line := range strings.SplitSeq(body, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if n := indentOf(line); least < 0 || n < least {
			least = n
		}
		if least == 0 {
			return 0
		}
	}
	return max(least, 0)
}

func indentOf(line string) int {
	n := 0
	for i := range len(line) {
		switch line[i] {
		case ' ':
			n++
		case '\t':
			n += 8
		default:
			return n
		}
	}
	return n
}

// cutBullet takes the bullet or the number off a list item.
func cutBullet(line string) (string, bool) {
	for _, b := range []string{"- ", "* ", "+ ", "• ", "– ", "o "} {
		if text, ok := strings.CutPrefix(line, b); ok {
			return strings.TrimSpace(text), true
		}
	}
	n := 0
	for n < len(line) && n < 3 && digit(line[n]) {
		n++
	}
	if n > 0 && n+1 < len(line) && (line[n] == '.' || line[n] == ')') && line[n+1] == ' ' {
		return strings.TrimSpace(line[n+2:]), true
	}
	return "", false
}

// quotedLine reports whether a line is taken from a diff, a log, a shell, a
// mail or a list of files.
func quotedLine(line string) bool {
	switch line[0] {
	case '>', '|', '$', '@', '<', '{', '}', '%':
		return true
	case '+', '-':
		return true // a bullet would have a space
	case '#':
		return len(line) < 2 || line[1] == ' ' || line[1] == '#'
	}
	if strings.IndexByte(line, ' ') < 0 {
		return strings.ContainsAny(line, "/\\=(){}") // a path, a URL, a call
	}
	for _, p := range []string{"diff --git ", "index ", "Conflicts:", "goroutine ", "panic: ", "Traceback ",
		"File \"", "at org.", "at java.", "at com.", "Author: ", "Date: ", "Subject: ", "From: ", "==", "Binary files "} {
		if strings.HasPrefix(line, p) {
			return true
		}
	}
	return false
}
