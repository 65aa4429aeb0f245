package daemon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/memd-dev/memd/fixtures"
	"github.com/memd-dev/memd/memory"
)

func TestUnbornRepository(t *testing.T) {
	s := newStage(t, "empty")
	d := s.open()
	m := s.mine(d, 0)
	if m.Total != 0 || m.Mined != 0 || m.New != 0 {
		t.Errorf("mined %+v", m)
	}
	status, err := d.Status(t.Context(), s.envelope())
	if err != nil || status.Total != 0 || !slices.Contains(status.Wrong, "there are no commits yet") || status.Branch != "main" {
		t.Errorf("status: %+v, %v", status, err)
	}
	if _, err := d.Recall(t.Context(), s.envelope(), memory.RecallQuery{Text: "retry"}); !errors.Is(err, memory.ErrNotFound) {
		t.Errorf("recall: got %v, want ErrNotFound", err)
	}
	if _, err := d.Why(t.Context(), s.envelope(), memory.WhyQuery{Path: []byte("a.go")}); !errors.Is(err, memory.ErrNotFound) {
		t.Errorf("why: got %v, want ErrNotFound", err)
	}
	if got := s.dump(d); got != "" {
		t.Errorf("dump: %q", got)
	}
	// The first commit is there as soon as there is something to ask about.
	id := s.commit("a.go", "package a\n", "a: begin with a zeppelin")
	s.mine(d, 0)
	if a := s.recall(d, memory.RecallQuery{Text: "zeppelin"}); len(a.Commits) != 1 || a.Commits[0].ID != id {
		t.Errorf("after the first commit: %+v", a)
	}
}

func TestBareRepository(t *testing.T) {
	s := newStage(t, "shop")
	work := s.mined()
	want := s.dump(work)
	bare := s.anew()
	bare.dir = filepath.Join(realDir(t), "shop.git")
	bare.p = scratchPaths(t)
	s.git("clone", "-q", "--mirror", s.dir, bare.dir)
	d := bare.mined()
	if d.Worktree() != bare.dir {
		t.Errorf("worktree: got %s, want %s", d.Worktree(), bare.dir)
	}
	if a := bare.recall(d, memory.RecallQuery{Text: "why at most seven tries"}); bare.label(a.Commits[0].ID) != "006" {
		t.Errorf("recall: %v", bare.labels(a))
	}
	if w := bare.why(d, memory.WhyQuery{Path: []byte("order/http.go"), First: 1, Last: 9}); len(w.Lines) == 0 || bare.label(w.Lines[0].ID) != "001" {
		t.Errorf("why: %+v", w.Lines)
	}
	if strings.Count(bare.dump(d), "\n") != strings.Count(want, "\n") {
		t.Errorf("the dumps have %d and %d lines", strings.Count(bare.dump(d), "\n"), strings.Count(want, "\n"))
	}
}

// TestLinkedWorktreeSharesTheMemory: one memory for both, each asked about its
// own HEAD.
func TestLinkedWorktreeSharesTheMemory(t *testing.T) {
	s := newStage(t, "shop")
	if err := s.mined().Close(); err != nil {
		t.Fatal(err)
	}
	linked := *s
	linked.dir = filepath.Join(realDir(t), "linked")
	s.git("worktree", "add", "-q", linked.dir, s.ids["012"])
	d, err := linked.tryOpen(EnrolNever)
	if err != nil {
		t.Fatal(err)
	}
	if d.JustEnrolled() {
		t.Error("the linked worktree has a memory of its own")
	}
	a := linked.recall(d, memory.RecallQuery{Text: "payment timeout store lock", Limit: 100})
	if a.Revision != s.ids["012"] || slices.Contains(s.labels(a), "029") || a.Mined != 40 {
		t.Errorf("in the linked worktree: %v about %s", s.labels(a), s.label(a.Revision))
	}
	if a := s.recall(d, memory.RecallQuery{Text: "payment timeout store lock", Limit: 100}); a.Revision != s.ids["040"] || !slices.Contains(s.labels(a), "029") {
		t.Errorf("in the main one: %v about %s", s.labels(a), s.label(a.Revision))
	}
	// A commit on its detached HEAD is followed too.
	id := linked.commit("zeppelin.txt", "z\n", "zeppelin: begin")
	if a := linked.recall(d, memory.RecallQuery{Text: "zeppelin"}); len(a.Commits) != 1 || a.Commits[0].ID != id {
		t.Errorf("a commit in the linked worktree: %v", s.labels(a))
	}
	if a := s.recall(d, memory.RecallQuery{Text: "zeppelin"}); len(a.Commits) != 0 {
		t.Errorf("it is no ancestor of main, and is found there: %v", s.labels(a))
	}
	status, err := d.Status(t.Context(), linked.envelope())
	if err != nil || len(status.Worktrees) != 2 || status.Branch != "" {
		t.Errorf("status: %+v, %v", status, err)
	}
}

