package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/memd-dev/memd/memory"
	"github.com/memd-dev/memd/memory/sqlite"
)

// telling is one commit of a story and what it did there.
type telling struct {
	commit memory.Ordinal
	what   string
	file   int64 // comments of this file may give the reason
	line   int   // in that commit, where one line is meant; 0: none
}

// linesStory tells what set the asked lines and, behind each change, what stood
// there before: the lines that it replaced are followed on.
func (w *whying) linesStory(ctx context.Context, s *source, found []memory.LineWhy, origins []setter) error {
	var list []telling
	told := make(map[memory.Ordinal]bool)
	setters := 0
	tell := func(t telling) {
		if !told[t.commit] {
			told[t.commit] = true
			list = append(list, t)
		}
	}
	for i := range found {
		if found[i].ID == "" {
			continue
		}
		n, err := w.ordinal(ctx, found[i].ID)
		if err != nil {
			continue // blame named a commit that is not listed
		}
		what := "set"
		if found[i].Origin != "" {
			what = "moved or re-indented"
			tell(telling{commit: origins[i].commit, what: "set", file: origins[i].file, line: origins[i].line})
		}
		at := telling{commit: n, what: what, file: s.file}
		if origins[i].commit == n {
			at.file, at.line = origins[i].file, origins[i].line
		}
		tell(at)
	}
	setters = len(list)
	region := region{file: s.file, blob: s.blob, at: w.v.tip}
	for _, n := range s.lines {
		if n > 0 {
			region.lines = append(region.lines, n)
		}
	}
	err := w.before(ctx, region, func(commit memory.Ordinal, file int64, what string) bool {
		tell(telling{commit: commit, what: what, file: file})
		return len(list) <= w.q.Limit+storyAhead
	})
	if err != nil && !errors.Is(err, errLost) {
		return err
	}
	// Who set the lines comes before who touched what stood there earlier: a
	// limit must not cut the answer itself.
	if len(list) > w.q.Limit {
		w.out.More = len(list) - max(w.q.Limit, setters)
		list = list[:max(w.q.Limit, setters)]
	}
	sort.SliceStable(list, func(i, j int) bool { return w.later(list[i].commit, list[j].commit) })
	return w.tellAll(ctx, list)
}

// storyAhead is how many events beyond the limit are counted before More says
// "and more".
const storyAhead = 200

// region is a set of lines of one blob on the way down.
type region struct {
	file  int64
	blob  string
	lines []int // ascending
	at    memory.Ordinal
}

// before walks back through the changes that touched a region, newest first,
// until nothing of it is left or yield says stop.
func (w *whying) before(ctx context.Context, r region, yield func(commit memory.Ordinal, file int64, what string) bool) error {
	for range maxSteps {
		if len(r.lines) == 0 {
			return nil
		}
		steps, err := w.trace.nearest(ctx, place{file: r.file, blob: r.blob, at: r.at})
		if err != nil {
			return err
		}
		next, touched, err := w.regionBefore(ctx, r, steps)
		if err != nil {
			return err
		}
		if touched != "" && !yield(steps[0].Commit, r.file, touched) {
			return nil
		}
		r = next
	}
	return nil
}

// regionBefore maps a region through one commit. touched says what the commit
// did to it, "" for nothing. At a merge it goes on at the first parent that has
// any of it.
func (w *whying) regionBefore(ctx context.Context, r region, steps []sqlite.Step) (next region, touched string, err error) {
	parents := w.v.graph.Parents(steps[0].Commit)
	for i := range steps {
		s := &steps[i]
		if s.Parent >= len(parents) || s.OldBlob == "" {
			continue
		}
		hunks, err := w.trace.hunksOf(ctx, s, s.OldBlob)
		if err != nil {
			return next, "", err
		}
		lines, changed := regionThrough(hunks, r.lines)
		if len(lines) == 0 && len(steps) > 1 {
			continue
		}
		next = region{file: s.OldFile, blob: s.OldBlob, lines: lines, at: parents[s.Parent]}
		switch {
		case s.Status == memory.Copied:
			return region{}, "copied from another file", nil
		case len(steps) > 1 && !changed:
		case changed && len(lines) == 0:
			touched = "introduced"
		case changed:
			touched = "changed"
		case s.Status == memory.Renamed:
			touched = "renamed"
		}
		return next, touched, nil
	}
	return region{}, "introduced", nil
}

// regionThrough maps lines of the new side to the old one. Lines that a hunk
// added go on as the lines that it removed.
func regionThrough(hunks []memory.Hunk, lines []int) (old []int, changed bool) {
	done := make(map[int]bool)
	for _, n := range lines {
		if o, ok := throughHunks(hunks, n); ok {
			old = append(old, o)
			continue
		}
		changed = true
		for i, h := range hunks {
			if n >= h.NewStart && n < h.NewStart+h.NewLines && !done[i] {
				done[i] = true
				for k := range min(h.OldLines, maxWhyLines) {
					old = append(old, h.OldStart+k)
				}
			}
		}
	}
	sort.Ints(old)
	return old, changed
}

