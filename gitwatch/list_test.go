package gitwatch

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/memd-dev/memd/fixtures"
	"github.com/memd-dev/memd/memory"
)

func TestListGivesTheHistoryWithParents(t *testing.T) {
	b := newBox(t)
	dir, ids := b.fixture("merges")
	s := b.miner(dir).Shadow
	list := func(tips []string, o ListOptions) (got []string) {
		t.Helper()
		err := s.List(t.Context(), tips, o, func(n memory.GraphNode) error {
			got = append(got, strings.Join(append([]string{n.ID}, n.Parents...), " "))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	want := func(args ...string) []string {
		t.Helper()
		out, err := fixtures.Git(dir, append([]string{"rev-list", "--parents"}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(strings.ReplaceAll(out, " ", "+"))
	}
	for _, c := range []struct {
		name string
		tips []string
		o    ListOptions
		git  []string
	}{
		{"all", []string{ids["j"]}, ListOptions{}, []string{ids["j"]}},
		{"two tips", []string{ids["e"], ids["g2"]}, ListOptions{}, []string{ids["e"], ids["g2"]}},
		{"not", []string{ids["j"]}, ListOptions{Not: []string{ids["h"], ids["i1"]}}, []string{ids["j"], "^" + ids["h"], "^" + ids["i1"]}},
		{"at most", []string{ids["j"]}, ListOptions{Max: 3}, []string{"-3", ids["j"]}},
		{"nothing new", []string{ids["a"]}, ListOptions{Not: []string{ids["j"]}}, []string{ids["a"], "^" + ids["j"]}},
	} {
		got := list(c.tips, c.o)
		for i := range got {
			got[i] = strings.ReplaceAll(got[i], " ", "+")
		}
		if !slices.Equal(got, want(c.git...)) {
			t.Errorf("%s: got %q, want %q", c.name, got, want(c.git...))
		}
	}
	if got := list(nil, ListOptions{}); got != nil {
		t.Errorf("no tips: %q", got)
	}

	enough, n := errors.New("enough"), 0
	err := s.List(t.Context(), []string{ids["j"]}, ListOptions{}, func(memory.GraphNode) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("yield failed: %v after %d", err, n)
	}
	err = s.List(t.Context(), []string{strings.Repeat("1", 40)}, ListOptions{}, func(memory.GraphNode) error { return nil })
	if exitStatus(err) != 128 {
		t.Errorf("missing tip: %v", err)
	}
}

// Workers that take in any order get every commit once, each its own in order.
func TestRangesDealEachCommitOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		ids := make([]string, random.IntN(4000))
		for i := range ids {
			ids[i] = string(rune(i + 1))
		}
		workers := 1 + random.IntN(3)
		r := newRanges(ids, workers)
		seen := map[string]bool{}
		slow := random.IntN(workers) // takes once in a while only
		for done := 0; done < workers; {
			done = 0
			for i := range workers {
				if i == slow && random.IntN(10) > 0 {
					continue
				}
				list := r.take(i)
				if len(list) == 0 {
					done++
				}
				for _, id := range list {
					if seen[id] {
						t.Fatalf("%q of %d was dealt twice", id, len(ids))
					}
					seen[id] = true
				}
			}
		}
		if len(seen) != len(ids) {
			t.Fatalf("%d of %d were dealt", len(seen), len(ids))
		}
	}
}
