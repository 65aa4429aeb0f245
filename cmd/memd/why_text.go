package main

import (
	"fmt"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// fillWhy lays a story out for a person: the lines and who set them, then the
// events, newest first.
func (e *env) fillWhy(p *page, a *memory.Why) {
	p.whyHead(a)

	if len(a.Lines) > 0 {
		p.blank()
		widest := 0
		for _, l := range a.Lines {
			widest = max(widest, len(lineRange(l)))
		}
		for _, l := range a.Lines {
			p.lineWhy(e, widest, l)
		}
	}

	if len(a.Story) > 0 {
		p.blank()
	}
	widest := 0
	for _, ev := range a.Story {
		what, _ := split(ev.What)
		widest = max(widest, columns(clean(what)))
	}
	for i, ev := range a.Story {
		if i == len(a.Story)-1 && len(a.Lines) == 0 {
			p.untold(a, []string{"newer", "more between"}[min(i, 1)])
		}
		p.event(e, min(widest, 12), ev)
	}
	if len(a.Lines) > 0 {
		p.untold(a, "more")
	}
}

// untold says how much of a story is left out, and where. The story of a file
// or symbol ends with its beginning, and lacks what lies between; that of lines
// lacks the far ends of what stood there before.
func (p *page) untold(a *memory.Why, which string) {
	if a.More == 0 {
		return
	}
	p.line(2, span{text: fmt.Sprintf("%s %s %s; --limit %d tells them", p.ellipsis(), thousands(a.More), which,
		min(len(a.Story)+a.More, memory.MaxLimit)), style: dim})
}

// whyHead says what the story is about and how sure it is.
func (p *page) whyHead(a *memory.Why) {
	what := a.Path
	if a.Symbol != "" {
		what += "#" + a.Symbol
	}
	if n := len(a.Lines); n > 0 {
		what += ":" + lines(a.Lines[0].First, a.Lines[n-1].Last)
	}
	quality := span{text: "  " + a.Quality, style: dim}
	if a.Quality == memory.QualityProbable {
		quality.style = yellow
	}
	p.line(2, span{text: what, style: bold, solid: true}, quality)
	if len(a.Names) > 0 {
		p.line(2, span{text: "formerly " + strings.Join(a.Names, ", "), style: dim})
	}
	if a.Note != "" {
		p.line(2, span{text: a.Note})
	}
}

// lineWhy adds a run of lines and the commit that set them.
func (p *page) lineWhy(e *env, width int, l memory.LineWhy) {
	hang := width + 2
	spans := []span{{text: pad(lineRange(l), width) + "  "}}
	var notes []string
	switch {
	case l.ID == "":
		p.line(hang, append(spans, span{text: "not committed yet", style: dim})...)
		return
	case l.Subject != "" || l.Time != 0:
		spans = append(spans, p.commitSpans(e, hang, l.Short, l.Time, l.Author, l.Subject)...)
	default:
		spans = append(spans, span{text: l.Short, style: yellow})
		notes = append(notes, "not in memory")
	}
	if l.Quality != memory.QualityExact {
		notes = append(notes, l.Quality)
	}
	if l.Origin != "" {
		notes = append(notes, "first set in "+l.Origin)
	}
	if len(notes) > 0 {
		spans = append(spans, span{text: "  (" + strings.Join(notes, "; ") + ")", style: dim})
	}
	p.line(hang, spans...)
}

// event adds one commit of a story.
func (p *page) event(e *env, width int, ev memory.Event) {
	what, rest := split(ev.What)
	hang := width + 2
	in := strings.Repeat(" ", hang)
	spans := append([]span{{text: what, solid: true}, {text: strings.Repeat(" ", max(1, hang-columns(clean(what))))}},
		p.commitSpans(e, hang, ev.Short, ev.Time, ev.Author, ev.Subject)...)
	p.line(hang, spans...)

	if rest != "" {
		p.line(hang, span{text: in + rest, style: dim})
	}
	if ev.Reason != "" {
		s := []span{{text: in + p.quote(ev.Reason)}}
		if ev.Source != "" && ev.Source != "message" {
			s = append(s, span{text: " (" + ev.Source + ")", style: dim})
		}
		p.line(hang, s...)
	}
	if len(ev.Refs) > 0 {
		p.line(hang, span{text: in + "refers to " + strings.Join(ev.Refs, ", "), style: dim})
	}
}

// commitSpans names a commit: hash, date, author, subject.
func (p *page) commitSpans(e *env, hang int, short string, time int64, author memory.Person, subject string) []span {
	return []span{
		{text: short, style: yellow},
		{text: " " + e.date(time) + " ", style: dim},
		{text: p.shorten(author.Name, shortAuthor), style: dim, solid: true},
		{text: "  "},
		{text: p.subject(subject, hang), style: bold},
	}
}

// split parts what a commit did into the word that fits a column and what that
// leaves unsaid: "renamed" and "from net/http/retry.go", "changed" and "later
// reverted by 9138a7a6d3".
func split(what string) (word, rest string) {
	i := strings.IndexAny(what, " ,")
	if i < 0 {
		return what, ""
	}
	return what[:i], strings.TrimLeft(what[i:], " ,")
}

func lineRange(l memory.LineWhy) string { return lines(l.First, l.Last) }

// lines writes lines as they are asked for: 12 or 12-15.
func lines(first, last int) string {
	if last <= first {
		return fmt.Sprint(first)
	}
	return fmt.Sprintf("%d-%d", first, last)
}

// whyLines lays a story out for an editor's quickfix list: the runs of lines,
// or the events where no lines were asked for.
func (e *env) whyLines(top string, a *memory.Why, full bool) *page {
	p := &page{utf8: true, full: full}
	path := e.fromHere(top, a.Path)
	if len(a.Lines) == 0 {
		for _, ev := range a.Story {
			p.quickfix(path, 1, ev.Short+" "+ev.What+": "+p.subject(ev.Subject, 0))
		}
	}
	for _, l := range a.Lines {
		text := strings.TrimSpace(l.Short + " " + p.subject(l.Subject, 0))
		if l.ID == "" {
			text = "not committed yet"
		}
		p.quickfix(path, l.First, text)
	}
	return p
}
