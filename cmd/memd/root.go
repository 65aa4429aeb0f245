package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// The groups of verbs in the help.
const (
	groupStart = "start"
	groupCare  = "care"
)

// annotationExits names, in a command's annotations, the exit statuses that it
// may end with besides 0, 1, 2 and 130, which are every verb's.
const annotationExits = "exits"

// newRoot assembles the command memd with all verbs.
func newRoot(e *env) *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:   "memd",
		Short: "the long-term memory of a git repository",
		Long: "memd remembers why: it reads the history of a git repository once and " +
			"answers questions about it from its index.",
		Args:          cobra.ArbitraryArgs, // an unknown verb comes here, and is answered here
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return e.enter()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) > 0:
				return unknownVerb(cmd, args[0])
			case version:
				return e.printVersion(false)
			}
			return e.printHelp(cmd)
		},
	}
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.CompletionOptions.DisableDefaultCmd = true // completion.go has it

	root.AddGroup(
		&cobra.Group{ID: groupStart, Title: "Remember and ask"},
		&cobra.Group{ID: groupCare, Title: "Care"},
	)
	for _, c := range []*cobra.Command{newInitCmd(e), newRecallCmd(e), newWhyCmd(e), newStatusCmd(e)} {
		c.GroupID = groupStart
		root.AddCommand(c)
	}
	for _, c := range []*cobra.Command{newDoctorCmd(e), newVersionCmd(e), newCompletionCmd(e)} {
		c.GroupID = groupCare
		root.AddCommand(c)
	}
	help := newHelpCmd(e)
	help.GroupID = groupCare
	root.SetHelpCommand(help)
	root.SetHelpCommandGroupID(groupCare)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		e.helpErr = e.printHelp(cmd)
	})

	root.PersistentFlags().StringVarP(&e.chdir, "chdir", "C", "", "run as if memd had been started in `DIR`")
	root.PersistentFlags().BoolVarP(&e.quiet, "quiet", "q", false, "print answers and errors only")
	root.Flags().BoolVar(&version, "version", false, "print the version")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("run "+strings.Replace(cmd.CommandPath(), "memd", "memd help", 1), "%v", err)
	})
	return root
}

// unknownVerb tells what the caller may have meant.
func unknownVerb(root *cobra.Command, verb string) error {
	hint := "run memd help"
	root.SuggestionsMinimumDistance = 2
	if s := root.SuggestionsFor(verb); len(s) > 0 {
		hint = "did you mean memd " + strings.Join(s, ", or memd ") + "?"
	}
	return usage(hint, "no such verb: %s", verb)
}

// noArgs refuses arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("run memd help "+cmd.Name(), "memd %s takes no argument: %s", cmd.Name(), args[0])
	}
	return nil
}
