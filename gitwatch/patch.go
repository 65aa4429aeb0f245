package gitwatch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strings"

	"github.com/memd-dev/memd/internal/redact"
	"github.com/memd-dev/memd/memory"
)

// recordReader reads commits from a stream of
//
//	git diff-tree --stdin -r --root --raw -p -M -C -U0 -z --full-index --format=…
//
// one at a time, in the order of the stream. The raw records give paths as
// bytes and whole blob ids; patch sections follow in the same order. Lengths
// in hunk headers tell lines of a file from what git says, so nothing inside a
// file can end a commit.
type recordReader struct {
	in       *scanner
	redact   *redact.Redactor
	document *memory.DocumentBuilder
	side     [2]side // removed, added
	patch    hash.Hash
	diffed   int // bytes of diff of this commit

	rewrite func(string) string    // of messages, for evaluations; may be nil
	skip    func(path []byte) bool // paths whose words stay out; may be nil
	quiet   bool                   // this file's words stay out
	word    func([]byte)
	hashes  []uint32 // of this commit; hunks hold slices of it
}

// side is what is known of the removed or the added lines of one hunk.
type side struct {
	secrets *redact.File
	scope   Scope
	comment memory.CommentBlock
	pending bool   // comment holds lines
	text    uint64 // hash of all that is not white space
}

func newRecordReader(r io.Reader, red *redact.Redactor) *recordReader {
	p := &recordReader{in: newScanner(r), redact: red, document: memory.NewDocumentBuilder(), patch: sha256.New()}
	for i := range p.side {
		p.side[i].secrets = red.File("")
	}
	p.word = p.document.Identifier
	return p
}

// next gives the next commit, or io.EOF at the end of the stream. Any other
// error means that the stream broke off inside a commit.
func (p *recordReader) next() (*memory.Commit, error) {
	if err := p.atCommit(); err != nil {
		return nil, err
	}
	c, err := p.header()
	if err != nil {
		return nil, err
	}
	p.begin(c)
	p.gap()
	raw, err := p.rawEntries()
	if err != nil {
		return nil, err
	}
	if len(raw) == 0 {
		return p.finish(c), nil
	}
	if !p.in.has("\x00") {
		return nil, unexpected(io.EOF)
	}
	p.in.skip(1)
	formatted := true
	for i, e := range raw {
		ch := e.change()
		if i >= maxDiffFiles && ch.Skipped == "" && !ch.Class.NamesOnly() {
			ch.Skipped = skippedMany
		}
		layout, err := p.sections(e, &ch)
		if err != nil {
			return nil, err
		}
		formatted = formatted && layout
		if ch.Skipped != "" {
			c.Skipped = ch.Skipped
		}
		p.document.Path(memory.DisplayPath(ch.Path))
		c.Changes = append(c.Changes, ch)
	}
	if formatted {
		c.Flags |= memory.FlagFormatting
	}
	c.PatchID = hex.EncodeToString(p.patch.Sum(nil)[:16])
	return p.finish(c), nil
}

// atCommit gives io.EOF where the stream ends before another commit.
func (p *recordReader) atCommit() error {
	if p.in.more() {
		return nil
	}
	return p.in.err
}

// gap skips what git puts between a header and its records: NUL and newline,
// more or fewer by kind of commit. Neither begins a record or a header.
func (p *recordReader) gap() {
	for p.in.has("\x00") || p.in.has("\n") {
		p.in.skip(1)
	}
}

func (p *recordReader) begin(c *memory.Commit) {
	p.document.Reset()
	p.document.Message(c.Subject + "\n\n" + memory.StripTrailers(c.Body))
	p.patch.Reset()
	p.diffed = 0
	p.hashes = nil
	for i := range p.side {
		if s := &p.side[i]; s.pending { // the stream broke off inside a comment
			s.comment, s.pending = memory.CommentBlock{}, false
		}
	}
}

func (p *recordReader) finish(c *memory.Commit) *memory.Commit {
	c.Document = p.document.Build()
	return c
}

// sections reads the patch of one raw record. layout is true when only white
// space changed. A change of type prints two sections, a removal and an
// addition.
func (p *recordReader) sections(e rawEntry, ch *memory.Change) (layout bool, err error) {
	fmt.Fprintf(p.patch, "%s\x00%s\x00%c%s%s\x00", ch.Path, ch.OldPath, ch.Status, e.modes[0], e.modes[1])
	if ch.Class.NamesOnly() {
		fmt.Fprintf(p.patch, "%s%s", ch.OldBlob, ch.NewBlob)
	}
	n := 1
	if ch.Status == memory.TypeChanged {
		n = 2
	}
	layout = ch.Status == memory.Modified
	for range n {
		if !p.in.has("diff --git ") {
			return false, unexpected(io.EOF)
		}
		same, err := p.section(ch)
		if err != nil {
			return false, err
		}
		layout = layout && same
	}
	if ch.Class.NamesOnly() { // a line may have said that the file is generated
		ch.Hunks, ch.Reasons = nil, nil
	}
	ch.Lazy = traceable(ch)
	return layout, nil
}

