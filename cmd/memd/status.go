package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/memd-dev/memd/memory"
)

func newStatusCmd(e *env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status [flags]",
		Short: "show what memory holds, where it is and what is wrong with it",
		Long: "Shows on one screen what memory holds of this repository, how far it is, where it is " +
			"kept and what needs attention.",
		Example: "memd status\n" +
			"memd status --json | jq .behind",
		Annotations: map[string]string{annotationExits: "4 10"},
		Args:        noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var status *memory.Status
			err := e.with(cmd.Context(), EnrolNever, func(m Opened) (err error) {
				status, err = m.Status(cmd.Context(), m.Envelope())
				return err
			})
			if err != nil {
				return err
			}
			if asJSON {
				return e.printJSON(status)
			}
			p := e.newPage()
			p.status(e, status)
			return e.show(p)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the status as JSON")
	return cmd
}

// status lays one screen out.
func (p *page) status(e *env, s *memory.Status) {
	head := []span{{text: s.Repository, style: bold, solid: true}}
	if s.Branch != "" {
		on := "  on " + s.Branch
		if d := otherDefault(s); d != "" {
			on += ", default " + d
		}
		head = append(head, span{text: on, style: dim})
	}
	p.line(2, head...)
	for _, w := range s.Wrong {
		p.line(2+fieldWidth, span{text: "  "}, span{text: pad("wrong", fieldWidth), style: red}, span{text: w})
	}

	p.blank()
	p.field("mined", minedText(s))
	p.field("behind", behindText(s))
	p.holds(e, s)

	p.blank()
	p.field("index file", s.Paths.Index)
	p.field("journal", s.Paths.Data)
	p.field("registry", s.Paths.Registry)
	p.field("config", s.Paths.Config)

	p.blank()
	p.field("enrolled", enrolledText(e, s))
	if len(s.Worktrees) > 1 {
		p.field("worktrees", strings.Join(s.Worktrees, ", "))
	}
	p.field("parked", strings.Join(s.Parked, ", "))
	p.field("git", s.Git)
	if s.ReadOnly {
		p.field("open", "read-only: another memd holds this memory, or the disk can't be written")
	}
}

// otherDefault gives the default branch where it is another one than that on
// hand: origin/main is main.
func otherDefault(s *memory.Status) string {
	name := strings.TrimPrefix(s.DefaultBranch, "refs/heads/")
	tracked, remote := strings.CutPrefix(name, "refs/remotes/")
	if !remote {
		if name == s.Branch {
			return ""
		}
		return name
	}
	if _, branch, ok := strings.Cut(tracked, "/"); ok && branch == s.Branch {
		return ""
	}
	return tracked
}

func minedText(s *memory.Status) string {
	switch {
	case s.Total == 0:
		return "no commits yet"
	case s.Mined < s.Total:
		return fmt.Sprintf("%s of %s; memd init mines the rest", thousands(s.Mined), count(s.Total, "commit"))
	}
	return all(s.Total)
}

func behindText(s *memory.Status) string {
	if s.Behind == 0 || s.AsOf == "" {
		return ""
	}
	return fmt.Sprintf("%s: HEAD is at %s, memory at %s", count(s.Behind, "commit"), short(s.Revision), short(s.AsOf))
}

func enrolledText(e *env, s *memory.Status) string {
	if s.EnrolledAt == 0 {
		return ""
	}
	by := "an unknown caller"
	switch s.EnrolledBy {
	case memory.ActorPerson:
		by = "a person"
	case memory.ActorAgent:
		by = "an agent"
	}
	return fmt.Sprintf("%s by %s, id %s", e.date(s.EnrolledAt), by, s.RepoID)
}
