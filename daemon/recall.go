package daemon

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/memd-dev/memd/memory"
	"github.com/memd-dev/memd/memory/sqlite"
)

// Bounds of a question. A whole issue fits; what is longer is a log.
const (
	maxQuestionBytes = 64 << 10
	maxTerms         = 128
	// candidates is how many commits are looked at before filters of the
	// answer: files and symbols are voted for by the best of them.
	candidates = 200
)

// Recall answers a question from the index.
func (d *Daemon) Recall(ctx context.Context, env memory.Envelope, q memory.RecallQuery) (*memory.Recall, error) {
	d.life.RLock()
	defer d.life.RUnlock()
	start := time.Now()
	if err := checkRecall(&q); err != nil {
		return nil, err
	}
	if err := d.catchUp(ctx); err != nil {
		return nil, err
	}
	v, err := d.view(ctx, env, q.At)
	if err != nil {
		return nil, err
	}
	m, err := d.mentioned(ctx, q.Text)
	if err != nil {
		return nil, err
	}
	out := &memory.Recall{Answer: v.answer, Commits: []memory.CommitHit{}, Files: []memory.FileHit{}, Symbols: []memory.SymbolHit{}}
	m.names(&out.Understood)

	terms := memory.QueryTerms(q.Text)
	if len(terms) > maxTerms {
		terms = terms[:maxTerms]
	}
	only, filtered, err := d.filter(ctx, v, &q)
	if err != nil {
		return nil, err
	}
	found, err := d.db.Search(ctx, sqlite.Query{
		Terms: terms, Within: v.within, Only: only, Limit: max(candidates, q.Limit),
		Weights: [memory.Fields]float64{memory.RecallWeight(0), memory.RecallWeight(1), memory.RecallWeight(2)},
	})
	if err != nil {
		return nil, err
	}
	understand(&out.Understood, terms, found.Frequency)
	a := &answering{d: d, v: v, q: &q, m: m, terms: terms, only: only}
	hits, err := a.order(ctx, found.Hits)
	if err != nil {
		return nil, err
	}
	if len(hits) == 0 && filtered && len(terms) == 0 {
		hits = a.newest() // a filter without words asks for what is newest
	}
	if err := a.fill(ctx, out, hits); err != nil {
		return nil, err
	}
	out.Elapsed = float64(time.Since(start).Microseconds()) / 1000
	return out, nil
}

// checkRecall refuses what can't be asked, and fills in defaults.
func checkRecall(q *memory.RecallQuery) error {
	q.Text = strings.TrimSpace(q.Text)
	filters := len(q.Paths) > 0 || q.Symbol != "" || q.Since > 0 || q.Until > 0 || q.Author != ""
	switch {
	case q.Text == "" && !filters:
		return memory.Hint(fmt.Errorf("%w: no question", memory.ErrInvalid), `ask in plain words: memd recall "why do we retry"`)
	case len(q.Text) > maxQuestionBytes:
		return fmt.Errorf("%w: the question has %d bytes, at most %d are read", memory.ErrInvalid, len(q.Text), maxQuestionBytes)
	case !utf8.ValidString(q.Text):
		return fmt.Errorf("%w: the question is not valid UTF-8", memory.ErrInvalid)
	case q.Limit < 0 || q.Limit > memory.MaxLimit:
		return fmt.Errorf("%w: limit %d is not between 1 and %d", memory.ErrInvalid, q.Limit, memory.MaxLimit)
	case q.Since > 0 && q.Until > 0 && q.Since > q.Until:
		return fmt.Errorf("%w: since is later than until", memory.ErrInvalid)
	}
	if q.Limit == 0 {
		q.Limit = memory.DefaultLimit
	}
	return nil
}

// filter gives the commits that the query's filters leave, nil where there are
// none.
func (d *Daemon) filter(ctx context.Context, v *view, q *memory.RecallQuery) (memory.Set, bool, error) {
	var only memory.Set
	keep := func(set memory.Set) {
		if only == nil {
			only = slices.Clone(set)
			return
		}
		for i := range only {
			if i < len(set) {
				only[i] &= set[i]
			} else {
				only[i] = 0
			}
		}
	}
	if len(q.Paths) > 0 {
		var files []int64
		for _, p := range q.Paths {
			ids, err := d.db.FilesUnder(ctx, p)
			if err != nil {
				return nil, false, err
			}
			files = append(files, ids...)
		}
		set, err := d.db.Touching(ctx, files, nil)
		if err != nil {
			return nil, false, err
		}
		keep(set)
	}
	if q.Symbol != "" {
		symbols, err := d.db.SymbolsNamed(ctx, q.Symbol, 200)
		if err != nil {
			return nil, false, err
		}
		set, err := d.db.Touching(ctx, nil, symbolIDs(symbols))
		if err != nil {
			return nil, false, err
		}
		keep(set)
	}
	if q.Since > 0 || q.Until > 0 || q.Author != "" {
		var authors map[int64]bool
		if q.Author != "" {
			var err error
			if authors, err = d.db.Authors(ctx, q.Author); err != nil {
				return nil, false, err
			}
		}
		set, err := d.db.Filtered(ctx, v.within, q.Since, q.Until, authors)
		if err != nil {
			return nil, false, err
		}
		keep(set)
	}
	return only, only != nil, nil
}

func symbolIDs(list []sqlite.Symbol) []int64 {
	var ids []int64
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	return ids
}

func fileIDs(list []sqlite.File) []int64 {
	var ids []int64
	for _, f := range list {
		ids = append(ids, f.ID)
	}
	return ids
}

