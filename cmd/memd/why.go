package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/memd-dev/memd/memory"
)

func newWhyCmd(e *env) *cobra.Command {
	var at string
	var limit int
	var full, asJSON, vimgrep bool
	cmd := &cobra.Command{
		Use:   "why [flags] FILE[:LINE[-LINE]] | FILE#SYMBOL",
		Short: "tell the story of a file, of lines or of a symbol",
		Long: "Tells the story of a file, of lines or of a symbol: which commits set it as it is, " +
			"what it was before, through renames and moves, and the reason that was stated, if " +
			"one was.",
		Example: "memd why net/retry.go:40-52\n" +
			"memd why net/retry.go#Backoff\n" +
			"memd why --at v1.2 --json net/retry.go",
		Annotations: map[string]string{annotationExits: "3 4 10"},
		Args: func(_ *cobra.Command, args []string) error {
			const hint = "name one file, line or symbol: memd why net/retry.go:40"
			switch {
			case len(args) == 0:
				return usage(hint, "why needs a file")
			case len(args) > 1:
				return usage(hint, "why takes one file, not %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := atMostOne(cmd, "json", "vimgrep"); err != nil {
				return err
			}
			if err := checkLimit(cmd, limit); err != nil {
				return err
			}
			ctx := cmd.Context()
			var answer *memory.Why
			var top string
			err := e.with(ctx, EnrolImplicit, func(m Opened) (err error) {
				top = m.Envelope().Worktree
				q, err := e.whyQuery(top, args[0])
				if err != nil {
					return err
				}
				if err := e.firstMine(ctx, m); err != nil {
					return err
				}
				q.At, q.Limit = at, limit
				answer, err = m.Why(ctx, m.Envelope(), q)
				return err
			})
			if err != nil {
				return err
			}
			switch {
			case asJSON:
				return e.printJSON(answer)
			case answer.Total == 0:
				return errUnborn
			case vimgrep:
				err = e.show(e.whyLines(top, answer, full))
			default:
				p := e.newPage()
				p.full = full
				e.fillWhy(p, answer)
				err = e.show(p)
			}
			if err != nil {
				return err
			}
			e.caveats(answer.Answer)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&at, "at", "", "tell the story as of `REV` instead of HEAD and the file as it is now")
	f.IntVar(&limit, "limit", memory.DefaultLimit, "tell at most `N` commits")
	f.BoolVar(&full, "full", false, "show long subjects whole")
	f.BoolVar(&asJSON, "json", false, "print the answer as JSON")
	f.BoolVar(&vimgrep, "vimgrep", false, "print lines for an editor: FILE:LINE:COLUMN:subject")
	noFiles(cmd, "at")
	noFiles(cmd, "limit")
	return cmd
}

// whyQuery reads what the caller asks about, in a worktree with this top.
func (e *env) whyQuery(top, arg string) (memory.WhyQuery, error) {
	t, err := parseTarget(arg, func(path string) bool {
		if filepath.IsAbs(path) {
			return exists(path)
		}
		return exists(filepath.Join(e.dir, path)) || exists(filepath.Join(top, path))
	})
	if err != nil {
		return memory.WhyQuery{}, err
	}
	path, ok := e.place(top, t.path)
	if !ok {
		return memory.WhyQuery{}, usage("", "%s is outside the repository %s", t.path, top)
	}
	return memory.WhyQuery{Path: []byte(path), Symbol: t.symbol, First: t.first, Last: t.last}, nil
}