func TestShallowCloneSaysSo(t *testing.T) {
	s := newStage(t, "shop")
	shallow := *s
	shallow.dir = filepath.Join(realDir(t), "shallow")
	s.git("clone", "-q", "--depth", "8", "file://"+s.dir, shallow.dir)
	d := shallow.open()
	m := shallow.mine(d, 0)
	count := len(strings.Fields(shallow.git("rev-list", "HEAD")))
	if !m.Shallow || m.Mined != count || m.Total != count {
		t.Errorf("mined %+v, want %d", m, count)
	}
	a := shallow.recall(d, memory.RecallQuery{Text: "retry seven tries refused", Limit: 100})
	if !a.Shallow || len(a.Commits) == 0 || slices.Contains(shallow.labels(a), "006") {
		t.Errorf("recall: shallow %v, %v", a.Shallow, shallow.labels(a))
	}
	status, err := d.Status(t.Context(), shallow.envelope())
	if err != nil || !slices.ContainsFunc(status.Wrong, func(w string) bool { return strings.Contains(w, "shallow") }) {
		t.Errorf("status: %v, %v", status.Wrong, err)
	}
	// A line from before the cut belongs to the commit at the cut, as git says.
	path := "order/http.go"
	if got, want := shallow.why(d, memory.WhyQuery{Path: []byte(path), First: 1}).Lines[0].ID, shallow.blamed("HEAD", path)[0]; got != want {
		t.Errorf("line 1: got %s, want %s", shallow.label(got), shallow.label(want))
	}
	// What the clone gets later, memory has later.
	shallow.git("fetch", "-q", "--unshallow")
	if status, err = d.Status(t.Context(), shallow.envelope()); err != nil || !slices.ContainsFunc(status.Wrong, func(w string) bool { return strings.Contains(w, "mines it anew") }) {
		t.Errorf("status after --unshallow: %v, %v", status.Wrong, err)
	}
	m = shallow.mine(d, 0)
	if m.Shallow || m.Mined != m.Total || m.Total != len(strings.Fields(shallow.git("rev-list", "HEAD"))) {
		t.Errorf("after --unshallow: %+v", m)
	}
	if a := shallow.recall(d, memory.RecallQuery{Text: "why at most seven tries"}); shallow.label(a.Commits[0].ID) != "006" || a.Shallow {
		t.Errorf("after --unshallow: %v, shallow %v", shallow.labels(a), a.Shallow)
	}
	// The commit at the border had looked like a root.
	whole := shallow.anew()
	sameDump(t, "after --unshallow", shallow.dump(d), whole.dump(whole.mined()))
}

