package memory

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseMessage(t *testing.T) {
	m := ParseMessage("\n\nreftable: fix a leak\nin the block reader  \n\n  It leaks.\n\nFixes: 3ad0ba722744 (\"x: y\")\nSigned-off-by: A <a@b>\n  B\n\n")
	if m.Subject != "reftable: fix a leak in the block reader" {
		t.Errorf("Subject = %q", m.Subject)
	}
	if want := "  It leaks.\n\nFixes: 3ad0ba722744 (\"x: y\")\nSigned-off-by: A <a@b>\n  B"; m.Body != want {
		t.Errorf("Body = %q, want %q", m.Body, want)
	}
	if got := fmt.Sprint(m.Trailers); got != `[{Fixes 3ad0ba722744 ("x: y")} {Signed-off-by A <a@b> B}]` {
		t.Errorf("Trailers = %s", got)
	}
	if got := fmt.Sprint(m.Refs, m.Flags.Names()); got != "[{fixes 3ad0ba722744}] [fix]" {
		t.Errorf("Refs, Flags = %s", got)
	}
	if m := ParseMessage(" \n\n"); m.Subject != "" || m.Body != "" || m.Refs != nil || m.Trailers != nil {
		t.Errorf("ParseMessage of nothing = %+v", m)
	}
}

func TestReferences(t *testing.T) {
	tests := []struct{ in, want string }{
		{"caddyhttp: close (#123), see #7 and GH-9", "issue:123 issue:7 issue:9"},
		{"PROJ-123: use UTF-8 and SHA-256, RFC-2119, ISO-8859-1, AES-256-GCM", "issue:PROJ-123"},
		{"x\n\nCVE-2021-3013 and GO-2023-1234", "issue:CVE-2021-3013 issue:GO-2023-1234"},
		{"fix &#39;quoted&#39; #000 #fff", ""},
		{"x\n\nSee https://github.com/a/b/issues/12#issuecomment-3 and c/d#4, PR#5", "issue:a/b#12 issue:c/d#4 issue:5"},
		{"x\n\nThis reverts commit 4be3664aa.", "reverts:4be3664aa"},
		{"x\n\nThis reverts commits 4be3664aa, 9f8e7d6c\nand 1f2e3d4c.", "reverts:4be3664aa reverts:9f8e7d6c reverts:1f2e3d4c"},
		{"x\n\nThis reverts\ncommit 4be3664aa, which was after 9f8e7d6.", "reverts:4be3664aa commit:9f8e7d6"},
		{"x\n\n(cherry picked from commit 3e2c1ab0f3e2c1ab0f3e2c1ab0f3e2c1ab0f3e2c)", "cherry-pick:3e2c1ab0f3e2c1ab0f3e2c1ab0f3e2c1ab0f3e2c"},
		{"x\n\nSince 4be3664aa (pkg: y, 2020-01-02) it fails.\n\nFixes: 4be3664aa (\"pkg: y\")", "fixes:4be3664aa"},
		{"x\n\nid 3f2504e0-4f89-11d3, 1234567, deadbeef, v1.2-3-gabc1234, 0x1234abcd, 4BE3664", ""},
		{"x\n\nindex 4be3664..9f8e7d6 100644", ""},
		{"x\n\n    #0 0x5581 in main\n    #12 0x7f in start", ""},
		{"x\n\nrange 4be3664..9f8e7d6 is good", "commit:4be3664 commit:9f8e7d6"},
	}
	for _, tt := range tests {
		var got []string
		for _, r := range ParseMessage(tt.in).Refs {
			got = append(got, string(r.Kind)+":"+r.Value)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("references of %q = %q, want %q", tt.in, s, tt.want)
		}
	}
}

