package daemon

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

// TestRecallFindsWhatIsPlanted: the commit that a question is about comes
// first.
func TestRecallFindsWhatIsPlanted(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	for _, tt := range []struct{ question, want string }{
		{"why do we retry at most seven times", "006"},
		{"why is maxTries seven", "006"},
		{"why did the timeout go back to 30 seconds", "011"},
		{"cut the timeout to 5 seconds", "007"},
		{"guard against double refunds", "012"},
		{"conflict of the rebate and whole cents", "016"},
		{"concurrent map writes", "029"},
		{"floating point lost a cent", "013"},
		{"why are amounts read as Decimal", "036"},
		{"which bank refused", "034"},
		{"at most 200 lines in an order", "035"},
		{"partners dropped orders that were slow to load", "026"},
		{"gateway.go rename", "017"},
		{"how are returns decided", "032"},
		{"Yen have no minor unit", "015"},
		{"backup key was revoked", "021"},
		{"do not try again what a bank refused", "040"},
	} {
		a := s.recall(d, memory.RecallQuery{Text: tt.question})
		if len(a.Commits) == 0 || s.label(a.Commits[0].ID) != tt.want {
			t.Errorf("%q: got %v, want %s first", tt.question, s.labels(a), tt.want)
		}
		if a.Mined != 40 || a.Total != 40 || a.Behind != 0 || a.Revision != s.ids["040"] || a.AsOf != s.ids["040"] {
			t.Errorf("%q: answer about %+v", tt.question, a.Answer)
		}
	}
	a := s.recall(d, memory.RecallQuery{Text: "why do we retry at most seven times", Limit: 1, Full: true})
	if len(a.Commits) != 1 || !strings.Contains(a.Commits[0].Reason, "Seven is therefore") || !strings.Contains(a.Commits[0].Body, "blocks") {
		t.Errorf("the best hit gives the reason %q and the body %q", a.Commits[0].Reason, a.Commits[0].Body)
	}
	if len(a.Files) == 0 || a.Files[0].Path != "payment/gateway.go" {
		t.Errorf("files: got %+v, want payment/gateway.go first", a.Files)
	}
	for _, f := range a.Files {
		if f.Path == "payment/client.go" || f.Path == "order/store.go" {
			t.Errorf("%s is named, and was renamed long ago", f.Path)
		}
	}
}

func TestRecallOfNothing(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	a := s.recall(d, memory.RecallQuery{Text: "zeppelin"})
	if a.Commits == nil || a.Files == nil || a.Symbols == nil || len(a.Commits)+len(a.Files)+len(a.Symbols) != 0 {
		t.Errorf("got %+v, want empty lists", a)
	}
	if !slices.Equal(a.Understood.Unknown, []string{"zeppelin"}) {
		t.Errorf("unknown words: got %v", a.Understood.Unknown)
	}
	for _, q := range []memory.RecallQuery{
		{}, {Text: " \n"}, {Text: "a\xffb"}, {Text: "x", Limit: -1}, {Text: "x", Limit: memory.MaxLimit + 1},
		{Text: strings.Repeat("x", maxQuestionBytes+1)}, {Text: "x", Since: 20, Until: 10},
	} {
		if _, err := d.Recall(t.Context(), s.envelope(), q); !errors.Is(err, memory.ErrInvalid) {
			t.Errorf("%.40q %d: got %v, want ErrInvalid", q.Text, q.Limit, err)
		}
	}
	for _, rev := range []string{"nowhere", "v9", strings.Repeat("0", 40), "HEAD~1000"} {
		if _, err := d.Recall(t.Context(), s.envelope(), memory.RecallQuery{Text: "retry", At: rev}); !errors.Is(err, memory.ErrNotFound) {
			t.Errorf("at %s: got %v, want ErrNotFound", rev, err)
		}
	}
}

