package main

import (
	"context"
	"fmt"
	"math/rand"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/memd-dev/memd/bench/scratch"
	"github.com/memd-dev/memd/daemon"
	"github.com/memd-dev/memd/gitwatch"
	"github.com/memd-dev/memd/memory"
)

// The systems that are compared, by name.
const (
	system   = "memd"
	messages = "BM25 over messages"
	grep     = "git log --grep"
)

var systems = []string{system, messages, grep}

// result is one question with the rank of its first gold commit in each
// system, from 1; 0 where it is not among the first depth.
type result struct {
	row
	rank map[string]int
}

const depth = 100

// evaluate mines one repository and asks all its questions.
func evaluate(ctx context.Context, git, head, cache string, rows []row) ([]result, error) {
	repo, err := scratch.Repository(git, head, filepath.Join(cache, "repo"))
	if err != nil {
		return nil, err
	}
	d, env, err := scratch.Open(ctx, repo, cache, func(m *gitwatch.Miner) {
		m.SkipWords = changelog
		m.Rewrite = func(message string) string { return issueNumber.ReplaceAllString(message, " ") }
	})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if _, err := d.Mine(ctx, env, memory.MineQuery{}, nil); err != nil {
		return nil, err
	}
	log, err := readLog(repo)
	if err != nil {
		return nil, err
	}
	var out []result
	for _, r := range rows {
		gold := make(map[string]bool)
		for _, id := range r.Gold {
			gold[id] = true
		}
		res := result{row: r, rank: make(map[string]int)}
		answer, err := d.Recall(ctx, env, memory.RecallQuery{Text: r.Query, Limit: depth})
		if err != nil {
			return nil, fmt.Errorf("%q: %w", r.Query, err)
		}
		for i, c := range answer.Commits {
			if gold[c.ID] {
				res.rank[system] = i + 1
				break
			}
		}
		ids, err := baseline(ctx, d, env, r.Query)
		if err != nil {
			return nil, err
		}
		for i, id := range ids {
			if gold[id] {
				res.rank[messages] = i + 1
				break
			}
		}
		res.rank[grep] = log.rank(r.Query, gold)
		out = append(out, res)
	}
	return out, nil
}

var issueNumber = regexp.MustCompile(`#\d+|\bGH-\d+`)

// changelog names files whose hunks are release notes themselves.
func changelog(path []byte) bool {
	name := strings.ToLower(string(path))
	base := filepath.Base(name)
	for _, word := range []string{"changelog", "changes", "news", "history", "release", "whatsnew"} {
		if strings.Contains(base, word) {
			return true
		}
	}
	for _, dir := range []string{"changelog/", "changes/", "news/", "newsfragments/", "whatsnew/", "relnotes/", "releases/"} {
		if strings.Contains(name, dir) {
			return true
		}
	}
	return false
}

// baseline ranks by the words of messages alone.
func baseline(ctx context.Context, d *daemon.Daemon, env memory.Envelope, query string) ([]string, error) {
	return d.RankMessages(ctx, env, query, depth)
}

// header, print and intervals write the table.
func header() {
	fmt.Printf("%-24s %5s  %-22s %6s %6s %6s %6s\n", "repository", "n", "system", "R@1", "R@5", "R@10", "MRR")
}

func print(name string, rows []result) {
	for i, s := range systems {
		label, n := name, fmt.Sprint(len(rows))
		if i > 0 {
			label, n = "", ""
		}
		m := measure(rows, s)
		fmt.Printf("%-24s %5s  %-22s %6.3f %6.3f %6.3f %6.3f\n", label, n, s, m[0], m[1], m[2], m[3])
	}
}

// measure gives R@1, R@5, R@10 and MRR.
func measure(rows []result, s string) (m [4]float64) {
	for _, r := range rows {
		k := r.rank[s]
		for i, cut := range []int{1, 5, 10} {
			if k > 0 && k <= cut {
				m[i]++
			}
		}
		if k > 0 {
			m[3] += 1 / float64(k)
		}
	}
	for i := range m {
		m[i] /= float64(max(len(rows), 1))
	}
	return m
}

// intervals prints 95 % intervals of R@5 and of its paired difference to each
// baseline, by 2,000 resamples with a fixed seed.
func intervals(rows []result) {
	if len(rows) == 0 {
		return
	}
	random := rand.New(rand.NewSource(1))
	const rounds = 2000
	samples := make(map[string][]float64)
	for range rounds {
		var hits [3]float64
		for range rows {
			r := rows[random.Intn(len(rows))]
			for i, s := range systems {
				if k := r.rank[s]; k > 0 && k <= 5 {
					hits[i]++
				}
			}
		}
		n := float64(len(rows))
		samples["R@5 of memd"] = append(samples["R@5 of memd"], hits[0]/n)
		for i, s := range systems[1:] {
			samples["R@5 over "+s] = append(samples["R@5 over "+s], (hits[0]-hits[i+1])/n)
		}
	}
	var names []string
	for name := range samples {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Println()
	for _, name := range names {
		v := samples[name]
		sort.Float64s(v)
		fmt.Printf("%-32s 95 %% interval %+.3f to %+.3f\n", name, v[rounds*25/1000], v[rounds*975/1000])
	}
}

// commitLog is the messages of a history, newest first, for the baseline that
// a person has without memd.
type commitLog struct {
	ids      []string
	messages []string // lower case
	count    map[string]int
}

func readLog(repo string) (*commitLog, error) {
	out, err := scratch.Git(repo, "log", "--format=%H%x00%B%x00")
	if err != nil {
		return nil, err
	}
	l := &commitLog{count: make(map[string]int)}
	parts := strings.Split(string(out), "\x00")
	for i := 0; i+1 < len(parts); i += 2 {
		l.ids = append(l.ids, strings.TrimSpace(parts[i]))
		text := strings.ToLower(issueNumber.ReplaceAllString(parts[i+1], " "))
		l.messages = append(l.messages, text)
		seen := make(map[string]bool)
		for _, w := range strings.FieldsFunc(text, notWord) {
			if !seen[w] {
				seen[w] = true
				l.count[w]++
			}
		}
	}
	return l, nil
}

func notWord(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_'
}

// rank is what git log -i --all-match --grep=A --grep=B --grep=C would give
// with the three rarest words of the question that any message has.
func (l *commitLog) rank(query string, gold map[string]bool) int {
	var words []string
	seen := make(map[string]bool)
	for _, w := range strings.FieldsFunc(strings.ToLower(query), notWord) {
		if len(w) > 2 && !seen[w] && l.count[w] > 0 {
			seen[w] = true
			words = append(words, w)
		}
	}
	sort.SliceStable(words, func(a, b int) bool { return l.count[words[a]] < l.count[words[b]] })
	words = words[:min(3, len(words))]
	if len(words) == 0 {
		return 0
	}
	n := 0
	for i, text := range l.messages {
		all := true
		for _, w := range words {
			all = all && strings.Contains(text, w)
		}
		if !all {
			continue
		}
		if n++; gold[l.ids[i]] {
			return n
		}
	}
	return 0
}
