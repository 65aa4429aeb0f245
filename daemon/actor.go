package daemon

import (
	"strings"

	"github.com/memd-dev/memd/memory"
)

// agentMarkers are the variables that coding agents set for the commands they
// run. Any value but the empty one counts, since a doubt must cost rights and
// not give them. Left out on purpose: what editors and hosts also set in a
// person's own terminal (CURSOR_TRACE_ID, REPL_ID, TERM_PROGRAM, VSCODE_PID)
// and what a person exports as configuration (GOOSE_PROVIDER,
// COPILOT_GITHUB_TOKEN).
var agentMarkers = []struct{ variable, agent string }{
	{"CLAUDECODE", "Claude Code"},
	{"CLAUDE_CODE", "Claude Code"},
	{"CURSOR_AGENT", "Cursor"},
	{"CODEX_SANDBOX", "Codex"},
	{"CODEX_SANDBOX_NETWORK_DISABLED", "Codex"},
	{"CODEX_THREAD_ID", "Codex"},
	{"CODEX_CI", "Codex"},
	{"GEMINI_CLI", "Gemini CLI"},
	{"QWEN_CODE", "Qwen Code"},
	{"OPENCODE", "opencode"},
	{"OPENCODE_CLIENT", "opencode"},
	{"COPILOT_CLI", "Copilot CLI"},
	{"CRUSH", "Crush"},
	{"GOOSE_TERMINAL", "goose"},
	{"AUGMENT_AGENT", "Auggie"},
	{"ANTIGRAVITY_AGENT", "Antigravity"},
	{"CLINE_ACTIVE", "Cline"},
	{"ROO_ACTIVE", "Roo Code"},
	{"PI_CODING_AGENT", "pi"},
	{"AMP_CURRENT_THREAD_ID", "Amp"},
	{"AI_AGENT", "any agent"},
	{"AGENT", "any agent"},
}

// ActorFrom says who runs this command line: a person only with a terminal on
// standard input and on standard error and no agent's marker in the
// environment, else an agent. MEMD_ACTOR=agent makes any caller an agent;
// there is no value that makes an agent a person. All of it runs under one
// user id, so this is a seat belt and not a wall.
func ActorFrom(env func(string) string, stdinTTY, stderrTTY bool) memory.Actor {
	if !stdinTTY || !stderrTTY {
		return memory.ActorAgent
	}
	if v := env("MEMD_ACTOR"); v != "" && !strings.EqualFold(v, string(memory.ActorPerson)) {
		return memory.ActorAgent
	}
	for _, m := range agentMarkers {
		if env(m.variable) != "" {
			return memory.ActorAgent
		}
	}
	return memory.ActorPerson
}
