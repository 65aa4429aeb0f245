// Command blame holds the line trace against git blame.
//
//	go run -tags sqlite_fts5 ./bench/blame -n 2000 GIT_DIR …
//
// For each repository it mines HEAD's history into a scratch memory (kept under
// -cache), takes n random lines of the text files at HEAD with a fixed seed, and
// asks for each the commit that set it: the trace, git blame, and git blame -w
// -M. It prints how often the trace agrees, of the lines that it calls exact and
// of all, which share fell back to git, and the time of a line.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/memd-dev/memd/bench/scratch"
	"github.com/memd-dev/memd/daemon"
	"github.com/memd-dev/memd/memory"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "blame:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	n := flag.Int("n", 2000, "lines of each repository")
	cache := flag.String("cache", ".cache/blame", "where scratch memories are kept between runs")
	strict := flag.Bool("strict", false, "leave out git blame -w -M, which takes as long again")
	show := flag.Int("show", 0, "print so many lines on which the two differ")
	flag.Parse()
	fmt.Printf("%-28s %6s %8s %8s %8s %9s %9s %10s %10s %10s\n", "repository", "lines", "= blame", "exact", "= -w -M", "fell back", "p50", "p99", "blame", "blame -w -M")
	for _, dir := range flag.Args() {
		if err := compare(ctx, dir, *cache, *n, *show, !*strict); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	return nil
}

// sample is one line and who set it.
type sample struct {
	path         string
	line         int
	trace        daemon.Traced
	plain, loose string // git blame, git blame -w -M
}

func compare(ctx context.Context, dir, cache string, n, show int, both bool) error {
	out, err := scratch.Git(dir, "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	head := strings.TrimSpace(string(out))
	name := strings.Trim(strings.NewReplacer("/repo", "", "/.git", "").Replace(dir), "/")
	name = filepath.Base(name)
	place := filepath.Join(cache, name+"-"+head[:12])
	repo, err := scratch.Repository(dir, head, filepath.Join(place, "repo"))
	if err != nil {
		return err
	}
	d, env, err := scratch.Open(ctx, repo, place, nil)
	if err != nil {
		return err
	}
	defer d.Close()
	if _, err := d.Mine(ctx, env, memory.MineQuery{}, nil); err != nil {
		return err
	}
	samples, err := pick(repo, n)
	if err != nil {
		return err
	}
	var plain, loose time.Duration
	for path, of := range byPath(samples) {
		var lines []int
		for _, s := range of {
			lines = append(lines, s.line)
		}
		traced, err := d.Trace(ctx, env, head, []byte(path), lines)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		start := time.Now()
		a, err := blame(repo, path)
		if err != nil {
			return err
		}
		plain += time.Since(start)
		b := map[int]string{}
		if both {
			start = time.Now()
			if b, err = blame(repo, path, "-w", "-M"); err != nil {
				return err
			}
			loose += time.Since(start)
		}
		for i, s := range of {
			s.trace, s.plain, s.loose = traced[i], a[s.line], b[s.line]
		}
	}
	report(name, samples, plain, loose, show)
	return nil
}

func byPath(samples []*sample) map[string][]*sample {
	by := make(map[string][]*sample)
	for _, s := range samples {
		by[s.path] = append(by[s.path], s)
	}
	return by
}

// pick takes n random lines, all lines equally likely, of files that are text
// and under 256 KB.
func pick(repo string, n int) ([]*sample, error) {
	out, err := scratch.Git(repo, "ls-tree", "-r", "-z", "--full-tree", "HEAD")
	if err != nil {
		return nil, err
	}
	type file struct {
		path  string
		lines int
	}
	var files []file
	total := 0
	for _, e := range strings.Split(string(out), "\x00") {
		head, path, ok := strings.Cut(e, "\t")
		if !ok || !strings.HasPrefix(head, "100") {
			continue
		}
		text, err := scratch.Git(repo, "cat-file", "blob", strings.Fields(head)[2])
		if err != nil {
			continue // a snapshot may lack a blob
		}
		if len(text) > 256<<10 || bytes.IndexByte(text, 0) >= 0 || len(text) == 0 {
			continue
		}
		lines := bytes.Count(text, []byte{'\n'})
		if text[len(text)-1] != '\n' {
			lines++
		}
		files = append(files, file{path, lines})
		total += lines
	}
	random := rand.New(rand.NewSource(1))
	var samples []*sample
	seen := make(map[sample]bool)
	for len(samples) < min(n, total) {
		at := random.Intn(total)
		for _, f := range files {
			if at < f.lines {
				s := sample{path: f.path, line: at + 1}
				if !seen[s] {
					seen[s] = true
					samples = append(samples, &s)
				}
				break
			}
			at -= f.lines
		}
	}
	return samples, nil
}

// blame gives the commit of each line, from 1.
func blame(repo, path string, args ...string) (map[int]string, error) {
	out, err := scratch.Git(repo, append(append([]string{"blame", "--porcelain"}, args...), "HEAD", "--", path)...)
	if err != nil {
		return nil, err
	}
	found := make(map[int]string)
	for _, line := range strings.Split(string(out), "\n") {
		f := strings.Fields(line)
		if len(f) >= 3 && len(f[0]) >= 40 && !strings.HasPrefix(line, "\t") {
			var n int
			if _, err := fmt.Sscan(f[2], &n); err == nil {
				found[n] = f[0]
			}
		}
	}
	return found, nil
}

func report(name string, samples []*sample, plain, loose time.Duration, show int) {
	var same, exact, exactSame, near, fell int
	var took []time.Duration
	for _, s := range samples {
		took = append(took, s.trace.Took)
		if s.trace.ID == s.plain {
			same++
		} else if show > 0 {
			show--
			fmt.Printf("  %s:%d trace %.10s (%s) blame %.10s\n", s.path, s.line, s.trace.ID, s.trace.Quality, s.plain)
		}
		if s.trace.Origin == s.loose {
			near++
		} else if show > 0 && s.trace.ID == s.plain {
			show--
			fmt.Printf("  %s:%d origin %.10s, set by %.10s; blame -w -M %.10s\n", s.path, s.line, s.trace.Origin, s.trace.ID, s.loose)
		}
		switch s.trace.Quality {
		case memory.QualityExact:
			exact++
			if s.trace.ID == s.plain {
				exactSame++
			}
		default:
			if fell++; show > 0 {
				show--
				fmt.Printf("  %s:%d fell back, %.10s\n", s.path, s.line, s.trace.ID)
			}
		}
	}
	sort.Slice(took, func(a, b int) bool { return took[a] < took[b] })
	n := len(samples)
	share := func(a, b int) string { return fmt.Sprintf("%.2f %%", 100*float64(a)/float64(max(b, 1))) }
	each := func(d time.Duration) string { return (d / time.Duration(n)).Round(time.Microsecond).String() }
	fmt.Printf("%-28s %6d %8s %8s %8s %9s %9s %10s %10s %10s\n", name, n, share(same, n), share(exactSame, exact), share(near, n), share(fell, n),
		took[n/2].Round(time.Microsecond), took[n*99/100].Round(time.Microsecond), each(plain), each(loose))
}
