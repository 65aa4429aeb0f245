package daemon

import (
	"testing"

	"github.com/memd-dev/memd/memory"
)

func TestActorFrom(t *testing.T) {
	for _, test := range []struct {
		env           []string
		stdin, stderr bool
		want          memory.Actor
	}{
		{nil, true, true, memory.ActorPerson},
		{nil, false, true, memory.ActorAgent},
		{nil, true, false, memory.ActorAgent},
		{nil, false, false, memory.ActorAgent},
		{[]string{"MEMD_ACTOR=agent"}, true, true, memory.ActorAgent},
		{[]string{"MEMD_ACTOR=Agent"}, true, true, memory.ActorAgent},
		{[]string{"MEMD_ACTOR=robot"}, true, true, memory.ActorAgent},
		{[]string{"MEMD_ACTOR=person"}, true, true, memory.ActorPerson},
		{[]string{"MEMD_ACTOR=person"}, false, true, memory.ActorAgent},
		{[]string{"MEMD_ACTOR=person", "CLAUDECODE=1"}, true, true, memory.ActorAgent},
		{[]string{"CLAUDECODE=0"}, true, true, memory.ActorAgent},
		{[]string{"CLAUDECODE="}, true, true, memory.ActorPerson},
		{[]string{"CURSOR_TRACE_ID=x", "TERM_PROGRAM=vscode"}, true, true, memory.ActorPerson},
	} {
		if got := ActorFrom(environ(test.env...), test.stdin, test.stderr); got != test.want {
			t.Errorf("env %q, stdin %v, stderr %v: got %s, want %s", test.env, test.stdin, test.stderr, got, test.want)
		}
	}
	for _, m := range agentMarkers {
		if got := ActorFrom(environ(m.variable+"=1"), true, true); got != memory.ActorAgent {
			t.Errorf("%s of %s: got %s, want agent", m.variable, m.agent, got)
		}
	}
}
