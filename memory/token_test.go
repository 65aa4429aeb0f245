package memory

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func tokensOf(text string) []string {
	var terms []string
	Tokens(text, func(term string) { terms = append(terms, term) })
	return terms
}

func TestTokens(t *testing.T) {
	tests := []struct {
		in   string
		want string
	}{
		{"HTTPServer", "httpserver http server"},
		{"max_retries", "maxretri max retri"},
		{"maxRetries MaxRetries", "maxretri max retri maxretri max retri"},
		{"parseIDs", "parseid pars id"},
		{"URLsByHost", "urlsbyhost url host"},
		{"utf8 sha256", "utf8 utf sha256 sha 256"},
		{"x 7 42 1234567 100000", "42 100000"},
		{"user-service foo.bar", "user servic foo bar"},
		{"why do we retry the request", "retri request"},
		{"don't use it's", "us"},
		{"__init__ _", "init"},
		{"9f8e7d6c5b4a", "9f8e7d6c5b4a"},
		{"Größe ÜBER", "größe über"},
		{"日本語 é 中", "日本 本語 中"},
		{"fix日本語bug", "fix 日本 本語 bug"},
		{strings.Repeat("a", 41) + " ok", "ok"},
		{strings.Repeat("Ab9", 60) + " ok", "ok"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(tokensOf(tt.in), " "); got != tt.want {
			t.Errorf("Tokens(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// TestStem names groups of words that a question and a commit use for one
// thing, and pairs that code keeps apart.
func TestStem(t *testing.T) {
	for _, group := range []string{
		"retry retries retried retrying", "cache caches cached caching", "run runs running",
		"query queries querying queried", "parse parsed parsing parses", "store stores stored storing",
		"install installed installing installs", "control controlled controls", "commit commits committed committing",
		"add adds added adding", "diff diffs diffing diffed", "queue queues queued queueing", "match matches matched matching",
		"process processes processing", "box boxes", "use used uses using", "map maps mapped mapping", "class classes",
		"automatic automatically", "correct correctly", "possible possibly", "debug debugging debugged",
		"embed embeds embedded embedding", "index indexes indices", "api apis", "cookie cookies", "limit limiting limits", "call called calls",
	} {
		words := strings.Fields(group)
		want := string(stem([]byte(words[0])))
		for _, w := range words[1:] {
			if got := string(stem([]byte(w))); got != want {
				t.Errorf("stem(%q) = %q, want %q as of %q", w, got, want, words[0])
			}
		}
	}
	for _, pair := range []string{"rune run", "state stat", "mode mod", "https http", "string str", "status state", "red r", "need ne", "generator general"} {
		a, b, _ := strings.Cut(pair, " ")
		if x, y := string(stem([]byte(a))), string(stem([]byte(b))); x == y {
			t.Errorf("stem(%q) = stem(%q) = %q", a, b, x)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	tests := []struct{ in, want string }{
		{"	if err := s.Flush(ctx, maxRetries); err != nil {", "if err Flush ctx maxRetries err nil"},
		{"x := 0x1f + 10px", ""},
		{`const id = "deadbeefcafe0123"`, "const id"},
		{`key = "aB3dE5fG7hI9jK1lM3nO5pQ7rS9t"`, "key"},
		{"TestHTTP2ServerPushWithHPACKv2Header()", "TestHTTP2ServerPushWithHPACKv2Header"},
		{"__ _x __init__", "_x __init__"},
		{strings.Repeat("a", 65), ""},
		{"größe = 1 // ø", "größe ø"},
	}
	for _, tt := range tests {
		var got []string
		Identifiers([]byte(tt.in), func(b []byte) { got = append(got, string(b)) })
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("Identifiers(%q) = %q, want %q", tt.in, s, tt.want)
		}
	}
	line := []byte("	if err := s.Flush(ctx, maxRetries); err != nil {")
	n := 0
	if allocs := testing.AllocsPerRun(100, func() { Identifiers(line, func(b []byte) { n += len(b) }) }); allocs > 0 {
		t.Errorf("Identifiers allocates %v times a line, want 0", allocs)
	}
}

func TestQueryTerms(t *testing.T) {
	got := QueryTerms("Why does maxRetries limit the retries? Limits!")
	want := []QueryTerm{
		{"maxretri", 1, "maxRetries"}, {"max", 1, "maxRetries"}, {"retri", 2, "maxRetries"}, {"limit", 2, "limit"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("QueryTerms = %v, want %v", got, want)
	}
	if got := QueryTerms("why is it so?"); got != nil {
		t.Errorf("QueryTerms of stop words = %v, want nil", got)
	}
}

func TestDocumentBuilder(t *testing.T) {
	b := NewDocumentBuilder()
	for round := range 2 { // the second commit must not see the first
		b.Reset()
		b.Message("retry: limit maxRetries")
		for range 3 {
			b.Identifier([]byte("maxRetries"))
		}
		b.Identifier([]byte("limit"))
		b.Path("net/user-service.ts")
		doc := b.Build()
		var lines []string
		for _, term := range doc.Terms {
			lines = append(lines, fmt.Sprint(term.Text, term.Counts))
		}
		got := strings.Join(lines, " ")
		want := "limit[1 1 0] max[1 3 0] maxretri[1 3 0] net[0 0 1] retri[2 3 0] servic[0 0 1] ts[0 0 1] user[0 0 1] userservic[0 0 1]"
		if got != want || doc.Lengths != [Fields]int{5, 10, 5} {
			t.Errorf("round %d: Build = %s, %v; want %s, [5 10 5]", round, got, doc.Lengths, want)
		}
	}
	b.Reset()
	if doc := b.Build(); doc.Terms != nil || doc.Lengths != [Fields]int{} {
		t.Errorf("Build of nothing = %v", doc)
	}
}

func TestDocumentBuilderLimits(t *testing.T) {
	b := NewDocumentBuilder()
	b.Reset()
	for i := range MaxIdentifiers + 50 {
		b.Identifier(fmt.Appendf(nil, "word%c%cx", 'a'+i/26, 'a'+i%26))
	}
	for range 70000 {
		b.Identifier([]byte("wordaax"))
	}
	doc := b.Build()
	if len(doc.Terms) != MaxIdentifiers || doc.Lengths[FieldDiff] != MaxIdentifiers+70000 {
		t.Errorf("%d terms, length %d; want %d, %d", len(doc.Terms), doc.Lengths[FieldDiff], MaxIdentifiers, MaxIdentifiers+70000)
	}
	if got := doc.Terms[0].Counts[FieldDiff]; got != 65535 {
		t.Errorf("count = %d, want it capped at 65535", got)
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"HTTPServer_max2Retries", "日本語เป็น", "ÀÉſK", "'s don’t", strings.Repeat("aB", 70), "añ̃o_\u0301x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, _ := Clean([]byte(s), 1<<16)
		var first []string
		Tokens(text, func(term string) {
			if len(term) < 2 || len(term) > maxTerm || !utf8.ValidString(term) || strings.ContainsAny(term, " _\n-.") {
				t.Fatalf("Tokens(%q) gives %q", text, term)
			}
			first = append(first, term)
		})
		if !slices.Equal(first, tokensOf(text)) {
			t.Fatalf("Tokens(%q) differs between two runs", text)
		}
		Identifiers([]byte(s), func(b []byte) {
			if len(b) < minIdentifier || len(b) > maxIdentifier {
				t.Fatalf("Identifiers(%q) gives %q", s, b)
			}
		})
		for _, q := range QueryTerms(text) {
			if !slices.Contains(first, q.Text) {
				t.Fatalf("QueryTerms(%q) gives %q, which Tokens does not", text, q.Text)
			}
		}
	})
}

const benchmarkMessage = `reverseproxy: Stop timers if canceled to avoid goroutine leak (#4482)

Previously, if a list of upstreams changed, hash-based LB policies would be
greatly affected because the hash relied on the position of upstreams in the
pool. Highest Random Weight or "rendezvous" hashing is apparently robust to
pool changes. It runs in O(n) instead of O(log n), but n is very small usually,
so maxRetries and try_duration behave as before.
`

func BenchmarkTokens(b *testing.B) {
	b.SetBytes(int64(len(benchmarkMessage)))
	b.ReportAllocs()
	for b.Loop() {
		Tokens(benchmarkMessage, func(string) {})
	}
}

// BenchmarkDocumentBuilder builds the document of a commit with 100 changed
// lines of 8 identifiers, of which the history has 5,000.
func BenchmarkDocumentBuilder(b *testing.B) {
	var lines [][]byte
	for i := range 10000 {
		var line []byte
		for k := range 8 {
			n := (i*7919 + k*104729) % 5000
			line = fmt.Appendf(line, "\tx.handle%c%cRequest%c(", 'A'+n%26, 'a'+n/26%26, 'A'+n/676)
		}
		lines = append(lines, line)
	}
	builder := NewDocumentBuilder()
	b.ReportAllocs()
	at := 0
	for b.Loop() {
		builder.Reset()
		builder.Message(benchmarkMessage)
		for range 100 {
			Identifiers(lines[at], builder.Identifier)
			at = (at + 1) % len(lines)
		}
		builder.Path("modules/caddyhttp/reverseproxy/health_checks.go")
		if doc := builder.Build(); len(doc.Terms) == 0 {
			b.Fatal("no terms")
		}
	}
}
