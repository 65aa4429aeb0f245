package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// How much of an answer is shown without --full.
const (
	hitFiles    = 3 // files of a commit
	hitTerms    = 4 // matched terms in one place
	placeHits   = 3 // files, and symbols
	fullPlaces  = 5 // of them with --full
	hitCommits  = 4 // commits that speak for a file
	shortAuthor = 24
)

// fillRecall lays an answer out for a person. Files and symbols stand below the
// commits that they come from, and nowhere where commitsOnly is set.
func (e *env) fillRecall(p *page, a *memory.Recall, explain, commitsOnly bool) {
	if explain {
		p.understood(a)
	}
	digits := len(fmt.Sprint(len(a.Commits)))
	for i, c := range a.Commits {
		p.blank()
		p.commitHit(e, fmt.Sprintf("%*d. ", digits, i+1), c, explain)
	}

	if commitsOnly || len(a.Commits) == 0 {
		return
	}
	limit := placeHits
	if p.full {
		limit = fullPlaces
	}
	var files, symbols []hit
	for _, f := range a.Files[:min(len(a.Files), limit)] {
		files = append(files, hit{name: f.Path, why: f.Why, commits: f.Commits})
	}
	for _, s := range a.Symbols[:min(len(a.Symbols), limit)] {
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
		{text: p.shorten(c.Author.Name, shortAuthor), style: dim, solid: true},
		{text: "  "},
		{text: p.subject(c.Subject, hang), style: bold},
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
// message; backoff in diff". A word is named once, where it matched best; with
// shares each place has it, and what it was worth there.
func matched(why []memory.Match, shares bool) string {
	type match struct {
		term, where string
		share       float64
	}
	var all []match
	at := make(map[[2]string]int)
	for _, m := range why {
		key := [2]string{strings.ToLower(m.Term), m.Where}
		if i, ok := at[key]; ok {
			all[i].share += m.Share
			continue
		}
		at[key] = len(all)
		all = append(all, match{m.Term, m.Where, m.Share})
	}
	slices.SortStableFunc(all, func(a, b match) int { return cmp.Compare(b.share, a.share) })

	var places []string
	terms := make(map[string][]string)
	told := make(map[string]bool)
	for _, m := range all {
		word := strings.ToLower(m.term)
		if told[word] && !shares {
			continue
		}
		told[word] = true
		if _, ok := terms[m.where]; !ok {
			places = append(places, m.where)
		}
		if shares {
			m.term += fmt.Sprintf(" %.0f %%", m.share*100)
		}
		terms[m.where] = append(terms[m.where], m.term)
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

// whyIndent is the column of what is said of a file or symbol where its own
// line has no room for it.
const whyIndent = 6

// hits adds a section of files or symbols: names, where they are, and why they
// are named, in columns.
func (p *page) hits(title string, hits []hit) {
	if len(hits) == 0 {
		return
	}
	p.heading(title)
	const indent = 3
	names, places := make([]int, len(hits)), make([]int, len(hits))
	for i, h := range hits {
		names[i], places[i] = columns(clean(h.name)), columns(clean(h.place))
	}
	name, place := slices.Max(names), slices.Max(places)
	if p.width > 0 { // three fifths are for the names, the rest for the words
		room := p.width*3/5 - indent
		switch {
		case place == 0:
			name = widest(names, room)
		case name+2+place > room:
			name = widest(names, (p.width-indent)/2)
			place = widest(places, room-name-2)
		}
	}
	for _, h := range hits {
		h.name, h.place = clean(h.name), clean(h.place)
		spans := []span{{text: strings.Repeat(" ", indent)}, {text: h.name, solid: true}}
		fits := columns(h.name) <= name && columns(h.place) <= place
		if h.place != "" {
			spans = append(spans, span{text: gap(h.name, name)}, span{text: h.place, solid: true})
		}
		why := h.why
		if len(h.commits) > 0 && !mentions(h.why, h.commits) {
			why = strings.TrimSpace(why + " (" + list(h.commits, hitCommits) + ")")
		}
		column := indent + name + 2
		if h.place != "" {
			column += place + 2
		}
		if p.width == 0 || fits && column+columns(clean(why)) <= p.width {
			last, width := h.name, name
			if h.place != "" {
				last, width = h.place, place
			}
			p.line(whyIndent, append(spans, span{text: gap(last, width)}, span{text: why, style: dim})...)
			continue
		}
		p.line(whyIndent, spans...)
		if why != "" {
			p.line(whyIndent, span{text: strings.Repeat(" ", whyIndent) + why, style: dim})
		}
	}
}

// widest gives the greatest of the widths that a limit allows: a column is no
// wider for an entry that it can't hold.
func widest(widths []int, limit int) int {
	most := 0
	for _, w := range widths {
		if w <= limit {
			most = max(most, w)
		}
	}
	return most
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
func (e *env) recallLines(top string, a *memory.Recall, full bool) *page {
	subjects := make(map[string]string)
	for _, c := range a.Commits {
		subjects[c.Short] = c.Subject
	}
	p := &page{utf8: true, full: full}
	for _, f := range a.Files {
		text := f.Why
		for _, c := range f.Commits {
			if s, ok := subjects[c]; ok {
				text = c + " " + p.subject(s, 0)
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
