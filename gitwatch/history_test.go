package gitwatch

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/memd-dev/memd/fixtures"
	"github.com/memd-dev/memd/memory"
)

func TestMineAgreesWithGit(t *testing.T) {
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			dir, ids := b.fixture(name)
			commits := b.mine(dir)
			if len(commits) != len(ids) {
				t.Errorf("%d commits, want %d", len(commits), len(ids))
			}
			for _, c := range commits {
				clean(t, c)
				if len(c.Parents) < 2 {
					agree(t, dir, c)
				}
			}
		})
	}
}

func TestMineGivesTheSameEachTime(t *testing.T) {
	b := newBox(t)
	dir, _ := b.fixture("shop")
	if !reflect.DeepEqual(b.mine(dir), b.mine(dir)) {
		t.Error("two runs differ")
	}
}

func TestMineReadsHeaders(t *testing.T) {
	b := newBox(t)
	dir, ids := b.fixture("shop")
	c := b.mine(dir)[ids["027"]]
	if c.Author != (memory.Person{Name: "Ben Okafor", Email: "ben@shop.example"}) || c.Authored != 1645015730 ||
		c.Committer != (memory.Person{Name: "Ana Lima", Email: "ana@shop.example"}) || c.Committed != 1645085400 {
		t.Errorf("people: %+v %d %+v %d", c.Author, c.Authored, c.Committer, c.Committed)
	}
	if !slices.Equal(c.Parents, []string{ids["025"]}) || c.Subject != "order: answer 404 only for orders that do not exist" ||
		!strings.HasPrefix(c.Body, "Every error of the store") || !strings.HasSuffix(c.Body, "(cherry picked from commit "+ids["026"]+")") {
		t.Errorf("got %q %q %q", c.Parents, c.Subject, c.Body)
	}
}

func TestMineClassesOfTheShop(t *testing.T) {
	b := newBox(t)
	dir, ids := b.fixture("shop")
	commits := b.mine(dir)
	for _, c := range []struct {
		label, path string
		want        memory.Class
	}{
		{"004", "web/package-lock.json", memory.ClassLock},
		{"009", "api/order.pb.go", memory.ClassGenerated},
		{"010", "vendor/example.net/shortid/shortid.go", memory.ClassVendored},
		{"031", "web/logo.png", memory.ClassBinary},
		{"009", "api/order.proto", memory.ClassSource},
		{"012", "order/refund_test.go", memory.ClassTest},
		{"032", "docs/décision retours.md", memory.ClassDocument},
		{"033", "docs/contract\npage 2.txt", memory.ClassDocument},
		{"033", "docs/caf\xe9.txt", memory.ClassDocument},
		{"004", "web/package.json", memory.ClassData},
	} {
		ch := change(t, commits[ids[c.label]], c.path)
		if ch.Class != c.want || (len(ch.Hunks) > 0) == c.want.NamesOnly() {
			t.Errorf("%s %q: %s with %d hunks, want %s", c.label, c.path, ch.Class, len(ch.Hunks), c.want)
		}
	}
}

func TestMineFlagsAndReferencesOfTheShop(t *testing.T) {
	b := newBox(t)
	dir, ids := b.fixture("shop")
	commits := b.mine(dir)
	flags := map[string]memory.Flags{
		"002": 0, "006": memory.FlagFix, "011": memory.FlagRevert, "016": memory.FlagMerge, "019": memory.FlagFixup,
		"022": memory.FlagFormatting, "024": memory.FlagBot, "025": memory.FlagRelease, "030": memory.FlagMerge, "039": 0,
	}
	for label, want := range flags {
		got := commits[ids[label]].Flags
		if label == "011" { // it also fixes #331
			got &^= memory.FlagFix
		}
		if got != want {
			t.Errorf("%s: flags %q, want %q", label, got.Names(), want.Names())
		}
	}
	for label, c := range commits {
		if formatting := c.Flags&memory.FlagFormatting != 0; formatting != (label == ids["022"]) {
			t.Errorf("%q: formatting = %v", c.Subject, formatting)
		}
	}
	refs := map[string]memory.Reference{
		"006": {Kind: memory.RefIssue, Value: "214"},
		"011": {Kind: memory.RefReverts, Value: ids["007"]},
		"026": {Kind: memory.RefFixes, Value: ids["001"][:7]},
		"027": {Kind: memory.RefCherryPick, Value: ids["026"]},
		"035": {Kind: memory.RefIssue, Value: "503"},
	}
	for label, want := range refs {
		if got := commits[ids[label]].Refs; !slices.Contains(got, want) {
			t.Errorf("%s: references %v, want %v among them", label, got, want)
		}
	}
}

