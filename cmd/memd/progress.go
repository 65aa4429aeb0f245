package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// How often progress is told, in seconds: on a terminal as often as the eye
// takes it in, elsewhere rarely enough for a log.
const (
	redrawSeconds = 0.1
	lineSeconds   = 5
)

// progress tells on standard error how far a run of the miner is: on a
// terminal by one line that it draws again and again, elsewhere by lines.
type progress struct {
	w      io.Writer
	screen func() int // columns; nil: not a terminal
	utf8   bool
	newest int // commits that are asked for; 0: all

	last  memory.Progress // the last one reported, shown or not
	told  float64         // seconds; when one was shown last
	drawn bool            // the line of the terminal holds a bar
}

// newProgress gives a progress for one run; a silent one if the caller wants
// quiet.
func (e *env) newProgress(newest int) *progress {
	p := &progress{w: e.stderr, utf8: e.speaksUTF8(), newest: newest}
	if terminal(e.stderr) && e.getenv("TERM") != "dumb" {
		p.screen = func() int { c, _ := e.screen(e.stderr); return c }
	}
	if e.quiet {
		p.w = io.Discard
		p.screen = nil
	}
	return p
}

// report shows how far the run is, if it is time to.
func (p *progress) report(now memory.Progress) {
	p.last = now
	every := float64(lineSeconds)
	if p.screen != nil {
		every = redrawSeconds
	}
	if now.Elapsed-p.told < every {
		return
	}
	p.told = now.Elapsed
	if p.screen == nil {
		fmt.Fprintf(p.w, "memd: mined %s of %s (%s)\n", thousands(now.Mined), count(now.Total, "commit"), strings.Join(p.speed(), ", "))
		return
	}
	fmt.Fprintf(p.w, "\r%s\x1b[K", p.bar(p.screen()-1)) // the last column would wrap
	p.drawn = true
}

// done takes the bar away.
func (p *progress) done() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}

// goal gives the number of mined commits at which the run ends.
func (p *progress) goal() int {
	if p.newest > 0 && p.newest < p.last.Total && p.last.Mined <= p.newest {
		return p.newest
	}
	return p.last.Total
}

// speed gives rate and time left, as far as they are known.
func (p *progress) speed() []string {
	if p.last.Rate < 0.5 {
		return []string{"starting"}
	}
	s := []string{thousands(int(p.last.Rate+0.5)) + "/s"}
	left := float64(p.goal()-p.last.Mined) / p.last.Rate
	if left < 10 { // in whole seconds: tenths would only flicker
		return append(s, fmt.Sprintf("%.0f s left", max(0, math.Ceil(left))))
	}
	return append(s, seconds(left)+" left")
}

// bar draws progress into at most width columns. Its parts keep their places
// from one drawing to the next; where they don't fit, the last ones go.
func (p *progress) bar(width int) string {
	goal := p.goal()
	line := fmt.Sprintf("%*s of %s", len(thousands(goal)), thousands(p.last.Mined), thousands(goal))
	speed := append(p.speed(), "")
	for i, widest := range []string{"99,999/s", "99 min left"} {
		if with := line + "   " + pad(speed[i], len(widest)); len(with) <= width {
			line = with
		}
	}
	const head = "mining  "
	room := min(40, width-len(head)-2-len(line))
	if room < 8 { // no bar that says anything
		return line[:min(len(line), max(0, width))]
	}
	full, rest := "━", "─"
	if !p.utf8 {
		full, rest = "#", "-"
	}
	done := 0
	if goal > 0 {
		done = min(room, room*p.last.Mined/goal)
	}
	return head + strings.Repeat(full, done) + strings.Repeat(rest, room-done) + "  " + line
}
