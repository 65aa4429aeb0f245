package daemon

import (
	"bytes"
	"context"
	"encoding/hex"
	"math"
	"sort"
	"strings"

	"github.com/memd-dev/memd/memory"
	"github.com/memd-dev/memd/memory/sqlite"
)

// How files and symbols are voted for by commits, from measurements on real
// issues: score^1.5 over the root of the commit's size, from the best 50.
const (
	voters      = 50
	maxPlaces   = 8 // files, and symbols, of an answer
	hugeCommit  = 40
	nameWeight  = .25 // of a file or symbol whose name has the question's words, against the best vote
	shownFiles  = 5
	maxBodyText = 16 << 10
)

// factor of a file's class in the order of files: a change is most often
// wanted in the code. From the same measurements.
func classFactor(c memory.Class) float64 {
	switch c {
	case memory.ClassSource:
		return 1
	case memory.ClassTest:
		return .35
	case memory.ClassDocument:
		return .25
	case memory.ClassData:
		return .7
	}
	return .1
}

// fileFactor also lowers what stands in folders of tools (.github, .circleci):
// it is there for the project and not in it.
func fileFactor(f sqlite.File) float64 {
	factor := classFactor(f.Class)
	if len(f.Path) > 0 && f.Path[0] == '.' && bytes.IndexByte(f.Path, '/') > 0 {
		factor *= .35
	}
	return factor
}

func hexID(raw string) string { return hex.EncodeToString([]byte(raw)) }

// fill writes commits, files and symbols into the answer.
func (a *answering) fill(ctx context.Context, out *memory.Recall, hits []ranked) error {
	ordinals := make([]memory.Ordinal, 0, len(hits))
	for _, h := range hits[:min(len(hits), max(voters, a.q.Limit))] {
		ordinals = append(ordinals, h.Commit)
	}
	rows, err := a.d.db.Rows(ctx, ordinals)
	if err != nil {
		return err
	}
	short, err := a.d.db.Abbreviate(ctx)
	if err != nil {
		return err
	}
	var ids []int64
	for _, r := range rows {
		for _, f := range r.Files {
			ids = append(ids, f.File)
		}
		ids = append(ids, r.MergedFiles...)
	}
	files, err := a.d.db.Files(ctx, ids)
	if err != nil {
		return err
	}
	for i, r := range rows[:min(len(rows), a.q.Limit)] {
		hit, err := a.commit(ctx, hits[i], r, files)
		if err != nil {
			return err
		}
		hit.Short = short(hit.ID)
		out.Commits = append(out.Commits, hit)
	}
	return a.rankPlaces(ctx, out, hits, rows, files, short)
}

// commit gives one hit as it is shown.
func (a *answering) commit(ctx context.Context, h ranked, r *sqlite.Row, files map[int64]sqlite.File) (memory.CommitHit, error) {
	hit := memory.CommitHit{
		ID: r.ID, Subject: r.Subject, Author: r.Author, Time: r.Authored, Flags: r.Flags.Names(),
		Score: round(h.Score), Skipped: r.Skipped, Files: []string{}, Why: []memory.Match{},
	}
	if a.q.Full {
		hit.Body = clip(r.Body, maxBodyText)
	}
	touched := make([]int64, 0, len(r.Files))
	for _, f := range r.Files {
		touched = append(touched, f.File)
	}
	if len(touched) == 0 {
		touched = r.MergedFiles
	}
	hit.Changed = len(touched)
	a.sortFiles(touched, files)
	for i, id := range touched {
		if i == shownFiles && !a.q.Full {
			break
		}
		hit.Files = append(hit.Files, memory.DisplayPath(files[id].Path))
	}
	total := max(h.Score, 1e-9)
	for _, m := range h.mention {
		m.Share = round(m.Share / total)
		hit.Why = append(hit.Why, m)
	}
	for _, t := range h.Terms {
		best, sum := 0, 0.0
		for f, s := range t.Score {
			sum += s
			if s > t.Score[best] {
				best = f
			}
		}
		hit.Why = append(hit.Why, memory.Match{Term: a.terms[t.Term].Word, Where: []string{"message", "diff", "path"}[best], Share: round(sum / total)})
	}
	sort.SliceStable(hit.Why, func(i, j int) bool { return hit.Why[i].Share > hit.Why[j].Share })
	reason, _, err := a.d.reasonOf(ctx, r, a.terms, 0)
	hit.Reason = reason
	return hit, err
}

