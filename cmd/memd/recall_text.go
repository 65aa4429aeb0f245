package main

import (
	"fmt"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// How much of an answer is shown without --full.
const (
	hitFiles    = 3 // files of a commit
	hitTerms    = 4 // matched terms in one place
	fileHits    = 5
	symbolHits  = 5
	hitCommits  = 4 // commits that speak for a file
	shortAuthor = 24
)

// fillRecall lays an answer out for a person.
func (e *env) fillRecall(p *page, a *memory.Recall, explain bool) {
	if explain {
		p.understood(a)
	}
	digits := len(fmt.Sprint(len(a.Commits)))
	for i, c := range a.Commits {
		p.blank()
		p.commitHit(e, fmt.Sprintf("%*d. ", digits, i+1), c, explain)
	}

	var files, symbols []hit
	for _, f := range a.Files[:min(len(a.Files), fileHits)] {
		files = append(files, hit{name: f.Path, why: f.Why, commits: f.Commits})
	}
	for _, s := range a.Symbols[:min(len(a.Symbols), symbolHits)] {
		symbols = append(symbols, hit{name: s.Name, place: s.Path, why: s.Why, commits: s.Commits})
	}
	p.hits("Files", files)
	p.hits("Symbols", symbols)
}

// commitHit adds one commit: who said what when, why, where, and why it matched.
func (p *page) commitHit(e *env, number string, c memory.CommitHit, explain bool) {
	hang := columns(number)
	in := strings.Repeat(" ", hang)
	head := []span{
		{text: number, style: dim},
		{text: c.Short, style: yellow},
		{text: " " + e.date(c.Time) + " ", style: dim},
		{text: shorten(c.Author.Name, shortAuthor), style: dim, solid: true},
		{text: "  "},
		{text: c.Subject, style: bold},
	}
	if t := tags(c); t != "" {
		head = append(head, span{text: " " + t, style: dim})
	}
	p.line(hang, head...)

	if c.Reason != "" && !strings.Contains(c.Body, c.Reason) {
		p.line(hang, span{text: in + p.quote(c.Reason)})
	}
	for l := range strings.Lines(strings.TrimSpace(c.Body)) {
		if strings.TrimSpace(l) == "" {
			p.blank()
			continue
		}
		p.line(hang, span{text: in + l})
	}

	shown := c.Files
	if c.Body == "" {
		shown = shown[:min(len(shown), hitFiles)]
	}
	if len(shown) > 0 {
		text := strings.Join(shown, ", ")
		if more := c.Changed - len(shown); more > 0 {
			text += fmt.Sprintf(" +%s more", thousands(more))
		}
		p.line(hang, span{text: in + text})
	}
	if m := matched(c.Why, explain); m != "" {
		p.line(hang, span{text: in + "matched: " + m, style: dim})
	}
	if c.Skipped != "" {
		p.line(hang, span{text: in + "its lines are not in memory: " + c.Skipped, style: dim})
	}
}

// matched says what in the question matched, by place: "retry, rate limit in
// message; backoff in diff". With shares it says what each was worth.
func matched(why []memory.Match, shares bool) string {
	var places []string
	terms := make(map[string][]string)
	for _, m := range why {
		if _, ok := terms[m.Where]; !ok {
			places = append(places, m.Where)
		}
		t := m.Term
		if shares {
			t += fmt.Sprintf(" %.0f %%", m.Share*100)
		}
		terms[m.Where] = append(terms[m.Where], t)
	}
	for i, where := range places {
		limit := hitTerms
		if shares {
			limit = len(terms[where])
		}
		places[i] = list(terms[where], limit) + " in " + where
	}
	return strings.Join(places, "; ")
}

// tags gives the flags that change how a commit reads, where its subject
// doesn't say as much.
func tags(c memory.CommitHit) string {
	var told []string
	for _, f := range c.Flags {
		switch f {
		case "revert", "fixup", "bot", "release", "formatting":
			if !strings.Contains(strings.ToLower(c.Subject), f) {
				told = append(told, f)
			}
		}
	}
	if len(told) == 0 {
		return ""
	}
	return "(" + strings.Join(told, ", ") + ")"
}

// hit is a file or a symbol of an answer.
type hit struct {
	name, place, why string
	commits          []string
}

// hits adds a section of files or symbols.
func (p *page) hits(title string, hits []hit) {
	if len(hits) == 0 {
		return
	}
	p.heading(title)
	name, place := 0, 0
	for _, h := range hits {
		name = max(name, columns(clean(h.name)))
		place = max(place, columns(clean(h.place)))
	}
	name, place = min(name, 36), min(place, 36) // longer ones push the rest on
	for _, h := range hits {
		hang := 4
		spans := []span{{text: "   "}, {text: clean(h.name), solid: true}}
		if h.place != "" {
			spans = append(spans, span{text: gap(h.name, name)}, span{text: clean(h.place), solid: true})
			if h.why != "" {
				spans = append(spans, span{text: gap(h.place, place)})
			}
		} else if h.why != "" {
			spans = append(spans, span{text: gap(h.name, name)})
		}
		spans = append(spans, span{text: h.why, style: dim})
		if len(h.commits) > 0 && !mentions(h.why, h.commits) {
			spans = append(spans, span{text: " (" + list(h.commits, hitCommits) + ")", style: dim})
		}
		p.line(hang, spans...)
	}
}

// mentions reports whether a text names one of the commits.
func mentions(text string, commits []string) bool {
	for _, c := range commits {
		if strings.Contains(text, c) {
			return true
		}
	}
	return false
}

// gap gives the spaces between a text in a column of a width and the next one.
func gap(text string, width int) string {
	return strings.Repeat(" ", 2+max(0, width-columns(clean(text))))
}

// shorten cuts a name to at most n columns.
func shorten(name string, n int) string {
	name = clean(name)
	if columns(name) <= n {
		return name
	}
	cut := ""
	for _, r := range name {
		if columns(cut+string(r)) > n-1 {
			break
		}
		cut += string(r)
	}
	return strings.TrimSpace(cut) + "…"
}

// understood adds what was read out of the question.
func (p *page) understood(a *memory.Recall) {
	u := a.Understood
	p.line(0, span{text: "Understood", style: bold})
	p.field("words", strings.Join(u.Terms, ", "))
	p.field("in none", strings.Join(u.Unknown, ", "))
	p.field("paths", strings.Join(u.Paths, ", "))
	p.field("symbols", strings.Join(u.Symbols, ", "))
	p.field("commits", strings.Join(u.Hashes, ", "))
	p.field("references", strings.Join(u.References, ", "))
	p.field("asked", fmt.Sprintf("%s of %s, in %s", short(a.Revision), count(a.Mined, "commit"), seconds(a.Elapsed/1000)))
}

// short abbreviates a full id for the eye.
func short(id string) string { return id[:min(len(id), 10)] }

// recallLines lays the files of an answer out for an editor's quickfix list.
func (e *env) recallLines(top string, a *memory.Recall) *page {
	subjects := make(map[string]string)
	for _, c := range a.Commits {
		subjects[c.Short] = c.Subject
	}
	p := &page{utf8: true}
	for _, f := range a.Files {
		text := f.Why
		for _, c := range f.Commits {
			if s, ok := subjects[c]; ok {
				text = c + " " + s
				break
			}
		}
		p.quickfix(e.fromHere(top, f.Path), 1, text)
	}
	return p
}

// quickfix adds a line that editors jump by: path:line:column:text.
func (p *page) quickfix(path string, line int, text string) {
	p.line(0, span{text: fmt.Sprintf("%s:%d:1:", path, line), solid: true}, span{text: text})
}