func TestMineSymbolsAndReasonsOfTheShop(t *testing.T) {
	b := newBox(t)
	dir, ids := b.fixture("shop")
	commits := b.mine(dir)
	symbols := map[string]map[string][]string{
		"003": {"payment/client.go": {"Client.Charge", "Client.retry"}},
		"012": {"order/refund.go": {"ErrRefunded", "Refund"}},
		"023": {"tools/money.py": {"round_cents"}, "tools/report.py": {"round_cents"}},
		"038": {"web/checkout.js": {"FIRST_WAIT", "waitForReceipt"}},
	}
	for label, paths := range symbols {
		for path, want := range paths {
			var got []string
			for _, h := range change(t, commits[ids[label]], path).Hunks {
				got = append(got, h.Symbols...)
			}
			for _, w := range want {
				if !slices.Contains(got, w) {
					t.Errorf("%s %s: symbols %q, want %q among them", label, path, got, w)
				}
			}
		}
	}
	reasons := map[string]memory.Reason{
		"006": {Symbol: "maxTries", Line: 15, Text: "maxTries is seven because the provider blocks a card at the eighth try within its rate-limit window of ten minutes."},
		"012": {Symbol: "Refund", Line: 21, Text: "Two clicks must not pay twice (#812): the mark is set before the call."},
		"035": {Symbol: "MaxLines", Line: 5, Text: "MaxLines is 200 because the provider's receipt holds no more: it cuts the rest off without a word, and the customer pays for what the receipt lacks."},
	}
	for label, want := range reasons {
		var got []memory.Reason
		for _, ch := range commits[ids[label]].Changes {
			got = append(got, ch.Reasons...)
		}
		if !slices.Contains(got, want) {
			t.Errorf("%s: reasons %+v, want %+v among them", label, got, want)
		}
	}
	for _, r := range change(t, commits[ids["037"]], "order/refund.go").Reasons {
		if r.Text == reasons["012"].Text && r.Removed && r.Line == 21 {
			return
		}
	}
	t.Errorf("037 takes a reason out: %+v", change(t, commits[ids["037"]], "order/refund.go").Reasons)
}

func TestMineMergesAgreeWithGit(t *testing.T) {
	seen := 0
	for _, name := range []string{"merges", "shop"} {
		b := newBox(t)
		dir, _ := b.fixture(name)
		for _, c := range b.mine(dir) {
			if len(c.Parents) < 2 {
				continue
			}
			seen++
			if c.Flags&memory.FlagMerge == 0 || c.PatchID != "" || c.Skipped != "" {
				t.Errorf("%q: %+v", c.Subject, c)
			}
			first, err := fixtures.Git(dir, "diff-tree", "-r", "-z", "--name-only", "--no-renames", c.Parents[0], c.ID)
			if err != nil {
				t.Fatal(err)
			}
			var merged string
			for _, path := range c.Merged {
				merged += string(path) + "\x00"
			}
			if merged != first {
				t.Errorf("%q: Merged %q, want %q", c.Subject, merged, first)
			}
			raw, err := fixtures.Git(dir, "diff-tree", "-c", "-r", "--raw", "-z", "--no-abbrev", "--no-commit-id", c.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got := combined(c); got != raw {
				t.Errorf("%q: changes\n%q, want\n%q", c.Subject, got, raw)
			}
		}
	}
	if seen < 9 {
		t.Errorf("saw %d merges only", seen)
	}
}

// combined writes the changes of a merge as diff-tree -c --raw does, for files
// of mode 100644.
func combined(c *memory.Commit) string {
	var out strings.Builder
	n := len(c.Parents)
	full := func(id string) (string, string) {
		if id == "" {
			return strings.Repeat("0", 40), "000000"
		}
		return id, "100644"
	}
	for at := 0; at < len(c.Changes); at += n {
		var modes, blobs, status string
		for i, ch := range c.Changes[at : at+n] {
			blob, mode := full(ch.OldBlob)
			modes, blobs, status = modes+mode+" ", blobs+blob+" ", status+string(ch.Status)
			if ch.Parent != i || len(ch.Hunks) > 0 || ch.Lazy != (ch.OldBlob != "" && ch.NewBlob != "") {
				return fmt.Sprintf("%+v", ch)
			}
		}
		blob, mode := full(c.Changes[at].NewBlob)
		fmt.Fprintf(&out, "%s%s%s %s%s %s\x00%s\x00", strings.Repeat(":", n), modes, mode, blobs, blob, status, c.Changes[at].Path)
	}
	return out.String()
}