// sortFiles puts files whose path has the question's words first, then source
// before the rest.
func (a *answering) sortFiles(ids []int64, files map[int64]sqlite.File) {
	score := make(map[int64]float64, len(ids))
	for _, id := range ids {
		f := files[id]
		score[id] = fileFactor(f) + a.inName(memory.DisplayPath(f.Path))
	}
	sort.SliceStable(ids, func(i, j int) bool { return score[ids[i]] > score[ids[j]] })
}

// inName gives the share of the question's terms that a name has.
func (a *answering) inName(name string) float64 {
	if len(a.terms) == 0 {
		return 0
	}
	have := make(map[string]bool)
	memory.Tokens(name, func(t string) { have[t] = true })
	n := 0
	for _, t := range a.terms {
		if have[t.Text] {
			n++
		}
	}
	return float64(n) / float64(min(len(a.terms), 4))
}

// vote is what speaks for a file or symbol.
type vote struct {
	id      int64
	score   float64
	commits []string
	named   bool
}

// rankPlaces ranks files and symbols by the votes of the best commits and by
// their names, and keeps those that exist at the revision.
func (a *answering) rankPlaces(ctx context.Context, out *memory.Recall, hits []ranked, rows []*sqlite.Row, files map[int64]sqlite.File, short func(string) string) error {
	fileVotes, symbolVotes := map[int64]*vote{}, map[int64]*vote{}
	cast := func(votes map[int64]*vote, id int64, weight float64, commit string) {
		v := votes[id]
		if v == nil {
			v = &vote{id: id}
			votes[id] = v
		}
		v.score += weight
		if len(v.commits) < 3 && commit != "" {
			v.commits = append(v.commits, commit)
		}
	}
	top := 0.0
	if len(hits) > 0 {
		top = hits[0].Score
	}
	for i, r := range rows[:min(len(rows), voters)] {
		if len(r.Files) == 0 || len(r.Files) > hugeCommit || top <= 0 {
			continue
		}
		w := math.Pow(hits[i].Score/top, 1.5) / math.Sqrt(float64(len(r.Files)))
		for _, f := range r.Files {
			cast(fileVotes, f.File, w, short(r.ID))
			for _, s := range f.Symbols {
				cast(symbolVotes, s, w/math.Sqrt(float64(len(f.Symbols))), short(r.ID))
			}
		}
	}
	if err := a.votesByName(ctx, fileVotes, symbolVotes); err != nil {
		return err
	}
	alive := &living{d: a.d, v: a.v, known: map[int64]bool{}}
	if err := a.files(ctx, out, fileVotes, files, alive); err != nil {
		return err
	}
	return a.symbols(ctx, out, symbolVotes, alive)
}

// votesByName adds files and symbols that the question names or whose names
// have its words.
func (a *answering) votesByName(ctx context.Context, fileVotes, symbolVotes map[int64]*vote) error {
	best := func(votes map[int64]*vote) float64 {
		top := 0.0
		for _, v := range votes {
			top = max(top, v.score)
		}
		if top == 0 {
			return 1
		}
		return top
	}
	topFile, topSymbol := best(fileVotes), best(symbolVotes)
	add := func(votes map[int64]*vote, id int64, score float64) {
		v := votes[id]
		if v == nil {
			v = &vote{id: id}
			votes[id] = v
		}
		v.score += score
		v.named = true
	}
	for _, f := range a.m.files {
		add(fileVotes, f.ID, topFile)
	}
	for _, s := range a.m.symbols {
		add(symbolVotes, s.ID, topSymbol)
		add(fileVotes, s.File, topFile*nameWeight)
	}
	var terms []string
	for _, t := range a.terms {
		terms = append(terms, t.Text)
	}
	named, err := a.d.db.NamesWith(ctx, terms, 60)
	if err != nil {
		return err
	}
	for _, n := range named {
		share := nameWeight * float64(n.Terms) / float64(min(len(terms), 4))
		if n.Symbol {
			add(symbolVotes, n.ID, topSymbol*share)
		} else {
			add(fileVotes, n.ID, topFile*share)
		}
	}
	return nil
}

