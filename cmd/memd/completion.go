package main

import (
	"strings"

	"github.com/spf13/cobra"
)

func newCompletionCmd(e *env) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "print the completion script of a shell",
		Long:  "Prints the script that completes memd's verbs and flags in bash, zsh, fish or powershell.",
		Example: "memd completion bash > ~/.local/share/bash-completion/completions/memd\n" +
			"memd completion fish > ~/.config/fish/completions/memd.fish\n" +
			"source <(memd completion zsh)",
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("name one of "+strings.Join(shells, ", "), "completion needs a shell")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(e.stdout, true)
			case "zsh":
				return root.GenZshCompletion(e.stdout)
			case "fish":
				return root.GenFishCompletion(e.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(e.stdout)
			}
			return usage("name one of "+strings.Join(shells, ", "), "no completion for %s", args[0])
		},
	}
}