// traceable reports changes whose hunks are left out though the two blobs may
// be texts: lock and generated files, files over core.bigFileThreshold, commits
// of very many files. The line trace makes them on first use.
func traceable(ch *memory.Change) bool {
	left := ch.Class.NamesOnly() || ch.Skipped == skippedMany
	by := ClassOf(ch.Path)
	return left && ch.Class != memory.ClassLink && by != memory.ClassBinary && ch.OldBlob != "" && ch.NewBlob != "" && ch.OldBlob != ch.NewBlob
}

// section reads "diff --git" with its extended header and its hunks.
func (p *recordReader) section(ch *memory.Change) (layout bool, err error) {
	lang := LanguageOf(ch.Path)
	p.quiet = p.skip != nil && p.skip(ch.Path)
	for i := range p.side {
		path := string(ch.Path)
		if i == 0 && len(ch.OldPath) > 0 {
			path = string(ch.OldPath)
		}
		p.side[i].secrets.Reset(path)
	}
	if _, _, err := p.in.until('\n', maxStreamLine); err != nil {
		return false, err
	}
	for p.extended() {
		line, _, err := p.in.until('\n', maxStreamLine)
		if err != nil {
			return false, err
		}
		if bytes.HasPrefix(line, []byte("Binary files ")) && !ch.Class.NamesOnly() {
			ch.Class = memory.ClassBinary
			fmt.Fprintf(p.patch, "%s%s", ch.OldBlob, ch.NewBlob)
		}
	}
	layout = true
	any := false
	for p.in.has("@@ ") {
		same, err := p.hunk(ch, lang)
		if err != nil {
			return false, err
		}
		any = true
		layout = layout && same
	}
	return layout && any, nil
}

// extended reports whether the stream goes on with a line of a section's header,
// behind its first one.
// None of the words is the beginning of a commit id: each holds a blank or a
// letter that is no hex digit.
func (p *recordReader) extended() bool {
	for _, w := range extendedWords {
		if p.in.has(w) {
			return true
		}
	}
	return false
}

var extendedWords = []string{"index ", "--- ", "+++ ", "old mode ", "new mode ", "deleted file mode ", "new file mode ",
	"similarity index ", "dissimilarity index ", "rename from ", "rename to ", "copy from ", "copy to ", "Binary files "}

// hunk reads one hunk. layout is true when both sides hold the same text but
// for white space.
func (p *recordReader) hunk(ch *memory.Change, lang Language) (layout bool, err error) {
	line, _, err := p.in.until('\n', maxStreamLine)
	if err != nil {
		return false, err
	}
	h, context, ok := hunkHeader(line)
	if !ok {
		return false, fmt.Errorf("stream of git: hunk header %q", clip(string(line)))
	}
	p.patch.Write([]byte{'@'})
	names := ch.Class.NamesOnly() || ch.Skipped == skippedMany
	if !names {
		context, _ = p.redact.Bytes(context)
	}
	for i := range p.side {
		p.side[i].text = 0
		if !names {
			p.side[i].scope.Reset(lang, context)
		}
	}
	if len(ch.Hunks) > 0 && !names {
		// git names the function of the old file; after a rename the added side
		// goes on with the name that an earlier hunk gave it.
		p.side[1].scope.Follow(&p.side[0].scope)
	}
	at := len(p.hashes)
	for i, n := range []int{h.OldLines, h.NewLines} {
		start := h.OldStart
		if i == 1 {
			start = h.NewStart
		}
		for k := range n {
			if err := p.content(ch, lang, i, start+k, names); err != nil {
				return false, err
			}
		}
		if p.side[i].pending {
			p.reasons(ch, i)
		}
	}
	if names || ch.Class.NamesOnly() {
		return false, nil
	}
	h.Symbols = both(p.side[0].scope.Symbols(), p.side[1].scope.Symbols())
	if hashes := p.hashes[at:]; len(hashes) == h.OldLines+h.NewLines {
		h.Removed, h.Added = hashes[:h.OldLines:h.OldLines], hashes[h.OldLines:]
	}
	ch.Hunks = append(ch.Hunks, h)
	return p.side[0].text == p.side[1].text && p.diffed <= maxDiffBytes, nil
}

