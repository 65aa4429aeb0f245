package memory

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	long := strings.Repeat("x", MaxLine)
	tests := []struct {
		name, in string
		max      int
		want     string
		removed  int
	}{
		{"plain", "fix: a\n\n\tb", 100, "fix: a\n\n\tb", 0},
		{"crlf", "a\r\nb", 100, "a\nb", 0},
		{"lone return", "a\rb", 100, "ab", 1},
		{"terminal", "\x1b[31mred\x07", 100, "[31mred", 2},
		{"C1", "a\u009bb", 100, "ab", 2},
		{"bidi and zero width", "ad\u202emin\u200b\ufeff\u2066", 100, "admin", 12},
		{"tags that hide a sentence", "hi\U000e0069\U000e0067", 100, "hi", 8},
		{"not UTF-8", "caf\xe9!", 100, "caf\ufffd!", 1},
		{"replacement kept", "\ufffd", 100, "\ufffd", 0},
		{"line separator", "a\u2028b", 100, "a\nb", 0},
		{"cut on a character", "aé", 2, "a", 2},
		{"cut before a short one", "éa\x01", 1, "", 4},
		{"long line", long + "yz\nnext", 1 << 20, long + "\nnext", 2},
		{"long line of wide ones", "\u00a9" + long, 1 << 20, "\u00a9" + long[:MaxLine-2], 2},
		{"nothing allowed", "abc", 0, "", 3},
		{"empty", "", 10, "", 0},
	}
	for _, tt := range tests {
		got, removed := Clean([]byte(tt.in), tt.max)
		if got != tt.want || removed != tt.removed {
			t.Errorf("%s: Clean(%.40q, %d) = %.40q, %d; want %.40q, %d", tt.name, tt.in, tt.max, got, removed, tt.want, tt.removed)
		}
	}
}

func TestCleanLine(t *testing.T) {
	for in, want := range map[string]string{
		"Ann O'Neil":                       "Ann O'Neil",
		"a\r\nb\tc":                        "a b c",
		"evil\u202e\x1b]0;":                "evil]0;",
		strings.Repeat("x", MaxLine) + "y": strings.Repeat("x", MaxLine),
	} {
		if got, _ := CleanLine([]byte(in), 1<<20); got != want {
			t.Errorf("CleanLine(%.40q) = %.40q, want %.40q", in, got, want)
		}
	}
}

func TestPaths(t *testing.T) {
	tests := []struct{ raw, display, b64 string }{
		{"cmd/memd/main.go", "cmd/memd/main.go", ""},
		{"docs/größe.md", "docs/größe.md", ""},
		{"a\nb", "a\ufffdb", "YQpi"},
		{"\x1b[2J", "\ufffd[2J", "G1sySg=="},
		{"caf\xe9", "caf\ufffd", "Y2Fm6Q=="},
		{"a\u202eb", "a\ufffdb", "YeKArmI="},
	}
	for _, tt := range tests {
		display, b64 := PathPair([]byte(tt.raw))
		if display != tt.display || b64 != tt.b64 {
			t.Errorf("PathPair(%q) = %q, %q; want %q, %q", tt.raw, display, b64, tt.display, tt.b64)
		}
	}
	if got := DisplayPath([]byte(strings.Repeat("é", MaxLine))); len(got) > MaxLine || !utf8.ValidString(got) {
		t.Errorf("DisplayPath of a long path has %d bytes, want at most %d, valid", len(got), MaxLine)
	}
	for in, want := range map[string]string{
		"./Cmd//Memd/": "cmd/memd", `src\Main.go`: "src/main.go", "README.md": "readme.md", ".github": ".github",
	} {
		if got := FoldPath(in); got != want {
			t.Errorf("FoldPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "plain\n", "\r\r\n", "\x9b\xff\xe2\x80\xae", "é\u2028\U000e0041", strings.Repeat("é\x00", 3000)} {
		f.Add([]byte(s), 100)
		f.Add([]byte(s), 1<<20)
	}
	f.Fuzz(func(t *testing.T, b []byte, max int) {
		for name, clean := range map[string]func([]byte, int) (string, int){"Clean": Clean, "CleanLine": CleanLine} {
			got, removed := clean(b, max)
			if !utf8.ValidString(got) || (len(got) > max && got != "") || removed < 0 || removed > len(b) {
				t.Fatalf("%s(%q, %d) = %q, %d: invalid or unbounded", name, b, max, got, removed)
			}
			for line := range strings.SplitSeq(got, "\n") {
				if len(line) > MaxLine {
					t.Fatalf("%s: a line of %d bytes", name, len(line))
				}
			}
			for _, r := range got {
				if r != '\n' && r != '\t' && hidden(r) || name == "CleanLine" && r < ' ' {
					t.Fatalf("%s(%q) keeps %U", name, b, r)
				}
			}
			if again, n := clean([]byte(got), max); again != got || n != 0 {
				t.Fatalf("%s is not idempotent: %q, then %q, %d", name, got, again, n)
			}
		}
		if p := DisplayPath(b); !utf8.ValidString(p) || len(p) > MaxLine || strings.ContainsFunc(p, hidden) {
			t.Fatalf("DisplayPath(%q) = %q", b, p)
		}
	})
}
