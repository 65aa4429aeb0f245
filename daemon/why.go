package daemon

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/memd-dev/memd/gitwatch"
	"github.com/memd-dev/memd/internal/linediff"
	"github.com/memd-dev/memd/memory"
)

// maxWhyLines bounds a range of lines: more is a file.
const maxWhyLines = 1000

// blameTime is how long git blame may take for lines that the index can't
// place.
const blameTime = 2 * time.Second

// Why tells the story of a file, a symbol or lines.
func (d *Daemon) Why(ctx context.Context, env memory.Envelope, q memory.WhyQuery) (*memory.Why, error) {
	d.life.RLock()
	defer d.life.RUnlock()
	start := time.Now()
	if err := checkWhy(&q); err != nil {
		return nil, err
	}
	if err := d.catchUp(ctx); err != nil {
		return nil, err
	}
	v, err := d.view(ctx, env, q.At)
	if err != nil {
		return nil, err
	}
	w := d.telling(v, env, &q)
	switch {
	case q.First > 0:
		err = w.lines(ctx)
	case q.Symbol != "":
		err = w.symbol(ctx)
	default:
		err = w.file(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := w.trace.keep(ctx); err != nil {
		return nil, err
	}
	w.conclude()
	w.out.Elapsed = float64(time.Since(start).Microseconds()) / 1000
	return w.out, nil
}

// telling makes what a story or a trace needs.
func (d *Daemon) telling(v *view, env memory.Envelope, q *memory.WhyQuery) *whying {
	w := &whying{d: d, v: v, q: q, env: env, paths: make(map[int64]string), symbols: make(map[int64]string)}
	w.out = &memory.Why{Answer: v.answer, Symbol: q.Symbol, Story: []memory.Event{}, Quality: memory.QualityExact}
	w.out.Path, w.out.PathB64 = memory.PathPair(q.Path)
	w.trace = &tracer{db: d.db, shadow: d.shadow, graph: v.graph, within: v.within, hunks: make(map[[2]string][]memory.Hunk)}
	return w
}

func checkWhy(q *memory.WhyQuery) error {
	switch {
	case len(q.Path) == 0:
		return memory.Hint(fmt.Errorf("%w: no file", memory.ErrInvalid), "name one: memd why FILE, FILE:LINE or FILE#Symbol")
	case q.First < 0 || q.Last < 0:
		return fmt.Errorf("%w: lines count from 1", memory.ErrInvalid)
	case q.Last == 0:
		q.Last = q.First
	}
	switch {
	case q.Last < q.First:
		return fmt.Errorf("%w: lines %d-%d run backwards", memory.ErrInvalid, q.First, q.Last)
	case q.Last-q.First >= maxWhyLines:
		return fmt.Errorf("%w: %d lines, at most %d are traced at once", memory.ErrInvalid, q.Last-q.First+1, maxWhyLines)
	case q.Limit < 0:
		return fmt.Errorf("%w: limit %d", memory.ErrInvalid, q.Limit)
	case q.Limit == 0:
		q.Limit = 20
	}
	return nil
}

// whying is one story in the making.
type whying struct {
	d     *Daemon
	v     *view
	q     *memory.WhyQuery
	env   memory.Envelope
	out   *memory.Why
	trace *tracer
	text  [][]byte // lines of the blob at the revision, once read

	paths   map[int64]string // display paths of files, once asked
	symbols map[int64]string // names, once asked
}

// source is the asked lines in the blob at the revision.
type source struct {
	file  int64
	blob  string // raw id
	lines []int  // by asked line: its number in the blob, 0 where it is not committed
	label []int  // the asked numbers
}

// locate finds the blob, and maps the lines of the worktree to it.
func (w *whying) locate(ctx context.Context) (*source, error) {
	blob, mode, err := w.d.shadow.BlobAt(ctx, w.v.commit, w.q.Path)
	if err != nil {
		if errors.Is(err, memory.ErrNotFound) {
			return nil, memory.Hint(fmt.Errorf("%s: %w at %s", w.out.Path, memory.ErrNotFound, w.v.commit[:10]), "name a file that git has there; --at REV asks about another revision")
		}
		return nil, err
	}
	if mode == "120000" || mode == "160000" || mode == "040000" {
		return nil, fmt.Errorf("%w: %s is not a file with lines", memory.ErrInvalid, w.out.Path)
	}
	raw, err := hex.DecodeString(blob)
	if err != nil {
		return nil, err
	}
	s := &source{blob: string(raw)}
	f, err := w.d.db.FileByPath(ctx, w.q.Path)
	if err == nil {
		s.file = f.ID
	} else if !errors.Is(err, memory.ErrNotFound) {
		return nil, err
	}
	blobs, err := w.d.openBlobs(ctx)
	if err != nil {
		return nil, err
	}
	text, err := blobs.Read(blob, maxShownBytes)
	if err != nil {
		return nil, err
	}
	w.text = linediff.Lines(text)
	count := len(w.text)
	toBlob := func(n int) int { return n }
	if w.q.At == "" && !w.d.repo.Bare {
		if now, err := readWorktree(w.d.worktree(w.env), w.q.Path); err == nil && !bytes.Equal(now, text) {
			hunks := hunksBetween(text, now)
			count = len(linediff.Lines(now))
			toBlob = func(n int) int {
				old, ok := throughHunks(hunks, n)
				if !ok {
					return 0
				}
				return old
			}
		}
	}
	if w.q.Last > count {
		return nil, memory.Hint(fmt.Errorf("%s: %w: line %d of %d", w.out.Path, memory.ErrNotFound, w.q.Last, count), "lines count from 1")
	}
	for n := w.q.First; n <= w.q.Last; n++ {
		s.lines = append(s.lines, toBlob(n))
		s.label = append(s.label, n)
	}
	return s, nil
}

// maxShownBytes bounds a file whose lines are asked for.
const maxShownBytes = 32 << 20

// readWorktree reads a file of the worktree. A symbolic link that leads out of
// it is not followed to: git has the link, not what it points at.
func readWorktree(worktree string, path []byte) ([]byte, error) {
	name := filepath.Join(worktree, filepath.FromSlash(string(path)))
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxShownBytes {
		return nil, os.ErrInvalid
	}
	return os.ReadFile(name)
}

// lines traces each asked line and then tells what stood there before.
func (w *whying) lines(ctx context.Context) error {
	s, err := w.locate(ctx)
	if err != nil {
		return err
	}
	found, origins, err := w.traceLines(ctx, s)
	if err != nil {
		return err
	}
	w.out.Lines = joinRuns(found)
	return w.linesStory(ctx, s, found, origins)
}

// traceLines gives who set each asked line, and what is behind those who only
// moved or re-indented it.
func (w *whying) traceLines(ctx context.Context, s *source) ([]memory.LineWhy, []setter, error) {
	var lost []int // indices of lines that need git
	found := make([]memory.LineWhy, len(s.lines))
	origins := make([]setter, len(s.lines))
	for i, n := range s.lines {
		found[i] = memory.LineWhy{First: s.label[i], Last: s.label[i], Quality: memory.QualityUncommitted}
		if n == 0 {
			continue
		}
		set, err := w.trace.line(ctx, place{file: s.file, blob: s.blob, line: n, at: w.v.tip})
		if errors.Is(err, errLost) {
			lost = append(lost, i)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if err := w.setLine(ctx, &found[i], set, memory.QualityExact); err != nil {
			return nil, nil, err
		}
		behind, err := w.trace.origin(ctx, set, w.text[n-1])
		if err != nil {
			return nil, nil, err
		}
		if behind.commit != set.commit {
			found[i].Origin = hexID(w.v.graph.ID(behind.commit))
		}
		origins[i] = behind
	}
	return found, origins, w.blame(ctx, s, lost, found)
}

// Traced is one line with who set it, as Trace gives it.
type Traced struct {
	memory.LineWhy
	Origin string        // full id behind commits that moved or re-indented it; the setter's own where there is none
	Took   time.Duration // of the line alone, the place of the file in the revision left out
}

// Trace follows lines of one file at a revision, each by itself, without the
// story that Why tells: blame from the index. It is what editors ask for and
// what measurements compare with git blame.
func (d *Daemon) Trace(ctx context.Context, env memory.Envelope, rev string, path []byte, lines []int) ([]Traced, error) {
	d.life.RLock()
	defer d.life.RUnlock()
	v, err := d.view(ctx, env, rev)
	if err != nil {
		return nil, err
	}
	w := d.telling(v, env, &memory.WhyQuery{Path: path, First: 1, Last: 1, At: v.commit})
	s, err := w.locate(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Traced, len(lines))
	for i, n := range lines {
		if n < 1 || n > len(w.text) {
			return nil, fmt.Errorf("%s: %w: line %d of %d", w.out.Path, memory.ErrNotFound, n, len(w.text))
		}
		one := *s
		one.lines, one.label = []int{n}, []int{n}
		start := time.Now()
		found, _, err := w.traceLines(ctx, &one)
		if err != nil {
			return nil, err
		}
		out[i] = Traced{LineWhy: found[0], Origin: found[0].Origin, Took: time.Since(start)}
		if out[i].Origin == "" {
			out[i].Origin = found[0].ID
		}
	}
	return out, w.trace.keep(ctx)
}

// setLine writes who set a line.
func (w *whying) setLine(ctx context.Context, l *memory.LineWhy, set setter, quality string) error {
	path, ok := w.paths[set.file]
	if !ok {
		files, err := w.d.db.Files(ctx, []int64{set.file})
		if err != nil {
			return err
		}
		path = memory.DisplayPath(files[set.file].Path)
		w.paths[set.file] = path
	}
	l.ID = hexID(w.v.graph.ID(set.commit))
	l.Path, l.Line, l.Quality = path, set.line, quality
	if set.step == nil {
		return nil
	}
	var err error
	l.Symbol, err = w.symbolAt(ctx, set)
	return err
}

// symbolAt gives the symbol of the hunk that set a line.
func (w *whying) symbolAt(ctx context.Context, set setter) (string, error) {
	hunks, err := set.step.Hunks()
	if err != nil {
		return "", err
	}
	ids, err := set.step.SymbolIDs()
	if err != nil {
		return "", err
	}
	for i, h := range hunks {
		if set.line >= h.NewStart && set.line < h.NewStart+h.NewLines && i < len(ids) && len(ids[i]) == 1 {
			id := ids[i][0]
			if name, ok := w.symbols[id]; ok {
				return name, nil
			}
			found, err := w.d.db.Symbols(ctx, ids[i])
			w.symbols[id] = found[id].Name
			return found[id].Name, err
		}
	}
	return "", nil
}

// blame asks git for the lines that the index can't place: a commit whose
// hunks are missing, a half-mined history, a rename that was seen differently.
func (w *whying) blame(ctx context.Context, s *source, lost []int, found []memory.LineWhy) error {
	if len(lost) == 0 {
		return nil
	}
	w.out.Quality = memory.QualityProbable
	first, last := s.lines[lost[0]], s.lines[lost[0]]
	for _, i := range lost {
		first, last = min(first, s.lines[i]), max(last, s.lines[i])
	}
	limited, cancel := context.WithTimeout(ctx, blameTime)
	defer cancel()
	lines, err := w.d.shadow.Blame(limited, w.v.commit, w.q.Path, first, last, false)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.out.Note = "some lines could not be placed: the history is not whole here"
		return nil
	}
	by := make(map[int]gitwatch.BlameLine, len(lines))
	for _, b := range lines {
		by[b.Line] = b
	}
	for _, i := range lost {
		b, ok := by[s.lines[i]]
		if !ok {
			continue
		}
		found[i].ID, found[i].Quality, found[i].Line = b.Commit, memory.QualityProbable, b.OrigLine
		found[i].Path = memory.DisplayPath(b.OrigPath)
	}
	return nil
}

// joinRuns joins neighbouring lines with the same answer.
func joinRuns(lines []memory.LineWhy) []memory.LineWhy {
	var runs []memory.LineWhy
	for _, l := range lines {
		if n := len(runs); n > 0 {
			r := &runs[n-1]
			if r.ID == l.ID && r.Quality == l.Quality && r.Path == l.Path && r.Origin == l.Origin && l.First == r.Last+1 &&
				(l.ID == "" || l.Line == r.Line+l.First-r.First) {
				r.Last = l.Last
				if r.Symbol != l.Symbol {
					r.Symbol = ""
				}
				continue
			}
		}
		runs = append(runs, l)
	}
	return runs
}
