package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/memd-dev/memd/memory"
)

func newRecallCmd(e *env) *cobra.Command {
	var q memory.RecallQuery
	var since, until string
	var explain, asJSON, vimgrep bool
	cmd := &cobra.Command{
		Use:   "recall [flags] QUESTION…",
		Short: "ask what history knows, in plain words",
		Long: "Asks memory a question in plain words, which may name paths, symbols, commits and " +
			"#numbers, and shows the commits that answer it, best first, with the reason they " +
			"state and why they matched, then files and symbols.",
		Example: `memd recall "why do we retry seven times"` + "\n" +
			`memd recall --since 3m --path net/ timeout of the dialer` + "\n" +
			`memd recall --json parse error | jq -r '.commits[].short'`,
		Annotations: map[string]string{annotationExits: "3 4 10"},
		Args: func(_ *cobra.Command, args []string) error {
			if strings.TrimSpace(strings.Join(args, "")) == "" {
				return usage(`ask in plain words: memd recall "why do we retry seven times"`, "recall needs a question")
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := atMostOne(cmd, "json", "vimgrep"); err != nil {
				return err
			}
			ctx := cmd.Context()
			q.Text = strings.Join(args, " ")
			if q.Since, q.Until, err = e.period(since, until); err != nil {
				return err
			}
			if err := checkLimit(cmd, q.Limit); err != nil {
				return err
			}
			var answer *memory.Recall
			var top string
			err = e.with(ctx, EnrolImplicit, func(m Opened) (err error) {
				if err := e.firstMine(ctx, m); err != nil {
					return err
				}
				top = m.Envelope().Worktree
				q.Paths = e.placeAll(top, q.Paths)
				answer, err = m.Recall(ctx, m.Envelope(), q)
				return err
			})
			if err != nil {
				return err
			}
			nothing := len(answer.Commits)+len(answer.Files)+len(answer.Symbols) == 0
			switch {
			case asJSON:
				err = e.printJSON(answer)
			case vimgrep:
				err = e.show(e.recallLines(top, answer, q.Full))
			default:
				nothing = len(answer.Commits) == 0 // files and symbols are told beside them
				p := e.newPage()
				p.full = q.Full
				e.fillRecall(p, answer, explain, onlyHashes(q.Text, answer.Understood))
				err = e.show(p)
			}
			if err != nil {
				return err
			}
			if !asJSON {
				e.caveats(answer.Answer)
			}
			if nothing {
				return nothingFound(q, answer)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&q.Paths, "path", nil, "only commits that touch `PATH`: a file, a folder or a glob; may be repeated")
	f.StringVar(&q.Symbol, "symbol", "", "only commits that touch a symbol of this `NAME`")
	f.StringVar(&since, "since", "", "only commits since `DATE`: 2w, \"3 months\", yesterday, 2026-01-02")
	f.StringVar(&until, "until", "", "only commits until `DATE`, that day included")
	f.StringVar(&q.Author, "author", "", "only commits of this author: part of a `NAME` or e-mail")
	f.StringVar(&q.At, "at", "", "ask the history of `REV` instead of HEAD")
	f.IntVar(&q.Limit, "limit", memory.DefaultLimit, "show at most `N` commits")
	f.BoolVar(&q.Full, "full", false, "show whole messages, all files and more places")
	f.BoolVar(&explain, "explain", false, "show what was understood and what each match is worth")
	f.BoolVar(&asJSON, "json", false, "print the answer as JSON")
	f.BoolVar(&vimgrep, "vimgrep", false, "print files as lines for an editor: FILE:LINE:COLUMN:subject")
	for _, name := range []string{"symbol", "since", "until", "author", "at", "limit"} {
		noFiles(cmd, name)
	}
	return cmd
}

// period reads --since and --until.
func (e *env) period(since, until string) (from, to int64, err error) {
	now := e.now()
	if since != "" {
		if from, err = when(since, now, firstSecond); err != nil {
			return 0, 0, err
		}
	}
	if until != "" {
		if to, err = when(until, now, lastSecond); err != nil {
			return 0, 0, err
		}
	}
	if from > 0 && to > 0 && from > to {
		return 0, 0, usage(whenHint, "--since %s is later than --until %s", since, until)
	}
	return from, to, nil
}

// checkLimit refuses a limit that no answer can have.
func checkLimit(cmd *cobra.Command, limit int) error {
	if cmd.Flags().Changed("limit") && (limit < 1 || limit > memory.MaxLimit) {
		return usage("", "--limit must be from 1 to %s, not %d", thousands(memory.MaxLimit), limit)
	}
	return nil
}

// atMostOne refuses flags that contradict each other.
func atMostOne(cmd *cobra.Command, flags ...string) error {
	var set []string
	for _, f := range flags {
		if cmd.Flags().Changed(f) {
			set = append(set, "--"+f)
		}
	}
	if len(set) > 1 {
		return usage("", "%s can't be combined", strings.Join(set, " and "))
	}
	return nil
}

// placeAll puts the paths of --path into the repository. What stands nowhere
// on the disk (a glob, a path of the past) goes as it is.
func (e *env) placeAll(top string, paths []string) []string {
	var placed []string
	for _, path := range paths {
		if rel, ok := e.place(top, path); ok && rel != "." && !strings.ContainsAny(path, "*?[") {
			placed = append(placed, rel)
		} else if rel != "." {
			placed = append(placed, path)
		}
	}
	return placed
}

// nothingFound is the end of a question without hits, with what may help.
func nothingFound(q memory.RecallQuery, a *memory.Recall) error {
	filtered := len(q.Paths) > 0 || q.Symbol != "" || q.Since > 0 || q.Until > 0 || q.Author != ""
	u := a.Understood
	asked := len(u.Terms) + len(u.Unknown) + len(u.Paths) + len(u.Symbols) + len(u.Hashes) + len(u.References)
	switch {
	case a.Total == 0:
		return errUnborn
	case asked == 0 && !filtered:
		return memory.Hint(state(errNothing, "none of these words is searched for"), "name what it is about")
	case a.Mined < a.Total:
		return memory.Hint(errNothing, fmt.Sprintf("only %s of %s are mined; memd init mines the rest", thousands(a.Mined), count(a.Total, "commit")))
	case len(u.Unknown) > 0 && len(u.Terms) == 0:
		return memory.Hint(errNothing, "no commit has "+list(u.Unknown, 5)+"; try other words")
	case filtered:
		return memory.Hint(errNothing, "ask without --path, --symbol, --author, --since and --until")
	}
	return memory.Hint(errNothing, "try fewer or other words")
}

// onlyHashes reports whether a question names commits and nothing else.
func onlyHashes(question string, u memory.Understood) bool {
	words := strings.FieldsFunc(question, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:.?!()'\"`", r) })
	for _, w := range words {
		if !slices.Contains(u.Hashes, w) {
			return false
		}
	}
	return len(words) > 0
}

// noFiles keeps the shell from offering files as the value of a flag.
func noFiles(cmd *cobra.Command, flag string) {
	// The only error is a flag that cmd doesn't have; a test completes each.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.NoFileCompletions)
}
