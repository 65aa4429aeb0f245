package daemon

import (
	"context"

	"github.com/memd-dev/memd/memory"
	"github.com/memd-dev/memd/memory/sqlite"
)

// commentLead is how many more words of the question a comment must have than
// the message's own reason to stand for the commit: the message speaks for all
// of it, a comment for its place.
const commentLead = 2

// besideLines is how far above a line, or below it, a comment may stand to be
// about it.
const besideLines = 10

// reasonBeside gives the reason in the comment nearest to a line that the same
// commit added; above counts before below.
func (d *Daemon) reasonBeside(ctx context.Context, n memory.Ordinal, file int64, line int) (string, error) {
	list, err := d.db.Reasons(ctx, n)
	if err != nil {
		return "", err
	}
	best, text := besideLines+1, ""
	for _, c := range list {
		away := line - c.Line
		if away < 0 {
			away = 3 - away
		}
		if c.File == file && !c.Removed && away < best {
			best, text = away, c.Text
		}
	}
	return text, nil
}

// reasonOf gives the sentence that says why a commit was made, and where it
// stands: in its message, or in a comment that it added. Of several it takes
// the one with most words of the question; without a question, or where none
// has any, the message's best. file limits comments to one file; 0 is any.
func (d *Daemon) reasonOf(ctx context.Context, r *sqlite.Row, terms []memory.QueryTerm, file int64) (text, source string, err error) {
	asked := make(map[string]bool, len(terms))
	for _, t := range terms {
		asked[t.Text] = true
	}
	best := -1
	if text = memory.BestReason(r.Subject, r.Body); text != "" {
		best, source = shared(text, asked), "message"
		for _, s := range memory.ReasonSentences(r.Body) {
			if n := shared(s, asked); n > best {
				best, text = n, s
			}
		}
		best += commentLead - 1
	}
	list, err := d.db.Reasons(ctx, r.Ordinal)
	if err != nil {
		return "", "", err
	}
	for _, c := range list {
		if c.Removed || file != 0 && c.File != file {
			continue
		}
		if n := shared(c.Text, asked); n > best {
			best, text, source = n, c.Text, "comment"
		}
	}
	return text, source, nil
}

// shared counts the different asked terms of a sentence.
func shared(sentence string, asked map[string]bool) int {
	if len(asked) == 0 {
		return 0
	}
	seen := make(map[string]bool)
	memory.Tokens(sentence, func(t string) {
		if asked[t] {
			seen[t] = true
		}
	})
	return len(seen)
}