func (a *answering) files(ctx context.Context, out *memory.Recall, votes map[int64]*vote, files map[int64]sqlite.File, alive *living) error {
	var missing []int64
	for id := range votes {
		if _, ok := files[id]; !ok {
			missing = append(missing, id)
		}
	}
	more, err := a.d.db.Files(ctx, missing)
	if err != nil {
		return err
	}
	for id, f := range more {
		files[id] = f
	}
	list := sorted(votes, func(v *vote) float64 { return v.score * fileFactor(files[v.id]) }, func(v *vote) string { return string(files[v.id].Path) })
	for _, v := range list {
		if len(out.Files) == maxPlaces {
			break
		}
		ok, err := alive.file(ctx, v.id)
		if err != nil {
			return err
		}
		f := files[v.id]
		if !ok || !a.inPaths(f.Path) {
			continue
		}
		hit := memory.FileHit{Score: round(v.score * fileFactor(f)), Commits: notNil(v.commits), Why: whyPlace(v)}
		hit.Path, hit.PathB64 = memory.PathPair(f.Path)
		out.Files = append(out.Files, hit)
	}
	return nil
}

func (a *answering) symbols(ctx context.Context, out *memory.Recall, votes map[int64]*vote, alive *living) error {
	var ids []int64
	for id := range votes {
		ids = append(ids, id)
	}
	symbols, err := a.d.db.Symbols(ctx, ids)
	if err != nil {
		return err
	}
	var fileOf []int64
	for _, s := range symbols {
		fileOf = append(fileOf, s.File)
	}
	files, err := a.d.db.Files(ctx, fileOf)
	if err != nil {
		return err
	}
	weigh := func(v *vote) float64 { return v.score * fileFactor(files[symbols[v.id].File]) }
	list := sorted(votes, weigh, func(v *vote) string { return symbols[v.id].Name })
	for _, v := range list {
		if len(out.Symbols) == maxPlaces {
			break
		}
		s := symbols[v.id]
		ok, err := alive.file(ctx, s.File)
		if err != nil {
			return err
		}
		if !ok || files[s.File].Class == memory.ClassDocument || !a.inPaths(files[s.File].Path) {
			continue
		}
		out.Symbols = append(out.Symbols, memory.SymbolHit{
			Name: s.Name, Path: memory.DisplayPath(files[s.File].Path), Score: round(weigh(v)), Commits: notNil(v.commits), Why: whyPlace(v),
		})
	}
	return nil
}

// inPaths reports whether a path passes the query's filter.
func (a *answering) inPaths(path []byte) bool {
	if len(a.q.Paths) == 0 {
		return true
	}
	for _, p := range a.q.Paths {
		if sqlite.MatchPath(p, path) {
			return true
		}
	}
	return false
}

func whyPlace(v *vote) string {
	var parts []string
	if len(v.commits) > 0 {
		parts = append(parts, "changed by "+strings.Join(v.commits, ", "))
	}
	if v.named {
		parts = append(parts, "its name matches")
	}
	return strings.Join(parts, "; ")
}

// sorted gives the votes best first; ties go by name.
func sorted(votes map[int64]*vote, score func(*vote) float64, name func(*vote) string) []*vote {
	list := make([]*vote, 0, len(votes))
	for _, v := range votes {
		list = append(list, v)
	}
	sort.Slice(list, func(i, j int) bool {
		if a, b := score(list[i]), score(list[j]); a != b {
			return a > b
		}
		return name(list[i]) < name(list[j])
	})
	return list
}

// living tells files that exist at a revision, by what the index knows.
type living struct {
	d     *Daemon
	v     *view
	known map[int64]bool
}

func (l *living) file(ctx context.Context, id int64) (bool, error) {
	if ok, done := l.known[id]; done {
		return ok, nil
	}
	steps, err := l.d.db.LastTouch(ctx, id)
	if err != nil {
		return false, err
	}
	last, ok := int32(-1), false
	for _, s := range steps {
		if !l.v.within.Has(s.Commit) {
			continue
		}
		if g := l.v.graph.Generation(s.Commit); g > last {
			last, ok = g, s.NewBlob != ""
		}
	}
	l.known[id], err = l.confirm(ctx, id, steps, ok)
	return l.known[id], err
}

func round(v float64) float64 { return math.Round(v*1000) / 1000 }

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func clip(s string, max int) string {
	if len(s) <= max {
		return s
	}
	return strings.ToValidUTF8(s[:max], "") + "\n[…]"
}
