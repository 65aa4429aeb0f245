package gitwatch

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// readers give the same text in pieces of different sizes.
func readers(text string) map[string]io.Reader {
	return map[string]io.Reader{
		"whole":        strings.NewReader(text),
		"bytes":        iotest.OneByteReader(strings.NewReader(text)),
		"halves":       iotest.HalfReader(strings.NewReader(text)),
		"end with EOF": iotest.DataErrReader(strings.NewReader(text)),
	}
}

func TestScannerReadsRecords(t *testing.T) {
	long := strings.Repeat("y", 3*scanBytes)
	records := []struct {
		text  string
		limit int
		want  string
		cut   bool
	}{
		{"", 10, "", false},
		{"abc", 3, "abc", false},
		{"abcd", 3, "abc", true},
		{"abc", 0, "", true},
		{long, len(long), long, false},
		{long, len(long) - 1, long[1:], true},
		{long, 10, "yyyyyyyyyy", true},
		{"z", 10, "z", false},
		{long, scanBytes, long[:scanBytes], true},
		{strings.Repeat("x", scanBytes-1), scanBytes, strings.Repeat("x", scanBytes-1), false},
		{"last", 10, "last", false},
	}
	var text strings.Builder
	for _, r := range records {
		text.WriteString(r.text + "\n")
	}
	for name, in := range readers(text.String()) {
		t.Run(name, func(t *testing.T) {
			s := newScanner(in)
			for i, r := range records {
				if !s.more() {
					t.Fatalf("record %d: the stream is at its end: %v", i, s.err)
				}
				got, cut, err := s.until('\n', r.limit)
				if string(got) != r.want || cut != r.cut || err != nil {
					t.Fatalf("record %d: got %q of %d bytes, %v, %v, want %q of %d bytes, %v", i, clip(string(got)), len(got), cut, err, clip(r.want), len(r.want), r.cut)
				}
			}
			if s.more() || s.err != io.EOF {
				t.Errorf("end: %v", s.err)
			}
			if _, _, err := s.until('\n', 10); err != io.ErrUnexpectedEOF {
				t.Errorf("behind the end: %v", err)
			}
			if max := 8 * scanBytes; len(s.buf) > max {
				t.Errorf("the buffer grew to %d bytes, want at most %d", len(s.buf), max)
			}
		})
	}
}

func TestScannerLooksAhead(t *testing.T) {
	for name, in := range readers("diff --git\x00x") {
		s := newScanner(in)
		for _, c := range []struct {
			prefix string
			want   bool
		}{{"", true}, {"d", true}, {"x", false}, {"diff --git\x00x", true}, {"diff --git\x00xy", false}, {"diff --gut", false}, {"diff", true}} {
			if got := s.has(c.prefix); got != c.want {
				t.Errorf("%s: has(%q) = %v", name, c.prefix, got)
			}
		}
		s.skip(len("diff --git\x00"))
		if !s.has("x") || s.has("xx") {
			t.Errorf("%s: skip", name)
		}
	}
}

func TestScannerKeepsTheErrorOfItsReader(t *testing.T) {
	broken := errors.New("broken")
	in := func(text string) *scanner {
		return newScanner(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)))
	}
	if _, _, err := in("half").until(0, 100); err != broken {
		t.Errorf("until: %v", err)
	}
	if _, cut, err := in(strings.Repeat("x", 2*scanBytes)).until(0, 1); err != broken || !cut {
		t.Errorf("until, cut: %v", err)
	}
	s := in("")
	if s.more() || s.err != broken || s.has("x") {
		t.Errorf("more: %v", s.err)
	}
}

// A record without end costs no more memory than its limit.
func TestScannerIsBounded(t *testing.T) {
	s := newScanner(io.LimitReader(endless{}, 200<<20))
	if _, cut, err := s.until(0, 1<<20); !cut || err != io.ErrUnexpectedEOF {
		t.Errorf("cut %v, %v", cut, err)
	}
	if len(s.buf) > 4<<20 {
		t.Errorf("the buffer has %d bytes", len(s.buf))
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestHunkHeader(t *testing.T) {
	for text, want := range map[string][4]int{
		"@@ -1 +1 @@":                     {1, 1, 1, 1},
		"@@ -0,0 +1,3 @@":                 {0, 0, 1, 3},
		"@@ -12,2 +13,0 @@ func x() {":    {12, 2, 13, 0},
		"@@ -1,2 +3,4 @@ @@ -5,6 +7,8 @@": {1, 2, 3, 4},
	} {
		h, context, ok := hunkHeader([]byte(text))
		if got := [4]int{h.OldStart, h.OldLines, h.NewStart, h.NewLines}; !ok || got != want || !strings.HasSuffix(text, string(context)) {
			t.Errorf("%q: got %v, %q, %v", text, got, context, ok)
		}
	}
	for _, text := range []string{"", "@@", "@@ -", "@@ -1", "@@ -1 +", "@@ -1 +1", "@@ -x +1 @@", "@@ -1, +1 @@", "@@ -1 1 @@", "@@ --1 +1 @@", "@@ -12345678901 +1 @@"} {
		if h, _, ok := hunkHeader([]byte(text)); ok {
			t.Errorf("%q: got %+v", text, h)
		}
	}
}