func TestMessageFlags(t *testing.T) {
	tests := []struct{ in, want string }{
		{`Revert "net: cache addresses"`, "revert"},
		{`runtime: revert "avoid lock acquisition"`, "revert"},
		{"revert: feat(api): stream answers", "revert"},
		{"revert: add --reference option", ""},
		{"Revert to the old wording", ""},
		{"x\n\nThis reverts commit 4be3664aa.", "revert"},
		{"fixup! net: cache addresses", "fixup"},
		{"squash! fix: a leak", "fixup,fix"},
		{"fix(api): stream answers", "fix"},
		{"net: fix data race on close", "fix"},
		{"Fix #4175", "fix"},
		{"revision: avoid dereferencing NULL", "fix"},
		{"x: allow y\n\nFixes #12", "fix"},
		{"x: allow y\n\nThis prefix #12 stays.", ""},
		{"fix typo in README", ""},
		{"docs: fix the example", ""},
		{"add prefix to bugs page", ""},
		{"Release v1.2.3", "release"},
		{"v2.0.0-rc.1", "release"},
		{"chore: prepare Tokio v1.43.3", "release"},
		{"Bump version to 1.2.3", "release"},
		{"Git 2.43", "release"},
		{"globset-0.4.15", "release"},
		{"bump lodash to 4.17.21", ""},
		{"release the lock before waiting", ""},
		{"caddyhttp: close idle connections", ""},
		{"", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(ParseMessage(tt.in).Flags.Names(), ","); got != tt.want {
			t.Errorf("flags of %q = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestStripTrailers(t *testing.T) {
	tests := []struct{ in, want string }{
		{"why\n\nSigned-off-by: A <a@b>\nCo-authored-by: C <c@d>\n", "why"},
		{"why\n\nFixes: #1\n\nSigned-off-by: A <a@b>", "why"},
		{"* one\n\nSigned-off-by: A <a@b>\n\n* two\n\nSigned-off-by: A <a@b>", "* one\n\n\n* two"},
		{"why\n\nDecision: no vectors\nChange-Id: I123", "why\n\nDecision: no vectors"},
		{"why\n\nNote: this must not be called twice.", "why\n\nNote: this must not be called twice."},
		{"see https://x.y/z\nReviewed-by: A", "see https://x.y/z"},
		{"no colon at all \n", "no colon at all"},
		{"x\n\n(cherry picked from commit 4be3664aa)", "x"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := StripTrailers(tt.in); got != tt.want {
			t.Errorf("StripTrailers(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestBotAuthor(t *testing.T) {
	tests := []struct {
		name, email string
		want        bool
	}{
		{"dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", true},
		{"Renovate Bot", "bot@renovateapp.com", true},
		{"GitHub Actions", "actions@github.com", true},
		{"k8s-ci-robot", "k@x.org", true},
		{"x", "1+greenkeeper@users.noreply.github.com", true},
		{"Abbot Costello", "abbot@example.com", false},
		{"Ann Talbot", "talbot@example.com", false},
		{"", "", false},
	}
	for _, tt := range tests {
		if got := BotAuthor(tt.name, tt.email); got != tt.want {
			t.Errorf("BotAuthor(%q, %q) = %v", tt.name, tt.email, got)
		}
	}
}

func FuzzParseMessage(f *testing.F) {
	for _, s := range []string{"", "a\nb\n\nc", "x\n\nThis reverts commit 4be3664aa, 9f8e7d6c.\n\nFixes: #1\nA-b: c\n d",
		"#", "AB-", "github.com/a/b/pull/", "GH-1 a/b#2 CVE-2020-1-", "x\n\n(cherry picked from commit abc1234)", "revert: (", "[a] fix: "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		text, _ := Clean([]byte(raw), 1<<16)
		m := ParseMessage(text)
		if strings.Contains(m.Subject, "\n") || len(m.Subject)+len(m.Body) > len(text) {
			t.Fatalf("ParseMessage(%q) = %q, %q", text, m.Subject, m.Body)
		}
		seen := map[Reference]bool{}
		for _, r := range m.Refs {
			if r.Value == "" || !strings.Contains(text, r.Value) && r.Kind != RefIssue || seen[r] {
				t.Fatalf("ParseMessage(%q) refers to %v", text, r)
			}
			seen[r] = true
		}
		if s := StripTrailers(m.Body); len(s) > len(m.Body) {
			t.Fatalf("StripTrailers(%q) = %q", m.Body, s)
		}
		for _, s := range append(ReasonSentences(m.Body), BestReason(m.Subject, m.Body)) {
			if len(s) > MaxReason || strings.Contains(s, "\n") {
				t.Fatalf("reason %q of %q", s, m.Body)
			}
		}
	})
}