// TestCatchUp: what was committed a moment ago is in the next answer.
func TestCatchUp(t *testing.T) {
	s := newStage(t, "linear")
	d := s.mined()
	ask := func(text string, want ...string) *memory.Recall {
		t.Helper()
		a := s.recall(d, memory.RecallQuery{Text: text})
		var got []string
		for _, c := range a.Commits {
			got = append(got, c.ID)
		}
		if !slices.Equal(got, want) || a.Behind != 0 || a.Revision != s.git("rev-parse", "HEAD") || a.Mined != a.Total {
			t.Errorf("%s: got %v about %+v, want %v", text, got, a.Answer, want)
		}
		return a
	}
	one := s.commit("a.go", "package zeppelin\n", "zeppelin: begin")
	ask("zeppelin", one)
	two := s.commit("a.go", "package zeppelin\n\n// Fly flies.\nfunc Fly() {}\n", "zeppelin: fly")
	ask("fly", two)
	if w := s.why(d, memory.WhyQuery{Path: []byte("a.go"), First: 4}); w.Lines[0].ID != two {
		t.Errorf("why: %+v", w.Lines)
	}

	// Amended, rebased, reset, merged: each time the answer is about HEAD.
	s.git("commit", "-q", "--amend", "-m", "zeppelin: soar")
	amended := s.git("rev-parse", "HEAD")
	ask("fly soar", amended)

	s.git("checkout", "-q", "-b", "topic", "HEAD~1")
	topic := s.commit("b.go", "package balloon\n", "balloon: begin")
	ask("balloon", topic)
	ask("soar") // not an ancestor
	s.git("rebase", "-q", "main")
	rebased := s.git("rev-parse", "HEAD")
	if rebased == topic {
		t.Fatal("nothing was rebased")
	}
	ask("balloon", rebased)

	s.git("checkout", "-q", "main")
	ask("balloon")
	s.git("merge", "-q", "--no-ff", "-m", "Merge the balloon", "topic")
	merge := s.git("rev-parse", "HEAD")
	a := s.recall(d, memory.RecallQuery{Text: "balloon"})
	if len(a.Commits) != 2 || a.Behind != 0 {
		t.Errorf("after the merge %s: %v", merge, s.labels(a))
	}

	s.git("reset", "-q", "--hard", one)
	ask("balloon soar")
	ask("zeppelin", one)
	s.git("branch", "-q", "-D", "topic")
	s.git("reflog", "expire", "--expire=now", "--all")
	s.git("gc", "-q", "--prune=now")
	if _, err := fixtures.Git(s.dir, "cat-file", "-e", rebased); err == nil {
		t.Fatal("gc left the branch: nothing is tested")
	}
	ask("balloon soar")
	ask("zeppelin", one)
	three := s.commit("c.go", "package airship\n", "airship: begin")
	ask("airship", three)
	if m := s.mine(d, 0); m.Mined != m.Total || m.Total != 5 {
		t.Errorf("at the end: %+v", m)
	}

	// A fresh memory of what is left is the same.
	fresh := s.anew()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	old, err := s.tryOpen(EnrolNever)
	if err != nil {
		t.Fatal(err)
	}
	sameDump(t, "after all of it", s.dump(old), fresh.dump(fresh.mined()))
}

// TestCatchUpLeavesMuchToMine: a fetch of more commits than a question mines
// must not hide what is remembered. They are counted as behind.
func TestCatchUpLeavesMuchToMine(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	tree := s.git("rev-parse", "HEAD^{tree}")
	tip := s.ids["040"]
	many := catchUpCommits + 50
	for i := range many {
		tip = s.git("commit-tree", "-p", tip, "-m", fmt.Sprintf("number %d of the zeppelins", i), tree)
	}
	s.git("update-ref", "refs/heads/main", tip)
	for range 2 {
		a := s.recall(d, memory.RecallQuery{Text: "why do we retry at most seven times"})
		if len(a.Commits) == 0 || s.label(a.Commits[0].ID) != "006" || a.Behind != many || a.AsOf != s.ids["040"] {
			t.Errorf("before they are mined: %v about %+v", s.labels(a), a.Answer)
		}
		if w := s.why(d, memory.WhyQuery{Path: []byte("payment/gateway.go"), First: 1}); len(w.Lines) != 1 || w.Lines[0].ID == "" {
			t.Errorf("why: %+v", w.Lines)
		}
	}
	m := s.mine(d, 0)
	if m.New != many || m.Mined != m.Total || m.Behind != 0 {
		t.Errorf("mined %+v", m)
	}
	if a := s.recall(d, memory.RecallQuery{Text: "zeppelins", Limit: 1000}); len(a.Commits) != many || a.Behind != 0 {
		t.Errorf("after: %d commits, %d behind", len(a.Commits), a.Behind)
	}
}

