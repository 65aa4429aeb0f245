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

	events := make(map[string]memory.Event)
	for _, ev := range a.Story {
		events[ev.ID] = ev
	}
	if len(a.Lines) > 0 {
		p.blank()
		widest := 0
		for _, l := range a.Lines {
			widest = max(widest, len(lineRange(l)))
		}
		for _, l := range a.Lines {
			ev, known := events[l.ID]
			p.lineWhy(e, widest, l, ev, known, l.Quality != a.Quality)
		}
	}

	if len(a.Story) > 0 {
		p.blank()
	}
	widest := 0
	for _, ev := range a.Story {
		widest = max(widest, columns(verb(ev.What)))
	}
	for _, ev := range a.Story {
		p.event(e, min(widest, 12), ev)
	}
	if a.More > 0 {
		p.line(0, span{text: fmt.Sprintf("and %s before; --limit %d tells them", count(a.More, "commit"),
			min(len(a.Story)+a.More, memory.MaxLimit)), style: dim})
	}
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
func (p *page) lineWhy(e *env, width int, l memory.LineWhy, ev memory.Event, known, quality bool) {
	hang := width + 2
	spans := []span{{text: pad(lineRange(l), width) + "  "}}
	switch {
	case l.ID == "":
		spans = append(spans, span{text: "not committed yet", style: dim})
	case known:
		spans = append(spans, e.commitSpans(l.Short, ev.Time, ev.Author, ev.Subject)...)
	default:
		spans = append(spans, span{text: l.Short, style: yellow})
	}
	if l.Origin != "" {
		spans = append(spans, span{text: " (first set in " + l.Origin + ")", style: dim})
	}
	if quality && l.ID != "" {
		spans = append(spans, span{text: " " + l.Quality, style: yellow})
	}
	p.line(hang, spans...)
}

// event adds one commit of a story.
func (p *page) event(e *env, width int, ev memory.Event) {
	what := verb(ev.What)
	hang := width + 2
	in := strings.Repeat(" ", hang)
	spans := append([]span{{text: what, solid: true}, {text: strings.Repeat(" ", max(1, hang-columns(what)))}},
		e.commitSpans(ev.Short, ev.Time, ev.Author, ev.Subject)...)
	p.line(hang, spans...)

	if what != ev.What {
		p.line(hang, span{text: in + ev.What, style: dim})
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
func (e *env) commitSpans(short string, time int64, author memory.Person, subject string) []span {
	return []span{
		{text: short, style: yellow},
		{text: " " + e.date(time) + " ", style: dim},
		{text: shorten(author.Name, shortAuthor), style: dim, solid: true},
		{text: "  "},
		{text: subject, style: bold},
	}
}

// verb gives the word of what a commit did that fits a column: "renamed" of
// "renamed from net/http/retry.go".
func verb(what string) string {
	v, _, _ := strings.Cut(what, " ")
	return v
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
func (e *env) whyLines(top string, a *memory.Why) *page {
	p := &page{utf8: true}
	path := e.fromHere(top, a.Path)
	subjects := make(map[string]string)
	for _, ev := range a.Story {
		subjects[ev.ID] = ev.Subject
		if len(a.Lines) == 0 {
			p.quickfix(path, 1, ev.Short+" "+ev.What+": "+ev.Subject)
		}
	}
	for _, l := range a.Lines {
		text := strings.TrimSpace(l.Short + " " + subjects[l.ID])
		if l.ID == "" {
			text = "not committed yet"
		}
		p.quickfix(path, l.First, text)
	}
	return p
}