// symbol tells the story of a symbol: all commits that touched it in this file
// or, before a rename, under the file's former names.
func (w *whying) symbol(ctx context.Context) error {
	f, err := w.known(ctx)
	if err != nil {
		return err
	}
	lineage, err := w.lineage(ctx, f.ID)
	if err != nil {
		return err
	}
	var ids []int64
	fileOf := make(map[int64]bool)
	for _, id := range lineage {
		fileOf[id] = true
	}
	named, err := w.d.db.SymbolsNamed(ctx, w.q.Symbol, 5000)
	if err != nil {
		return err
	}
	for _, s := range named {
		if fileOf[s.File] {
			ids = append(ids, s.ID)
		}
	}
	if last := lastPart(w.q.Symbol); len(ids) == 0 && last != w.q.Symbol {
		// A hunk that shows a method without its class knows the bare name.
		if named, err = w.d.db.SymbolsNamed(ctx, last, 5000); err != nil {
			return err
		}
		for _, s := range named {
			if fileOf[s.File] {
				ids = append(ids, s.ID)
			}
		}
	}
	if len(ids) == 0 {
		return memory.Hint(fmt.Errorf("%s in %s: %w", w.q.Symbol, w.out.Path, memory.ErrNotFound), "the name is as in the code: FILE#Type.Method, FILE#function")
	}
	set, err := w.d.db.Touching(ctx, nil, ids)
	if err != nil {
		return err
	}
	return w.setStory(ctx, set, f.ID)
}

// lastPart gives the name behind the last "." or "::".
func lastPart(name string) string {
	return name[strings.LastIndexAny(name, ".:")+1:]
}

// file tells the story of a file, through renames.
func (w *whying) file(ctx context.Context) error {
	f, err := w.known(ctx)
	if err != nil {
		return err
	}
	lineage, err := w.lineage(ctx, f.ID)
	if err != nil {
		return err
	}
	set, err := w.d.db.Touching(ctx, lineage[:1], nil)
	if err != nil {
		return err
	}
	// A former name counts up to the commit that renamed it: another file may
	// have taken the name since.
	for _, id := range lineage[1:] {
		older, err := w.d.db.Touching(ctx, []int64{id}, nil)
		if err != nil {
			return err
		}
		for i := range min(len(set), len(older)) {
			set[i] |= older[i]
		}
	}
	return w.setStory(ctx, set, f.ID)
}

func (w *whying) known(ctx context.Context) (sqlite.File, error) {
	f, err := w.d.db.FileByPath(ctx, w.q.Path)
	if errors.Is(err, memory.ErrNotFound) {
		next := "name a file as git does, from the top of the repository"
		if _, mode, err := w.d.shadow.BlobAt(ctx, w.v.commit, bytes.TrimRight(w.q.Path, "/")); err == nil && mode == "040000" {
			return f, memory.Hint(fmt.Errorf("%w: %s is a folder", memory.ErrInvalid, w.out.Path), "name a file in it, or ask: memd recall --path "+w.out.Path+" WORDS")
		}
		if w.v.answer.Mined < w.v.answer.Total {
			next = "the history is not mined whole yet: memd init mines the rest"
		}
		return f, memory.Hint(fmt.Errorf("%s: %w in what is mined", w.out.Path, memory.ErrNotFound), next)
	}
	return f, err
}

// lineage gives the file and its former names, newest first.
func (w *whying) lineage(ctx context.Context, file int64) ([]int64, error) {
	list := []int64{file}
	seen := map[int64]bool{file: true}
	for i := 0; i < len(list) && i < 50; i++ {
		former, err := w.d.db.RenamedFrom(ctx, list[i], w.v.within)
		if err != nil {
			return nil, err
		}
		for _, id := range former {
			if !seen[id] {
				seen[id] = true
				list = append(list, id)
			}
		}
	}
	files, err := w.d.db.Files(ctx, list)
	if err != nil {
		return nil, err
	}
	for _, id := range list[1:] {
		w.out.Names = append(w.out.Names, memory.DisplayPath(files[id].Path))
	}
	return list, nil
}