// TestListedAndRewritten: commits that were listed, and rewritten before they
// were mined, are not missing.
func TestListedAndRewritten(t *testing.T) {
	s := newStage(t, "linear")
	d := s.mined()
	lost := s.commit("a.go", "package a\n", "a: begin")
	if _, err := d.db.List(t.Context(), []memory.GraphNode{{ID: lost, Parents: []string{s.ids["3"]}}}); err != nil {
		t.Fatal(err)
	}
	s.git("commit", "-q", "--amend", "-m", "a: begin again")
	a := s.recall(d, memory.RecallQuery{Text: "begin again"})
	if a.Mined != 4 || a.Total != 4 || a.Behind != 0 {
		t.Errorf("got %+v, want 4 of 4", a.Answer)
	}
	status, err := d.Status(t.Context(), s.envelope())
	if err != nil || len(status.Wrong) != 0 {
		t.Errorf("status finds wrong: %v, %v", status.Wrong, err)
	}
}

// TestTwoAtOnce: the second one reads, says why it can't write, and goes on
// when the first is gone.
func TestTwoAtOnce(t *testing.T) {
	s := newStage(t, "shop")
	first := s.mined()
	second, err := s.tryOpen(EnrolNever)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.recall(second, memory.RecallQuery{Text: "why at most seven tries"}); s.label(a.Commits[0].ID) != "006" {
		t.Errorf("the second one answers %v", s.labels(a))
	}
	if w := s.why(second, memory.WhyQuery{Path: []byte("order/order.go"), First: 1, Last: 40}); len(w.Lines) == 0 {
		t.Error("the second one has no story")
	}
	_, err = second.Mine(t.Context(), s.envelope(), memory.MineQuery{}, nil)
	if !errors.Is(err, memory.ErrBusy) || hintOf(err) == "" {
		t.Errorf("Mine of the second: got %v with the hint %q, want ErrBusy", err, hintOf(err))
	}
	if _, err = second.Rebuild(t.Context(), s.envelope(), nil); !errors.Is(err, memory.ErrBusy) || hintOf(err) == "" {
		t.Errorf("Rebuild of the second: got %v with the hint %q, want ErrBusy", err, hintOf(err))
	}
	status, err := second.Status(t.Context(), s.envelope())
	if err != nil || !status.ReadOnly || len(status.Wrong) != 1 {
		t.Errorf("status of the second: %+v, %v", status, err)
	}
	checks, err := second.Doctor(t.Context())
	if err != nil || !slices.ContainsFunc(checks, func(c Check) bool { return c.Name == "lock" && !c.OK && c.Hint != "" }) {
		t.Errorf("doctor of the second: %+v, %v", checks, err)
	}
	// What the first one mines the second one sees; what neither has mined it
	// knows to be behind.
	id := s.commit("z.go", "package zeppelin\n", "zeppelin: begin")
	if a := s.recall(second, memory.RecallQuery{Text: "zeppelin"}); len(a.Commits) != 0 || a.Behind != 1 {
		t.Errorf("before it is mined: %v, %d behind", s.labels(a), a.Behind)
	}
	s.recall(first, memory.RecallQuery{Text: "zeppelin"})
	if a := s.recall(second, memory.RecallQuery{Text: "zeppelin"}); len(a.Commits) != 1 || a.Commits[0].ID != id || a.Behind != 0 {
		t.Errorf("after it was mined: %v, %d behind", s.labels(a), a.Behind)
	}
	sameDump(t, "first and second", s.dump(second), s.dump(first))
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	third, err := s.tryOpen(EnrolNever)
	if err != nil {
		t.Fatal(err)
	}
	if m := s.mine(third, 0); m.Mined != 41 {
		t.Errorf("the third one mines %+v", m)
	}
}

