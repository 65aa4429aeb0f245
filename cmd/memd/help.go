package main

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// helpWidth is the width of help that goes to a file or a pipe, in columns.
const helpWidth = 80

func newHelpCmd(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "help [VERB | all]",
		Short: "show examples, flags and exit statuses of a verb, or of all",
		Long:  "Shows what a verb does: examples first, then its flags and exit statuses.",
		Example: "memd help recall\n" +
			"memd help all # every verb, exit status and environment variable",
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			names := []string{"all"}
			for _, c := range verbs(cmd.Root()) {
				names = append(names, c.Name()+"\t"+c.Short)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			if len(args) == 0 {
				return e.printHelp(root)
			}
			if args[0] == "all" {
				return e.printAllHelp(root)
			}
			for _, c := range verbs(root) {
				if c.Name() == args[0] {
					return e.printHelp(c)
				}
			}
			return unknownVerb(root, args[0])
		},
	}
}

// verbOrder is the order of the verbs in the help: as one meets them.
const verbOrder = "init recall why status doctor version completion help"

// verbs gives the commands that people see, in the order of the help.
func verbs(root *cobra.Command) []*cobra.Command {
	var vs []*cobra.Command
	for name := range strings.FieldsSeq(verbOrder) {
		for _, c := range root.Commands() {
			if c.Name() == name {
				vs = append(vs, c)
			}
		}
	}
	return vs
}

// helpPage gives a page that wraps off a terminal too: help is prose.
func (e *env) helpPage() *page {
	p := e.newPage()
	if p.width == 0 {
		p.width = helpWidth
	}
	return p
}

// printHelp prints the help of a verb, or the first screen for the root.
func (e *env) printHelp(cmd *cobra.Command) error {
	p := e.helpPage()
	if cmd == cmd.Root() {
		p.firstScreen(cmd)
	} else {
		p.verbHelp(cmd)
	}
	return e.show(p)
}

// firstScreen is what memd alone shows.
func (p *page) firstScreen(root *cobra.Command) {
	p.line(0, span{text: root.Long})
	p.verbTable(root)
	p.blank()
	p.examples("memd help VERB # examples, flags and exit statuses of a verb\n" +
		"memd help all # every flag, exit status and environment variable")
}

// verbTable lists the verbs by group, one line each.
func (p *page) verbTable(root *cobra.Command) {
	for _, g := range root.Groups() {
		p.heading(g.Title)
		for _, c := range verbs(root) {
			if c.GroupID == g.ID {
				p.row(12, bold, c.Name(), c.Short)
			}
		}
	}
}

// verbHelp explains one verb.
func (p *page) verbHelp(cmd *cobra.Command) {
	p.line(0, span{text: cmd.Long})
	p.blank()
	p.examples(cmd.Example)
	p.heading("Usage")
	p.line(4, span{text: "  " + cmd.UseLine()})
	p.flags("Flags", cmd)
	p.heading("Exit status")
	for _, status := range exitStatuses(cmd) {
		p.row(5, plain, strconv.Itoa(status), exitMeaning(status))
	}
}

// printAllHelp prints everything that is not one verb's own.
func (e *env) printAllHelp(root *cobra.Command) error {
	p := e.helpPage()
	p.line(0, span{text: root.Long})
	p.verbTable(root)
	for _, c := range verbs(root) {
		p.flags("Flags of memd "+c.Name(), c)
	}
	p.flags("Flags of every verb", root)
	p.heading("Exit status")
	for _, s := range []int{exitDone, exitError, exitUsage, exitNothing, exitUndone, exitNoRepository, exitInterrupted} {
		p.row(5, plain, strconv.Itoa(s), exitMeaning(s))
	}
	p.heading("Environment")
	for _, v := range [][2]string{
		{"MEMD_PAGER", "shows long answers on a terminal; else PAGER, else less; cat for none"},
		{"NO_COLOR", "if set, no colour"},
		{"MEMD_ACTOR", "agent: the caller counts as an agent, who enrols a repository by memd init only; else memd goes by the terminal and by what known agents set"},
		{"XDG_DATA_HOME", "where memd keeps what can't be rebuilt; ~/.local/share"},
		{"XDG_STATE_HOME", "where memd keeps its indexes; ~/.local/state"},
		{"XDG_CONFIG_HOME", "where memd/config.toml is read, if there is one; ~/.config"},
	} {
		p.row(18, plain, v[0], v[1])
	}
	return e.show(p)
}

// exitStatuses gives the exit statuses of a verb in order.
func exitStatuses(cmd *cobra.Command) []int {
	all := []int{exitDone, exitError, exitUsage}
	for f := range strings.FieldsSeq(cmd.Annotations[annotationExits]) {
		if n, err := strconv.Atoi(f); err == nil {
			all = append(all, n)
		}
	}
	return append(all, exitInterrupted)
}

// heading begins a section.
func (p *page) heading(title string) {
	p.blank()
	p.line(0, span{text: title, style: bold})
}

// row adds a line of two columns; the first takes width columns with the space
// after it, and the line is indented by two.
func (p *page) row(width int, s style, first, second string) {
	hang := 2 + width
	p.line(hang, span{text: "  "}, span{text: first, style: s, solid: true}, span{text: strings.Repeat(" ", max(1, width-columns(first))) + second})
}

// examples adds commands, one a line, their comments dim and aligned.
func (p *page) examples(text string) {
	const mark = " # "
	widest := 0
	for l := range strings.Lines(text) {
		if command, _, ok := strings.Cut(l, mark); ok {
			widest = max(widest, columns(strings.TrimSpace(command)))
		}
	}
	for l := range strings.Lines(text) {
		command, comment, ok := strings.Cut(strings.TrimSpace(l), mark)
		spans := []span{{text: "  " + strings.TrimSpace(command)}}
		if ok {
			spans = append(spans, span{text: strings.Repeat(" ", 2+widest-columns(strings.TrimSpace(command)))},
				span{text: "# " + comment, style: dim})
		}
		p.line(6, spans...)
	}
}

// flags lists a command's own flags under a title, if it has any. The layout is
// pflag's, without the flag that brought the reader here.
func (p *page) flags(title string, cmd *cobra.Command) {
	set := cmd.NonInheritedFlags()
	if cmd == cmd.Root() {
		set = cmd.PersistentFlags()
	}
	if help := set.Lookup("help"); help != nil {
		help.Hidden = true
	}
	usages := set.FlagUsagesWrapped(p.width)
	if usages == "" {
		return
	}
	p.heading(title)
	margin := "" // where no flag has a short name, the room for them goes
	if !strings.Contains("\n"+usages, "\n  -") {
		margin = "    "
	}
	for l := range strings.Lines(usages) {
		p.line(0, span{text: strings.TrimPrefix(l, margin)})
	}
}