func TestRecallFilters(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	ask := func(q memory.RecallQuery) []string {
		t.Helper()
		q.Limit = 100
		return s.labels(s.recall(d, q))
	}
	sorted := func(list []string) []string { slices.Sort(list); return list }
	for _, tt := range []struct {
		name string
		q    memory.RecallQuery
		want string // all of the answer, sorted
	}{
		{"file", memory.RecallQuery{Text: "order", Paths: []string{"order/refund.go"}}, "008 012 013 016 037"},
		{"file without words", memory.RecallQuery{Paths: []string{"order/refund.go"}}, "008 012 013 016 037"},
		{"folder", memory.RecallQuery{Paths: []string{"deploy"}}, "020 021"},
		{"folder with a slash", memory.RecallQuery{Paths: []string{"deploy/"}}, "020 021"},
		{"glob", memory.RecallQuery{Paths: []string{"*.py"}}, "005 023 036"},
		{"two paths", memory.RecallQuery{Paths: []string{"deploy", "*.py"}}, "005 020 021 023 036"},
		{"odd bytes", memory.RecallQuery{Paths: []string{"docs/caf\xe9.txt"}}, "033"},
		{"no such path", memory.RecallQuery{Text: "order", Paths: []string{"nowhere"}}, ""},
		{"symbol", memory.RecallQuery{Symbol: "round_cents"}, "005 023 036"},
		{"last part of a symbol", memory.RecallQuery{Symbol: "Total"}, "001 013 014"},
		{"no such symbol", memory.RecallQuery{Text: "order", Symbol: "Nowhere"}, ""},
		{"author", memory.RecallQuery{Text: "order", Author: "дмитрий"}, "005 023 036"},
		{"author alone", memory.RecallQuery{Author: "DMITRI@"}, "005 020 023 033 036"},
		{"since", memory.RecallQuery{Since: 1683000000}, "039 040"},
		{"until", memory.RecallQuery{Until: 1615500000}, "001 002 003"},
		{"between, by an author", memory.RecallQuery{Since: 1615500000, Until: 1640000000, Author: "megumi"}, "012 018 019"},
	} {
		got := sorted(ask(tt.q))
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %v, want %s", tt.name, got, tt.want)
		}
	}
	// Without words the newest comes first.
	if got := ask(memory.RecallQuery{Paths: []string{"*.py"}}); strings.Join(got, " ") != "036 023 005" {
		t.Errorf("order without words: %v", got)
	}
	a := s.recall(d, memory.RecallQuery{Text: "payment", Paths: []string{"order"}})
	for _, f := range a.Files {
		if !strings.HasPrefix(f.Path, "order/") {
			t.Errorf("a question about order/ names %s", f.Path)
		}
	}
}

// TestRecallAtARevision: a commit that is no ancestor of the asked revision
// does not exist for the answer, by words, by hash and by number.
func TestRecallAtARevision(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	for _, rev := range []string{"HEAD", s.ids["018"], s.ids["001"], "release/1.x", "v1.0.0", "HEAD~5", s.ids["015"]} {
		ancestors := map[string]bool{}
		for id := range strings.FieldsSeq(s.git("rev-list", rev)) {
			ancestors[id] = true
		}
		for _, text := range []string{"order payment timeout retry", "#812 #431 " + s.ids["027"] + " " + s.ids["026"], "gateway.go order.go Total round_cents"} {
			a := s.recall(d, memory.RecallQuery{Text: text, At: rev, Limit: 100})
			for _, c := range a.Commits {
				if !ancestors[c.ID] {
					t.Errorf("at %s: %q gives %s, which is no ancestor", rev, text, s.label(c.ID))
				}
			}
			tree := s.git("ls-tree", "-r", "-z", "--name-only", a.Revision) + "\x00"
			for _, f := range a.Files {
				if f.PathB64 == "" && !strings.Contains("\x00"+tree, "\x00"+f.Path+"\x00") {
					t.Errorf("at %s: %q gives %s, which is not there", rev, text, f.Path)
				}
			}
			if a.Behind != 0 || a.Revision != s.git("rev-parse", rev+"^{commit}") {
				t.Errorf("at %s: answer about %+v", rev, a.Answer)
			}
		}
		if a := s.recall(d, memory.RecallQuery{Paths: []string{"."}, At: rev, Limit: 100}); len(a.Commits) > len(ancestors) {
			t.Errorf("at %s: %d commits of %d", rev, len(a.Commits), len(ancestors))
		}
	}
	// Before the guard there is none to find; after it there is.
	for rev, want := range map[string]bool{s.ids["011"]: false, s.ids["012"]: true} {
		a := s.recall(d, memory.RecallQuery{Text: "guard against double refunds #812", At: rev})
		if got := slices.Contains(s.labels(a), "012"); got != want {
			t.Errorf("at %s: the guard is found: %v", s.label(rev), got)
		}
	}
}

