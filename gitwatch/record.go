package gitwatch

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/memd-dev/memd/memory"
)

// commitFormat is the header of one commit on a stream of diff-tree: fields
// that end in NUL, so that no message can forge one. Git itself turns messages
// into UTF-8.
const commitFormat = "%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B%x00"

// Limits of one commit. What is beyond is left out, the commit is marked, and
// the next one is mined.
const (
	maxMessageBytes = 64 << 10
	maxPersonBytes  = 256
	maxParentBytes  = 1 << 20 // of their ids
	maxPathBytes    = 4096    // Linux can't check out longer ones
	maxDiffBytes    = 2 << 20 // of one commit; beyond it ranges are kept, words and line hashes not
	maxDiffFiles    = 500     // of one commit; beyond it names are kept, hunks not
	maxLineBytes    = 4096    // of a line that is read for words; hashes cover it all
	maxStreamLine   = 1 << 20 // git does not diff files that could hold a longer one
	cutMargin       = 1 << 10 // read for secrets behind where a text is cut
)

// Reasons for which hunks are missing. They are shown to people.
const (
	skippedMissing = "missing object"
	skippedLarge   = "diff over 2 MB"
	skippedMany    = "more than 500 files"
	skippedStalled = "git took too long"
)

// header reads the fields of commitFormat into a commit.
func (p *recordReader) header() (*memory.Commit, error) {
	var f [9][]byte
	c := &memory.Commit{}
	for i := range f {
		limit := maxPersonBytes
		switch i {
		case 1:
			limit = maxParentBytes
		case 8:
			limit = maxMessageBytes + cutMargin
		}
		field, cut, err := p.in.until(0, limit)
		if err != nil {
			return nil, err
		}
		switch i {
		case 0:
			c.ID = string(field)
		case 1:
			if cut { // inside an id
				field = field[:max(0, bytes.LastIndexByte(field, ' '))]
			}
			if len(field) > 0 {
				c.Parents = strings.Split(string(field), " ")
			}
		case 2:
			c.Author.Name = p.line(field)
		case 3:
			c.Author.Email = p.line(field)
		case 4:
			c.Authored = seconds(field)
		case 5:
			c.Committer.Name = p.line(field)
		case 6:
			c.Committer.Email = p.line(field)
		case 7:
			c.Committed = seconds(field)
		case 8:
			p.message(c, field)
		}
	}
	if !isHex(c.ID) {
		return nil, fmt.Errorf("stream of git: %q stands where a commit id should", clip(c.ID))
	}
	return c, nil
}

// message cleans, redacts and reads a commit's message.
func (p *recordReader) message(c *memory.Commit, raw []byte) {
	if len(raw) > memory.MaxLine {
		raw, _ = p.redact.Bytes(raw) // before lines are cut: half a secret looks like none
	}
	text, _ := memory.Clean(raw, maxMessageBytes)
	text = p.redact.Text(text)
	if len(raw) > maxMessageBytes {
		text += "\n\n[…]"
	}
	if p.rewrite != nil {
		text = p.rewrite(text)
	}
	m := memory.ParseMessage(text)
	c.Subject, c.Body, c.Refs, c.Flags = m.Subject, m.Body, m.Refs, m.Flags
	if len(c.Parents) > 1 {
		c.Flags |= memory.FlagMerge
	}
	if memory.BotAuthor(c.Author.Name, c.Author.Email) {
		c.Flags |= memory.FlagBot
	}
}

// line cleans and redacts a name.
func (p *recordReader) line(b []byte) string {
	s, _ := memory.CleanLine(b, maxPersonBytes)
	return p.redact.Text(s)
}

// seconds reads a time. Broken commits have times outside any calendar; those
// become 0, so that no answer shows a year of eleven digits.
func seconds(b []byte) int64 {
	v, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || v < 0 || v > time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC).Unix() {
		return 0
	}
	return v
}

// rawEntry is one record of --raw -z: one changed path, or with -c one path of
// a merge with the blob of each parent.
type rawEntry struct {
	modes  []string // one per parent, then the result
	blobs  []string // the same; "" where the path does not exist
	status string   // one letter per parent; a score may follow for one parent
	paths  [][]byte // one, or old and new for renames and copies
}

// rawEntries reads the records of one commit; the stream stands before the
// first one.
func (p *recordReader) rawEntries() ([]rawEntry, error) {
	var list []rawEntry
	for p.in.has(":") {
		e, err := p.rawEntry()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func (p *recordReader) rawEntry() (rawEntry, error) {
	var e rawEntry
	head, cut, err := p.in.until(0, 1<<20)
	if err != nil {
		return e, err
	}
	colons := 0
	for colons < len(head) && head[colons] == ':' {
		colons++
	}
	fields := strings.Split(string(head[colons:]), " ")
	if cut || len(fields) != 2*(colons+1)+1 || fields[2*colons+2] == "" {
		return e, fmt.Errorf("stream of git: raw record %q", clip(string(head)))
	}
	e.modes = fields[:colons+1]
	e.blobs = fields[colons+1 : 2*colons+2]
	for i, b := range e.blobs {
		if strings.Trim(b, "0") == "" {
			e.blobs[i] = ""
		}
	}
	e.status = fields[2*colons+2]
	n := 1
	if colons == 1 && (e.status[0] == 'R' || e.status[0] == 'C') {
		n = 2
	}
	for range n {
		path, cut, err := p.in.until(0, maxPathBytes)
		if err != nil {
			return e, err
		}
		if cut {
			return e, fmt.Errorf("stream of git: path of more than %d bytes", maxPathBytes)
		}
		e.paths = append(e.paths, append([]byte(nil), path...))
	}
	return e, nil
}

// change turns a record of an ordinary commit into a change without hunks.
func (e rawEntry) change() memory.Change {
	c := memory.Change{
		Path:    e.paths[len(e.paths)-1],
		Status:  memory.ChangeStatus(e.status[0]),
		OldBlob: e.blobs[0],
		NewBlob: e.blobs[1],
	}
	if len(e.paths) == 2 {
		c.OldPath = e.paths[0]
	}
	c.Class = ClassOf(c.Path)
	if link(e.modes[0]) || link(e.modes[1]) {
		c.Class = memory.ClassLink
	}
	return c
}

// link reports modes that are no files: symbolic links and submodules.
func link(mode string) bool { return mode == "120000" || mode == "160000" }

func isHex(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func clip(s string) string {
	if len(s) > 80 {
		s = s[:80] + "…"
	}
	return s
}