// content reads one removed or added line, and the remark that it has no
// newline where git makes it.
func (p *recordReader) content(ch *memory.Change, lang Language, i, number int, names bool) error {
	sign := "-+"[i]
	line, _, err := p.in.until('\n', maxStreamLine)
	if err != nil {
		return err
	}
	if len(line) == 0 || line[0] != sign {
		return fmt.Errorf("stream of git: %q stands where a line with %q should", clip(string(line)), sign)
	}
	p.patch.Write(line)
	p.patch.Write([]byte{'\n'})
	p.diffed += len(line)
	if !names && !ch.Class.NamesOnly() {
		p.text(ch, lang, i, number, line[1:])
	}
	if p.in.has("\\ ") {
		if _, _, err := p.in.until('\n', maxStreamLine); err != nil {
			return err
		}
	}
	return nil
}

// text takes from a line what memory keeps: its hash, its symbol, its words,
// and the comment in it.
func (p *recordReader) text(ch *memory.Change, lang Language, i, number int, line []byte) {
	s := &p.side[i]
	if p.diffed > maxDiffBytes {
		ch.Skipped = skippedLarge
		return
	}
	var hash uint32
	hash, s.text = lineHash(line, s.text)
	p.hashes = append(p.hashes, hash)
	// Cut last: half a secret looks like none.
	clean, _ := s.secrets.Line(line[:min(len(line), maxLineBytes+cutMargin)])
	clean = clean[:min(len(clean), maxLineBytes)]
	s.scope.Line(clean)
	if !p.quiet {
		memory.Identifiers(clean, p.word)
	}
	if number <= generatedLines && GeneratedLine(clean) {
		ch.Class = memory.ClassGenerated
	}
	// A comment is closed by the line behind it, when the scope knows what it
	// stands before.
	if s.comment.AddLine(lang.String(), clean, number) {
		s.pending = true
	} else if s.pending {
		p.reasons(ch, i)
	}
}

// generatedLines is how far from its top a file says that it is generated.
const generatedLines = 40

// reasons closes the comment that the lines before made up, and keeps the
// reasons in it.
func (p *recordReader) reasons(ch *memory.Change, i int) {
	s := &p.side[i]
	s.pending = false
	for text, line, ok := s.comment.Flush(); ok; text, line, ok = s.comment.Flush() {
		if ch.Class == memory.ClassDocument || ch.Class.NamesOnly() {
			continue
		}
		text, _ = memory.CleanLine([]byte(text), memory.MaxReason)
		r := memory.Reason{Text: p.redact.Text(text), Line: line, Removed: i == 0}
		if names := s.scope.Symbols(); len(names) > 0 {
			r.Symbol = symbolText(names[len(names)-1])
		}
		ch.Reasons = append(ch.Reasons, r)
	}
}

// LineHash gives the 32 bits that stand for a line's text without white space:
// FNV-1a, folded.
func LineHash(line []byte) uint32 {
	h, _ := lineHash(line, 0)
	return h
}

// lineHash also carries a running hash over all lines, in which line ends
// count for nothing.
func lineHash(line []byte, run uint64) (uint32, uint64) {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for _, c := range line {
		if c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f' {
			continue
		}
		h = (h ^ uint64(c)) * prime
		run = (run ^ uint64(c)) * prime
	}
	return uint32(h ^ h>>32), run
}

// hunkHeader reads "@@ -a,b +c,d @@ context".
func hunkHeader(line []byte) (h memory.Hunk, context []byte, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("@@ -"))
	if !ok {
		return h, nil, false
	}
	if h.OldStart, h.OldLines, rest, ok = hunkRange(rest); !ok {
		return h, nil, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(" +")); !ok {
		return h, nil, false
	}
	if h.NewStart, h.NewLines, rest, ok = hunkRange(rest); !ok {
		return h, nil, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(" @@")); !ok {
		return h, nil, false
	}
	return h, bytes.TrimPrefix(rest, []byte(" ")), true
}

func hunkRange(b []byte) (start, lines int, rest []byte, ok bool) {
	start, b, ok = digits(b)
	if !ok {
		return 0, 0, nil, false
	}
	if len(b) == 0 || b[0] != ',' {
		return start, 1, b, true
	}
	lines, b, ok = digits(b[1:])
	return start, lines, b, ok
}

func digits(b []byte) (n int, rest []byte, ok bool) {
	i := 0
	for i < len(b) && b[i] >= '0' && b[i] <= '9' && i < 10 {
		n = n*10 + int(b[i]-'0')
		i++
	}
	return n, b[i:], i > 0
}

// maxSymbolBytes bounds a symbol with its owner.
const maxSymbolBytes = 512

// symbolText gives a symbol as text for people.
func symbolText(name string) string {
	text, _ := memory.CleanLine([]byte(name), maxSymbolBytes)
	return strings.TrimSpace(text)
}

// both joins two short lists of names, each once, in order, as text for people.
func both(a, b []string) []string {
	var list []string
	for _, names := range [][]string{a, b} {
		for _, n := range names {
			n, seen := symbolText(n), n == ""
			for _, have := range list {
				seen = seen || have == n
			}
			if !seen {
				list = append(list, n)
			}
		}
	}
	return list
}