// setStory tells the commits of a set that the view has, newest first. Merges
// that only brought the change are left out: the change itself is there.
func (w *whying) setStory(ctx context.Context, set memory.Set, file int64) error {
	var list []telling
	for n := range w.v.graph.Len() {
		o := memory.Ordinal(n)
		if set.Has(o) && w.v.within.Has(o) && w.v.mined.Has(o) && len(w.v.graph.Parents(o)) < 2 {
			list = append(list, telling{commit: o, file: file})
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return w.later(list[i].commit, list[j].commit) })
	for i := range list {
		list[i].what = "changed"
		if i == len(list)-1 {
			list[i].what = "introduced"
		}
	}
	if len(list) > w.q.Limit {
		// The beginning of a story is worth more than its middle.
		w.out.More = len(list) - w.q.Limit
		list = append(list[:w.q.Limit-1:w.q.Limit-1], list[len(list)-1])
	}
	return w.tellAll(ctx, list)
}

// nameLines says who the commits of the lines are.
func (w *whying) nameLines(ctx context.Context, short func(string) string) error {
	for i := range w.out.Lines {
		l := &w.out.Lines[i]
		l.Short, l.Origin = short(l.ID), short(l.Origin)
		if l.ID == "" {
			continue
		}
		n, err := w.ordinal(ctx, l.ID)
		if err != nil || !w.v.mined.Has(n) {
			continue // git blame named a commit that is not mined
		}
		rows, err := w.d.db.Rows(ctx, []memory.Ordinal{n})
		if err != nil {
			return err
		}
		l.Subject, l.Author, l.Time = rows[0].Subject, rows[0].Author, rows[0].Authored
	}
	return nil
}

// later orders by the graph, then by time.
func (w *whying) later(a, b memory.Ordinal) bool {
	ta, tb := w.d.db.CommittedAt(a), w.d.db.CommittedAt(b)
	if ta != tb {
		return ta > tb
	}
	return w.v.graph.Generation(a) > w.v.graph.Generation(b)
}

func (w *whying) ordinal(ctx context.Context, id string) (memory.Ordinal, error) {
	found, err := w.d.db.Prefix(ctx, id, 1)
	if err != nil || len(found) == 0 {
		return 0, errors.Join(err, memory.ErrNotFound)
	}
	return found[0], nil
}

// tellAll turns a story into events, up to the limit.
func (w *whying) tellAll(ctx context.Context, list []telling) error {
	kept := list[:0]
	for _, t := range list {
		if w.v.mined.Has(t.commit) {
			kept = append(kept, t)
		}
	}
	list = kept
	short, err := w.d.db.Abbreviate(ctx)
	if err != nil {
		return err
	}
	if err := w.nameLines(ctx, short); err != nil {
		return err
	}
	for _, t := range list {
		e, err := w.event(ctx, t)
		if err != nil {
			return err
		}
		e.Short = short(e.ID)
		w.out.Story = append(w.out.Story, e)
	}
	return nil
}

func (w *whying) event(ctx context.Context, t telling) (memory.Event, error) {
	rows, err := w.d.db.Rows(ctx, []memory.Ordinal{t.commit})
	if err != nil {
		return memory.Event{}, err
	}
	r := rows[0]
	e := memory.Event{ID: r.ID, Subject: r.Subject, Author: r.Author, Time: r.Authored, What: t.what, Flags: r.Flags.Names()}
	switch {
	case r.Flags&memory.FlagFormatting != 0:
		e.What = "formatted"
	case r.Flags&memory.FlagRevert != 0:
		e.What = "reverted"
	}
	if t.line > 0 {
		if e.Reason, err = w.d.reasonBeside(ctx, t.commit, t.file, t.line); err != nil {
			return e, err
		}
		e.Source = "comment"
	}
	if e.Reason == "" {
		e.Reason, e.Source, err = w.d.reasonOf(ctx, r, memory.QueryTerms(w.q.Symbol), t.file)
		if err != nil {
			return e, err
		}
	}
	refs, err := w.d.db.References(ctx, t.commit)
	if err != nil {
		return e, err
	}
	for _, ref := range refs {
		if ref.Kind == memory.RefIssue && len(e.Refs) < 3 {
			e.Refs = append(e.Refs, issueName(ref.Value))
		}
	}
	reverted, err := w.d.db.Referring(ctx, r.ID, memory.RefReverts)
	if err != nil {
		return e, err
	}
	for _, n := range reverted {
		if w.v.within.Has(n) {
			e.What += ", later reverted by " + hexID(w.v.graph.ID(n))[:10]
			break
		}
	}
	return e, nil
}

// issueName writes an issue as people do: a bare number has a #.
func issueName(value string) string {
	if strings.Trim(value, "0123456789") == "" {
		return "#" + value
	}
	return value
}

// conclude says what no event could.
func (w *whying) conclude() {
	if w.out.Note != "" || w.out.More > 0 {
		return // what is not told may have one
	}
	for _, e := range w.out.Story {
		if e.Reason != "" {
			return
		}
	}
	if len(w.out.Story) > 0 {
		w.out.Note = "no reason recorded"
	}
}
