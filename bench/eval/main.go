// Command eval measures the quality of recall on questions with known answers.
//
//	go run -tags sqlite_fts5 ./bench/eval -data recall.jsonl -repos DIR
//
// Each line of the data is one question: {"repo", "head_commit", "query",
// "gold_commits"}. DIR holds the repositories, as OWNER/NAME, OWNER+NAME or
// either with /repo or .git behind it. A repository is mined once into a
// scratch memory, under -cache, from its head commit only; hunks of changelogs
// and issue numbers are kept out of that memory, because questions that were
// made from release notes would find their own answer there.
//
// It prints R@1, R@5, R@10 and MRR by repository and over all rows, with 95 %
// bootstrap intervals, beside two baselines on the same rows: BM25 over the
// messages alone, and git log --grep with the three rarest words.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// row is one question.
type row struct {
	Repo  string   `json:"repo"`
	Head  string   `json:"head_commit"`
	Query string   `json:"query"`
	Gold  []string `json:"gold_commits"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	data := flag.String("data", "", "questions, JSON Lines")
	repos := flag.String("repos", "", "directory of repositories")
	cache := flag.String("cache", ".cache/eval", "where scratch memories are kept between runs")
	only := flag.String("only", "", "only repositories whose name holds this")
	misses := flag.Bool("misses", false, "print the questions that were not answered among the first ten")
	flag.Parse()
	if *data == "" || *repos == "" {
		return fmt.Errorf("-data and -repos are needed")
	}
	rows, err := read(*data)
	if err != nil {
		return err
	}
	by := make(map[[2]string][]row)
	for _, r := range rows {
		if strings.Contains(r.Repo, *only) {
			by[[2]string{r.Repo, r.Head}] = append(by[[2]string{r.Repo, r.Head}], r)
		}
	}
	var names [][2]string
	for n := range by {
		names = append(names, n)
	}
	sort.Slice(names, func(a, b int) bool { return names[a][0]+names[a][1] < names[b][0]+names[b][1] })
	var all []result
	header()
	for _, n := range names {
		git, ok := find(*repos, n[0])
		if !ok {
			fmt.Printf("%-24s not run: no repository under %s\n", n[0], *repos)
			continue
		}
		start := time.Now()
		got, err := evaluate(ctx, git, n[1], filepath.Join(*cache, strings.ReplaceAll(n[0], "/", "+")+"-"+n[1][:12]), by[n])
		if err != nil {
			return fmt.Errorf("%s: %w", n[0], err)
		}
		print(n[0], got)
		fmt.Fprintf(os.Stderr, "%s: %.0f s\n", n[0], time.Since(start).Seconds())
		if *misses {
			for _, r := range got {
				if r.rank[system] == 0 || r.rank[system] > 10 {
					fmt.Printf("  missed (rank %d): %s  gold %.10s\n", r.rank[system], r.Query, r.Gold[0])
				}
			}
		}
		all = append(all, got...)
	}
	print("all rows", all)
	intervals(all)
	return nil
}

func read(path string) ([]row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var rows []row
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var r row
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, len(rows)+1, err)
		}
		rows = append(rows, r)
	}
	return rows, s.Err()
}

// find gives the git dir of a repository.
func find(dir, name string) (string, bool) {
	for _, base := range []string{name, strings.ReplaceAll(name, "/", "+")} {
		for _, tail := range []string{"", "/repo", ".git", "/.git"} {
			path := filepath.Join(dir, base+tail)
			if info, err := os.Stat(filepath.Join(path, "objects")); err == nil && info.IsDir() {
				return path, true
			}
		}
	}
	return "", false
}
