package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/memd-dev/memd/memory"
)

func newInitCmd(e *env) *cobra.Command {
	var newest int
	var again, asJSON bool
	cmd := &cobra.Command{
		Use:   "init [flags]",
		Short: "start a memory of this repository: enrol it and mine its history",
		Long: "Starts memd's memory of this repository and mines its history into it, newest " +
			"commits first; it writes nothing into the repository, and after an interruption the " +
			"next run goes on where this one stopped.",
		Example: "memd init\n" +
			"memd init --newest 5000 # a first impression of a long history\n" +
			"memd init -q && memd status",
		Annotations: map[string]string{annotationExits: "4 10"},
		Args:        noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if newest < 0 {
				return usage("", "--newest must be a number of commits, not %d", newest)
			}
			ctx := cmd.Context()
			var mined *memory.Mined
			var status *memory.Status
			err := e.withRequest(ctx, OpenRequest{Enrol: EnrolExplicit, Again: again}, func(m Opened) (err error) {
				mined, err = e.mine(ctx, m, newest)
				return err
			})
			switch {
			case err != nil:
				return err
			case asJSON:
				return e.printJSON(mined)
			case e.quiet:
				return nil
			}
			// Opened anew: closing merges the log of the index into it, so that
			// only now its size is the one that memd status tells.
			err = e.with(ctx, EnrolNever, func(m Opened) (err error) {
				status, err = m.Status(ctx, m.Envelope())
				return err
			})
			if err != nil {
				return err
			}
			p := e.newPage()
			p.mined(e, mined, status)
			return e.show(p)
		},
	}
	cmd.Flags().IntVar(&newest, "newest", 0, "mine at most the newest `N` commits")
	cmd.Flags().BoolVar(&again, "again", false, "begin a new memory where memd can't tell which one belongs here; needs a person at a terminal")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

// mine runs the miner with progress. An interruption says how far it came.
func (e *env) mine(ctx context.Context, m Opened, newest int) (*memory.Mined, error) {
	p := e.newProgress(newest)
	mined, err := m.Mine(ctx, m.Envelope(), memory.MineQuery{Newest: newest}, p.report)
	p.done()
	return mined, interruption(ctx, err, p.last, "memd init")
}

// interruption turns the error of a cancelled run into where it stopped.
func interruption(ctx context.Context, err error, last memory.Progress, verb string) error {
	if err == nil || (ctx.Err() == nil && !errors.Is(err, context.Canceled)) {
		return err
	}
	if last.Total == 0 {
		return state(context.Canceled, "interrupted; run %s again to go on", verb)
	}
	return state(context.Canceled, "interrupted at %s of %s; run %s again to go on",
		thousands(last.Mined), thousands(last.Total), verb)
}

// mined tells what a run of the miner learnt, and what to ask now.
func (p *page) mined(e *env, m *memory.Mined, s *memory.Status) {
	switch {
	case m.Total == 0:
		p.line(0, span{text: "There are no commits here yet."})
		return
	case m.New == 0 && m.Mined == m.Total:
		p.line(0, span{text: fmt.Sprintf("nothing new: %s %s mined", all(m.Total), plural(m.Total, "is", "are"))})
		return
	case m.New == 0:
		p.line(0, span{text: fmt.Sprintf("nothing new: %s of %s are mined; memd init mines the rest", thousands(m.Mined), count(m.Total, "commit"))})
		return
	}
	p.line(0,
		span{text: fmt.Sprintf("%s mined", count(m.New, "commit")), style: bold},
		span{text: fmt.Sprintf(" in %s", seconds(m.Elapsed))})
	p.blank()
	switch {
	case m.Mined < m.Total:
		p.field("commits", fmt.Sprintf("%s of %s; memd init mines the rest", thousands(m.Mined), thousands(m.Total)))
	case m.New < m.Total:
		p.field("commits", fmt.Sprintf("%s in all", thousands(m.Total)))
	}
	p.holds(e, s)
	p.heading("Ask it")
	p.examples("memd recall \"why do we retry\" # what does history say about this?\n" +
		"memd why FILE:LINE # who set this line, and why")
}

// all names a whole: "the only commit", "all 60,749 commits".
func all(total int) string {
	if total == 1 {
		return "the only commit"
	}
	return "all " + count(total, "commit")
}

// fieldWidth is the column of the names of fields, with the space after them.
const fieldWidth = 12

// field adds a named value, if there is one.
func (p *page) field(name, value string) {
	if value == "" {
		return
	}
	p.line(2+fieldWidth, span{text: "  "}, span{text: name, style: dim}, span{text: pad("", fieldWidth-columns(name)) + value})
}

// holds adds what an index holds and how big it is.
func (p *page) holds(e *env, s *memory.Status) {
	history := []string{}
	if t := e.days(s.Oldest, s.Newest); t != "" {
		history = append(history, t)
	}
	if s.Shallow {
		history = append(history, "a shallow clone: what lies before it is not known here")
	}
	p.field("history", strings.Join(history, "; "))
	p.field("files", thousands(s.Counts.Files))
	p.field("symbols", thousands(s.Counts.Symbols))
	p.field("reasons", count(s.Counts.Reasons, "comment")+" that "+plural(s.Counts.Reasons, "says", "say")+" why")
	p.field("people", thousands(s.Counts.People))
	index := size(s.IndexBytes)
	if s.PackBytes > 0 {
		index += " beside " + size(s.PackBytes) + " of packs"
	}
	p.field("index", index)
	for i, t := range skips(s.Skipped) {
		p.field([]string{"skipped", ""}[min(i, 1)], t)
	}
}
