package daemon

import (
	"context"
	"unicode"
	"unicode/utf8"

	"github.com/memd-dev/memd/gitwatch"
	"github.com/memd-dev/memd/memory"
)

// movedWordBytes is how many letters and digits a line must have to be followed
// through a move: shorter ones stand everywhere. git blame -M asks for 20 too.
const movedWordBytes = 20

// origin follows a line on behind commits that only re-indented or moved it:
// its hash, which leaves white space out, stands among the lines that the same
// commit removed from the same file. text is the line as it is now. It gives
// the setter itself when nothing is behind it.
func (t *tracer) origin(ctx context.Context, s setter, text []byte) (setter, error) {
	hash := gitwatch.LineHash(text)
	words := wordBytes(text)
	for range maxSteps {
		if s.step == nil || s.step.Lazy || s.step.OldBlob == "" || s.step.Status == memory.Copied || words == 0 {
			return s, nil
		}
		hunks, err := s.step.Hunks()
		if err != nil {
			return s, err
		}
		old, ok := removedTwin(hunks, s.line, hash, words)
		if !ok {
			return s, nil
		}
		parents := t.graph.Parents(s.commit)
		if s.step.Parent >= len(parents) {
			return s, nil
		}
		next, err := t.line(ctx, place{file: s.step.OldFile, blob: s.step.OldBlob, line: old, at: parents[s.step.Parent]})
		if err != nil {
			return s, nil // the setter itself is still true
		}
		s = next
	}
	return s, nil
}

// removedTwin finds the removed line that an added one continues: in the same
// hunk at the same place among its likes (white space changed), or in another
// hunk of the file with an agreeing neighbour (moved).
func removedTwin(hunks []memory.Hunk, line int, hash uint32, words int) (int, bool) {
	own := -1
	for i, h := range hunks {
		if line >= h.NewStart && line < h.NewStart+h.NewLines {
			own = i
		}
	}
	if own < 0 || hunks[own].Added == nil {
		return 0, false
	}
	h := hunks[own]
	at := line - h.NewStart
	if h.Added[at] != hash {
		return 0, false
	}
	nth := 0
	for _, v := range h.Added[:at] {
		if v == hash {
			nth++
		}
	}
	for k, v := range h.Removed {
		if v == hash {
			if nth == 0 {
				return h.OldStart + k, true
			}
			nth--
		}
	}
	if words < movedWordBytes {
		return 0, false
	}
	for i, o := range hunks {
		if i == own {
			continue
		}
		for k, v := range o.Removed {
			if v == hash && neighbour(h.Added, at, o.Removed, k) {
				return o.OldStart + k, true
			}
		}
	}
	return 0, false
}

// neighbour reports whether a line beside the added one equals the line beside
// the removed one; a line that is alone in its hunk needs none.
func neighbour(added []uint32, at int, removed []uint32, k int) bool {
	if len(added) == 1 || len(removed) == 1 {
		return true
	}
	return at > 0 && k > 0 && added[at-1] == removed[k-1] ||
		at+1 < len(added) && k+1 < len(removed) && added[at+1] == removed[k+1]
}

// wordBytes counts the letters and digits of a line, in bytes.
func wordBytes(line []byte) int {
	n := 0
	for len(line) > 0 {
		r, size := utf8.DecodeRune(line)
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n += size
		}
		line = line[size:]
	}
	return n
}