// TestNothingIsWrittenIntoTheRepository: a whole life leaves no file there, and
// none is changed.
func TestNothingIsWrittenIntoTheRepository(t *testing.T) {
	s := newStage(t, "shop")
	s.write("ignored.log", "x\n")
	s.write(".git/info/exclude", "*.log\n")
	s.git("status", "--ignored") // refreshes git's own index
	status, before := s.git("status", "--ignored", "--porcelain"), listing(t, s.dir)
	d := s.mined()
	s.recall(d, memory.RecallQuery{Text: "retry"})
	s.why(d, memory.WhyQuery{Path: []byte("order/order.go"), First: 1, Last: 30})
	s.why(d, memory.WhyQuery{Path: []byte("payment/gateway.go")})
	if _, err := d.Status(t.Context(), s.envelope()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Doctor(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Rebuild(t.Context(), s.envelope(), nil); err != nil {
		t.Fatal(err)
	}
	s.dump(d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if after := listing(t, s.dir); after != before {
		t.Errorf("the repository's files differ in %s", firstDifference(after, before))
	}
	if got := s.git("status", "--ignored", "--porcelain"); got != status {
		t.Errorf("status: got %q, want %q", got, status)
	}
	// And in the state directory nothing but what belongs there.
	left, err := os.ReadDir(d.stateOf)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range left {
		names = append(names, e.Name())
	}
	if want := []string{"index.db", "lock", "shadow.git"}; !slices.Equal(names, want) {
		t.Errorf("the state directory holds %v, want %v", names, want)
	}
}

func TestOpenAsksBeforeItEnrols(t *testing.T) {
	s := newStage(t, "linear")
	if _, err := s.tryOpen(EnrolNever); !errors.Is(err, memory.ErrNotEnrolled) || hintOf(err) == "" {
		t.Errorf("never: got %v with the hint %q", err, hintOf(err))
	}
	env := s.envelope()
	env.Actor = memory.ActorAgent
	if _, err := Open(t.Context(), Options{Paths: s.p, Config: DefaultConfig()}, env, EnrolImplicit); !errors.Is(err, memory.ErrNotEnrolled) || hintOf(err) == "" {
		t.Errorf("an agent: got %v with the hint %q", err, hintOf(err))
	}
	if left, err := os.ReadDir(filepath.Dir(filepath.Dir(s.p.Data))); err != nil || len(left) != 0 {
		t.Errorf("a refusal left %v, %v", left, err)
	}
	d, err := s.tryOpen(EnrolImplicit)
	if err != nil || !d.JustEnrolled() {
		t.Fatalf("a person: %v", err)
	}
	env.Worktree = t.TempDir()
	if _, err := Open(t.Context(), Options{Paths: s.p, Config: DefaultConfig()}, env, EnrolExplicit); !errors.Is(err, memory.ErrNotRepository) {
		t.Errorf("outside: got %v, want ErrNotRepository", err)
	}
}

func TestDoctorFindsNothingWrong(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	checks, err := d.Doctor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, c := range checks {
		names[c.Name] = true
		if !c.OK || c.Detail == "" || c.Hint != "" {
			t.Errorf("check: %+v", c)
		}
	}
	for _, want := range []string{"git", "repository", "lock", "journal", "state", "keys", "registry", "index"} {
		if !names[want] {
			t.Errorf("no check of the %s", want)
		}
	}
	if err := os.Chmod(d.stateOf, 0o755); err != nil {
		t.Fatal(err)
	}
	checks, err = d.Doctor(t.Context())
	if err != nil || !slices.ContainsFunc(checks, func(c Check) bool { return c.Name == "state" && !c.OK && c.Hint != "" }) {
		t.Errorf("an open state directory: %+v, %v", checks, err)
	}
}