// understand says which words were searched for, rarest first, and which no
// commit has.
func understand(u *memory.Understood, terms []memory.QueryTerm, frequency []int) {
	order := make([]int, len(terms))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return frequency[order[a]] < frequency[order[b]] })
	u.Terms = []string{}
	seen := make(map[string]bool)
	for _, i := range order {
		word := strings.ToLower(terms[i].Word)
		if seen[word] {
			continue
		}
		seen[word] = true
		if frequency[i] == 0 {
			u.Unknown = append(u.Unknown, word)
		} else {
			u.Terms = append(u.Terms, word)
		}
	}
}

// answering is one answer in the making.
type answering struct {
	d     *Daemon
	v     *view
	q     *memory.RecallQuery
	m     mentions
	terms []memory.QueryTerm
	only  memory.Set
}

// ranked is a hit with what exact mentions added.
type ranked struct {
	sqlite.Hit
	mention []memory.Match
}

// What an exact mention adds, as a share of the best score by words. A hash
// names its commit; an issue number names the few commits that cite it; a file
// or a symbol names many, so it only tips the scale.
const (
	hashBonus      = 4
	referenceBonus = 2
	symbolBonus    = .1
	fileBonus      = .1
)

// order adds what exact mentions give and sorts.
func (a *answering) order(ctx context.Context, hits []sqlite.Hit) ([]ranked, error) {
	list := make([]ranked, len(hits))
	at := make(map[memory.Ordinal]int, len(hits))
	top := 1.0
	for i, h := range hits {
		list[i].Hit = h
		at[h.Commit] = i
		top = max(top, h.Score)
	}
	add := func(n memory.Ordinal, share float64, m memory.Match, new bool) {
		if !a.v.within.Has(n) || !a.v.mined.Has(n) || a.only != nil && !a.only.Has(n) {
			return
		}
		i, ok := at[n]
		if !ok {
			if !new {
				return
			}
			i = len(list)
			at[n] = i
			list = append(list, ranked{Hit: sqlite.Hit{Commit: n}})
		}
		m.Share = share * top
		list[i].Score += m.Share
		list[i].mention = append(list[i].mention, m)
	}
	for _, n := range a.m.commits {
		add(n, hashBonus, memory.Match{Term: hexID(a.v.graph.ID(n))[:10], Where: "hash"}, true)
	}
	for _, hash := range a.m.hashes {
		refs, err := a.d.db.Referring(ctx, strings.ToLower(hash))
		if err != nil {
			return nil, err
		}
		for _, n := range refs {
			add(n, referenceBonus, memory.Match{Term: hash, Where: "reference"}, true)
		}
	}
	for _, number := range a.m.references {
		refs, err := a.d.db.Referring(ctx, number, memory.RefIssue)
		if err != nil {
			return nil, err
		}
		for _, n := range refs {
			add(n, referenceBonus, memory.Match{Term: "#" + number, Where: "reference"}, true)
		}
	}
	if err := a.places(ctx, add); err != nil {
		return nil, err
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Score > list[j].Score })
	return list, nil
}

// places adds what named files and symbols give.
func (a *answering) places(ctx context.Context, add func(memory.Ordinal, float64, memory.Match, bool)) error {
	each := func(set memory.Set, share float64, m memory.Match) {
		for n := range a.v.graph.Len() {
			if set.Has(memory.Ordinal(n)) {
				add(memory.Ordinal(n), share, m, len(a.terms) == 0)
			}
		}
	}
	if len(a.m.files) > 0 {
		set, err := a.d.db.Touching(ctx, fileIDs(a.m.files), nil)
		if err != nil {
			return err
		}
		each(set, fileBonus, memory.Match{Term: memory.DisplayPath(a.m.files[0].Path), Where: "file"})
	}
	if len(a.m.symbols) > 0 {
		set, err := a.d.db.Touching(ctx, nil, symbolIDs(a.m.symbols))
		if err != nil {
			return err
		}
		each(set, symbolBonus, memory.Match{Term: a.m.symbols[0].Name, Where: "symbol"})
	}
	return nil
}

// newest gives the commits that the filters leave, newest first.
func (a *answering) newest() []ranked {
	var list []ranked
	for n := range a.v.graph.Len() {
		if o := memory.Ordinal(n); a.only.Has(o) && a.v.within.Has(o) && a.v.mined.Has(o) {
			list = append(list, ranked{Hit: sqlite.Hit{Commit: o}})
		}
	}
	when := a.d.db.CommittedAt
	sort.SliceStable(list, func(i, j int) bool { return when(list[i].Commit) > when(list[j].Commit) })
	if len(list) > a.q.Limit {
		list = list[:a.q.Limit]
	}
	return list
}

// RankMessages ranks the commits of HEAD's history by the words of their
// messages alone, by plain BM25, and gives the full ids of the best: the
// baseline that measurements put beside Recall.
func (d *Daemon) RankMessages(ctx context.Context, env memory.Envelope, text string, limit int) ([]string, error) {
	d.life.RLock()
	defer d.life.RUnlock()
	v, err := d.view(ctx, env, "")
	if err != nil {
		return nil, err
	}
	found, err := d.db.Search(ctx, sqlite.Query{
		Terms: memory.QueryTerms(text), Within: v.within, Limit: limit, Weights: [memory.Fields]float64{memory.FieldMessage: 1},
	})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, h := range found.Hits {
		ids = append(ids, hexID(v.graph.ID(h.Commit)))
	}
	return ids, nil
}
