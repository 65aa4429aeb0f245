package linediff_test

import (
	"bytes"
	"fmt"
	"math/rand"
	"testing"

	"github.com/memd-dev/memd/internal/linediff"
)

// apply rebuilds the new text from the old one and the hunks.
func apply(old, new []byte, hunks []linediff.Hunk) ([][]byte, error) {
	a, b := linediff.Lines(old), linediff.Lines(new)
	var out [][]byte
	at := 0 // lines of old that are done
	for _, h := range hunks {
		from := h.OldStart - 1
		if h.OldLines == 0 {
			from = h.OldStart
		}
		if from < at || from+h.OldLines > len(a) {
			return nil, fmt.Errorf("hunk %+v does not fit after line %d of %d", h, at, len(a))
		}
		out = append(out, a[at:from]...)
		first := h.NewStart - 1
		if h.NewLines == 0 {
			first = h.NewStart
		}
		if first != len(out) {
			return nil, fmt.Errorf("hunk %+v begins at new line %d, %d lines are there", h, first+1, len(out))
		}
		out = append(out, b[first:first+h.NewLines]...)
		at = from + h.OldLines
	}
	return append(out, a[at:]...), nil
}

func check(t *testing.T, old, new []byte) []linediff.Hunk {
	t.Helper()
	hunks := linediff.Hunks(old, new)
	got, err := apply(old, new, hunks)
	if err != nil {
		t.Fatalf("old %q new %q: %v", old, new, err)
	}
	want := linediff.Lines(new)
	if len(got) != len(want) {
		t.Fatalf("old %q new %q: hunks %+v give %d lines, want %d", old, new, hunks, len(got), len(want))
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			t.Fatalf("old %q new %q: hunks %+v give line %d %q, want %q", old, new, hunks, i+1, got[i], want[i])
		}
	}
	return hunks
}

func TestHunks(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		want           []linediff.Hunk
	}{
		{"equal", "a\nb\n", "a\nb\n", nil},
		{"empty to text", "", "a\nb\n", []linediff.Hunk{{0, 0, 1, 2}}},
		{"text to empty", "a\nb\n", "", []linediff.Hunk{{1, 2, 0, 0}}},
		{"insert", "a\nb\n", "a\nx\nb\n", []linediff.Hunk{{1, 0, 2, 1}}},
		{"delete", "a\nx\nb\n", "a\nb\n", []linediff.Hunk{{2, 1, 1, 0}}},
		{"replace", "a\nx\nb\n", "a\ny\nb\n", []linediff.Hunk{{2, 1, 2, 1}}},
		{"newline at the end", "a\nb", "a\nb\n", []linediff.Hunk{{2, 1, 2, 1}}},
		{"repeated block slides down", "{\n}\n", "{\n}\n{\n}\n", []linediff.Hunk{{2, 0, 3, 2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := check(t, []byte(c.old), []byte(c.new))
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("Hunks(%q, %q) = %v, want %v", c.old, c.new, got, c.want)
			}
		})
	}
}

func TestHunksRebuildRandomTexts(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	text := func() []byte {
		var b bytes.Buffer
		for range r.Intn(40) {
			fmt.Fprintf(&b, "%d\n", r.Intn(6))
		}
		return b.Bytes()
	}
	for range 3000 {
		check(t, text(), text())
	}
}

func FuzzHunks(f *testing.F) {
	f.Add([]byte("a\nb\n"), []byte("b\na"))
	f.Fuzz(func(t *testing.T, old, new []byte) {
		if len(old)+len(new) < 1<<16 {
			check(t, old, new)
		}
	})
}
