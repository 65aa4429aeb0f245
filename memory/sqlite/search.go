package sqlite

import (
	"context"
	"database/sql"
	"sort"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// Query asks the inverted index.
type Query struct {
	Terms   []memory.QueryTerm // unique, as the tokenizer gives them
	Within  memory.Set         // only these commits exist for the answer
	Only    memory.Set         // candidates; nil: all of Within. N and frequencies still count Within
	Limit   int
	Weights [memory.Fields]float64
}

// Hit is a commit with its score and the share of each term that it has.
type Hit struct {
	Commit memory.Ordinal
	Score  float64
	Terms  []TermHit // best first
}

// TermHit is what one term gave to a hit.
type TermHit struct {
	Term  int // index into Query.Terms
	Score [memory.Fields]float64
}

// Found is the answer of Search.
type Found struct {
	Hits      []Hit
	Frequency []int // by term: commits of Within that have it in any field
}

// Search ranks the commits of q.Within by BM25 over each field, summed with
// q.Weights. It reads whole posting lists and no row of a commit. Its time alone
// is unmeasured. Ties go to the newer commit, then to the larger id.
func (db *DB) Search(ctx context.Context, q Query) (*Found, error) {
	var found *Found
	err := db.view(ctx, func(tx *sql.Tx) error {
		l, err := db.load(ctx, tx)
		if err != nil {
			return err
		}
		lists, err := l.postings(ctx, tx, q)
		if err != nil {
			return err
		}
		found = l.rank(q, lists)
		return nil
	})
	return found, err
}

// postings reads the lists of all terms, cut to the commits of q.Within.
func (l *loaded) postings(ctx context.Context, tx *sql.Tx, q Query) ([][]posting, error) {
	lists := make([][]posting, len(q.Terms))
	read, err := tx.PrepareContext(ctx, "SELECT data FROM posting WHERE id = ?")
	if err != nil {
		return nil, err
	}
	defer read.Close()
	for i, t := range q.Terms {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		list, err := l.termPostings(read, t.Text)
		if err != nil {
			return nil, err
		}
		kept := list[:0]
		for _, p := range list {
			if q.Within.Has(p.doc) {
				kept = append(kept, p)
			}
		}
		lists[i] = kept
	}
	return lists, nil
}

// termPostings reads one term from all segments. The order is by segment.
func (l *loaded) termPostings(read *sql.Stmt, term string) ([]posting, error) {
	var list []posting
	for i := range l.segments {
		row, ok := l.segments[i].page(term)
		if !ok {
			continue
		}
		var data sql.RawBytes
		rows, err := read.Query(row)
		if err != nil {
			return nil, err
		}
		if rows.Next() {
			if err = rows.Scan(&data); err == nil {
				var inner error
				err = entries(data, func(t, postings []byte) bool {
					if c := strings.Compare(string(t), term); c < 0 {
						return true
					} else if c == 0 {
						list, inner = decodePostings(list, postings)
					}
					return false
				})
				if err == nil {
					err = inner
				}
			}
		} else {
			err = rows.Err()
		}
		rows.Close()
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// corpus is N and the mean field lengths of the documents that count.
type corpus struct {
	n    int
	mean [memory.Fields]float64
}

func (l *loaded) corpus(within memory.Set) corpus {
	var c corpus
	for n := range l.documents {
		o := memory.Ordinal(n)
		if !within.Has(o) || !l.mined.Has(o) {
			continue
		}
		c.n++
		for f, length := range l.documents[n].lengths {
			c.mean[f] += float64(length)
		}
	}
	for f := range c.mean {
		c.mean[f] /= float64(max(c.n, 1))
	}
	return c
}

func (l *loaded) rank(q Query, lists [][]posting) *Found {
	c := l.corpus(q.Within)
	found := &Found{Frequency: make([]int, len(q.Terms))}
	scores := make([]float32, l.graph.Len())
	var touched []memory.Ordinal
	idf := make([][memory.Fields]float64, len(lists))
	for i, list := range lists {
		found.Frequency[i] = len(list)
		var df [memory.Fields]int
		for _, p := range list {
			for f, n := range p.counts {
				if n > 0 {
					df[f]++
				}
			}
		}
		for f := range df {
			idf[i][f] = q.Weights[f] * memory.InverseFrequency(c.n, df[f])
		}
		for _, p := range list {
			if q.Only != nil && !q.Only.Has(p.doc) {
				continue
			}
			s := float32(sum(l.score(p, idf[i], c)))
			if s == 0 {
				continue // it has the term in a field without weight only
			}
			if scores[p.doc] == 0 {
				touched = append(touched, p.doc)
			}
			scores[p.doc] += s
		}
	}
	top := l.best(touched, scores, q.Limit)
	for _, n := range top {
		h := Hit{Commit: n, Score: float64(scores[n])}
		for i, list := range lists {
			for _, p := range list {
				if p.doc == n {
					h.Terms = append(h.Terms, TermHit{Term: i, Score: l.score(p, idf[i], c)})
					break
				}
			}
		}
		sort.SliceStable(h.Terms, func(a, b int) bool { return sum(h.Terms[a].Score) > sum(h.Terms[b].Score) })
		found.Hits = append(found.Hits, h)
	}
	return found
}

func (l *loaded) score(p posting, idf [memory.Fields]float64, c corpus) (s [memory.Fields]float64) {
	d := &l.documents[p.doc]
	for f, n := range p.counts {
		if n > 0 {
			s[f] = idf[f] * memory.Saturation(float64(n), float64(d.lengths[f]), c.mean[f])
		}
	}
	return s
}

// best gives the limit best of the touched commits, in order.
func (l *loaded) best(touched []memory.Ordinal, scores []float32, limit int) []memory.Ordinal {
	less := func(a, b memory.Ordinal) bool {
		if scores[a] != scores[b] {
			return scores[a] > scores[b]
		}
		if ta, tb := l.documents[a].committed, l.documents[b].committed; ta != tb {
			return ta > tb
		}
		return l.graph.ID(a) > l.graph.ID(b)
	}
	// A cut by score first: sorting 40,000 candidates costs more than scoring.
	if limit > 0 && len(touched) > 4*limit {
		cut := threshold(touched, scores, limit)
		kept := touched[:0]
		for _, n := range touched {
			if scores[n] >= cut {
				kept = append(kept, n)
			}
		}
		touched = kept
	}
	sort.Slice(touched, func(i, j int) bool { return less(touched[i], touched[j]) })
	if limit > 0 && len(touched) > limit {
		touched = touched[:limit]
	}
	return touched
}

// threshold gives a score that at least limit candidates reach, from a heap of
// the best seen.
func threshold(of []memory.Ordinal, scores []float32, limit int) float32 {
	heap := make([]float32, 0, limit)
	for _, n := range of {
		s := scores[n]
		if len(heap) < limit {
			heap = append(heap, s)
			for i := len(heap) - 1; i > 0 && heap[(i-1)/2] > heap[i]; i = (i - 1) / 2 {
				heap[(i-1)/2], heap[i] = heap[i], heap[(i-1)/2]
			}
			continue
		}
		if s <= heap[0] {
			continue
		}
		heap[0] = s
		for i := 0; ; {
			child := 2*i + 1
			if child >= limit {
				break
			}
			if child+1 < limit && heap[child+1] < heap[child] {
				child++
			}
			if heap[i] <= heap[child] {
				break
			}
			heap[i], heap[child] = heap[child], heap[i]
			i = child
		}
	}
	return heap[0]
}

func sum(s [memory.Fields]float64) float64 { return s[0] + s[1] + s[2] }

// Touching gives the commits that touch one of the files or symbols.
func (db *DB) Touching(ctx context.Context, files, symbols []int64) (memory.Set, error) {
	var set memory.Set
	err := db.view(ctx, func(tx *sql.Tx) error {
		l, err := db.load(ctx, tx)
		if err != nil {
			return err
		}
		set = memory.NewSet(l.graph.Len())
		read, err := tx.PrepareContext(ctx, "SELECT data FROM posting WHERE id = ?")
		if err != nil {
			return err
		}
		defer read.Close()
		var terms []string
		for _, id := range files {
			terms = append(terms, idTerm(termFile, id))
		}
		for _, id := range symbols {
			terms = append(terms, idTerm(termSymbol, id))
		}
		for _, t := range terms {
			list, err := l.termPostings(read, t)
			if err != nil {
				return err
			}
			for _, p := range list {
				if int(p.doc) < l.graph.Len() {
					set.Add(p.doc)
				}
			}
		}
		return nil
	})
	return set, err
}

// Filtered gives the mined commits within the set that pass a filter on time
// (seconds, 0: no limit) and author ids (nil: any).
func (db *DB) Filtered(ctx context.Context, within memory.Set, since, until int64, authors map[int64]bool) (memory.Set, error) {
	l, err := db.current(ctx)
	if err != nil {
		return nil, err
	}
	set := memory.NewSet(l.graph.Len())
	for n := range l.documents {
		o, d := memory.Ordinal(n), &l.documents[n]
		if !within.Has(o) || !l.mined.Has(o) || since > 0 && d.committed < since || until > 0 && d.committed > until {
			continue
		}
		if authors == nil || authors[int64(d.author)] {
			set.Add(o)
		}
	}
	return set, nil
}

// CommittedAt gives the committer's time of a mined commit in seconds, 0 for
// any other. It reads what the last transaction loaded.
func (db *DB) CommittedAt(n memory.Ordinal) int64 {
	db.state.Lock()
	l := db.loaded
	db.state.Unlock()
	if l == nil || !l.mined.Has(n) {
		return 0
	}
	return l.documents[n].committed
}