func TestRecallOfExactMentions(t *testing.T) {
	s := newStage(t, "shop")
	d := s.mined()
	for _, tt := range []struct {
		question, want, where string
		about                 func(memory.Understood) []string
		term                  string
	}{
		{"what did " + s.ids["020"] + " do", "020", "hash", func(u memory.Understood) []string { return u.Hashes }, s.ids["020"]},
		{"what did " + s.ids["020"][:9] + " do", "020", "hash", func(u memory.Understood) []string { return u.Hashes }, s.ids["020"][:9]},
		{"#214", "006", "reference", func(u memory.Understood) []string { return u.References }, "#214"},
		{"what was GH-331 about, (#331)?", "011", "reference", func(u memory.Understood) []string { return u.References }, "#331"},
		{"tools/export.py", "023", "file", func(u memory.Understood) []string { return u.Paths }, "tools/export.py"},
		{"what happened in export.py?", "023", "file", func(u memory.Understood) []string { return u.Paths }, "tools/export.py"},
		{"Order.Check", "035", "symbol", func(u memory.Understood) []string { return u.Symbols }, "Order.Check"},
	} {
		a := s.recall(d, memory.RecallQuery{Text: tt.question})
		if len(a.Commits) == 0 || s.label(a.Commits[0].ID) != tt.want {
			t.Errorf("%q: got %v, want %s first", tt.question, s.labels(a), tt.want)
			continue
		}
		if !slices.Contains(tt.about(a.Understood), tt.term) {
			t.Errorf("%q: understood %+v, want %s", tt.question, a.Understood, tt.term)
		}
		if !slices.ContainsFunc(a.Commits[0].Why, func(m memory.Match) bool { return m.Where == tt.where }) {
			t.Errorf("%q: matched by %+v, want a %s", tt.question, a.Commits[0].Why, tt.where)
		}
	}
	// What looks like a mention and is none stays a word.
	a := s.recall(d, memory.RecallQuery{Text: "deadbeef1 nowhere/at.all #999999 Nobody.Knows"})
	if u := a.Understood; len(u.Hashes)+len(u.Paths)+len(u.Symbols) != 0 {
		t.Errorf("understood %+v", u)
	}
}

// TestSecretsAreNotRemembered: what a commit added and the next one took out is
// in no answer, in no row and in no word of the index.
func TestSecretsAreNotRemembered(t *testing.T) {
	s := newStage(t, "linear")
	// Put together here, so that no scanner takes this file for a leak.
	token := "gh" + "p_" + "k3J9xQ7mZ2vT8bN4wR6yL1cD5fH0gSpA" + "e7Xu"
	password := "vR8" + "#kq2Lw" + "9zTx"
	text := "token: " + token + "\nurl: postgres://shop:" + password + "@db.example/shop\n"
	added := s.commit("deploy/settings.yaml", text, "deploy: settings\n\nFor a while the token is "+token+".")
	removed := s.commit("deploy/settings.yaml", "none: here\n", "deploy: take the token out")
	if !strings.Contains(s.git("show", added), token) || !strings.Contains(s.git("show", removed), password) {
		t.Fatal("git does not hold the secrets: nothing is tested")
	}
	d := s.mined()
	answer, err := json.Marshal([]any{
		s.recall(d, memory.RecallQuery{Text: "deploy settings token " + added, Full: true}),
		s.why(d, memory.WhyQuery{Path: []byte("deploy/settings.yaml")}),
	})
	if err != nil {
		t.Fatal(err)
	}
	dump := s.dump(d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(d.o.Paths.Index(d.entry.ID))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"the answer": string(answer), "the dump": dump, "the file": string(file)} {
		text = strings.ToLower(text)
		if !strings.Contains(text, "settings") {
			t.Errorf("%s knows nothing of the commit", name)
		}
		for _, secret := range []string{token, token[4:20], password} {
			if strings.Contains(text, strings.ToLower(secret)) {
				t.Errorf("%s holds %.6s…", name, secret)
			}
		}
	}
}

// TestRecallDoesNotDependOnHowItWasMined: the same history answers alike,
// however it came into memory.
func TestRecallDoesNotDependOnHowItWasMined(t *testing.T) {
	s := newStage(t, "shop")
	questions := []memory.RecallQuery{
		{Text: "why do we retry at most seven times"}, {Text: "order"}, {Text: "timeout of the payment provider"}, {Text: "store orders memory lock"},
		{Text: "round_cents Decimal report.py"}, {Text: "refund test"}, {Paths: []string{"order"}}, {Text: "merge minor units storage"},
	}
	answers := func(d *Daemon) string {
		var b strings.Builder
		for _, q := range questions {
			a := s.recall(d, q)
			a.Elapsed = 0
			text, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(text)
			b.WriteByte('\n')
		}
		return b.String()
	}
	want := answers(s.mined())
	for _, newest := range []int{1, 3, 10, 25} {
		s := s.anew()
		d := s.open()
		s.mine(d, newest)
		for n := newest; n < 40; n += newest {
			s.mine(d, newest)
		}
		s.mine(d, 0)
		if got := answers(d); got != want {
			t.Errorf("mined by %d: %s", newest, firstDifference(got, want))
		}
	}
}
