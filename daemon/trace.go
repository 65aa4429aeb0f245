package daemon

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/memd-dev/memd/gitwatch"
	"github.com/memd-dev/memd/internal/linediff"
	"github.com/memd-dev/memd/memory"
	"github.com/memd-dev/memd/memory/sqlite"
)

// tracer answers which commit set a line, from the index: hunks without
// context carry line numbers and every change carries its blobs, so a line can
// be followed from blob to blob without git. It is made for one revision.
type tracer struct {
	db     *sqlite.DB
	shadow *gitwatch.Shadow

	graph  *memory.Graph
	within memory.Set // ancestors of the revision, itself included

	hunks map[[2]string][]memory.Hunk // made or read in this trace
	made  []sqlite.MadeHunks          // to be kept
}

// keep stores the hunks that were made, all at once. Where nothing can be
// written they are made again the next time.
func (t *tracer) keep(ctx context.Context) error {
	if len(t.made) == 0 || !t.db.Writable() {
		return nil
	}
	err := t.db.KeepHunks(ctx, t.made)
	t.made = nil
	if errors.Is(err, memory.ErrDiskFull) || errors.Is(err, memory.ErrReadOnly) || errors.Is(err, memory.ErrBusy) {
		return nil
	}
	return err
}

// place is a line of a blob at a path, on the way down.
type place struct {
	file int64
	blob string // raw id
	line int    // from 1
	at   memory.Ordinal
}

// setter is the change that set a line.
type setter struct {
	commit memory.Ordinal
	step   *sqlite.Step // nil where a merge made the line of nothing
	file   int64        // in that commit
	line   int          // in that commit
}

// maxSteps bounds a trace: no line has been passed on more often in any
// history seen (git.git: 214).
const maxSteps = 20_000

// errLost is wrapped where the index can't place a line: an object or a hunk is
// missing, or the history is half mined.
var errLost = errors.New("the index can't place this line")

// line follows one line to the commit that set it. at is the commit whose
// version p is; only its ancestors and itself are asked.
func (t *tracer) line(ctx context.Context, p place) (setter, error) {
	for range maxSteps {
		if err := ctx.Err(); err != nil {
			return setter{}, err
		}
		steps, err := t.nearest(ctx, p)
		if err != nil {
			return setter{}, err
		}
		next, set, err := t.pass(ctx, p, steps)
		if err != nil || set != nil {
			if set == nil {
				return setter{}, err
			}
			return *set, nil
		}
		p = next
	}
	return setter{}, fmt.Errorf("%w: more than %d steps", errLost, maxSteps)
}

// nearest gives the change, one step per parent, that made p's blob at p's path
// nearest below p. "Below" matters: a revert makes a blob twice, and without it
// the trace would run in a circle.
func (t *tracer) nearest(ctx context.Context, p place) ([]sqlite.Step, error) {
	all, err := t.db.Making(ctx, p.file, p.blob)
	if err != nil {
		return nil, err
	}
	commits := make(map[memory.Ordinal]bool)
	for _, s := range all {
		if t.within.Has(s.Commit) {
			commits[s.Commit] = true
		}
	}
	best := memory.Ordinal(-1)
	for c := range commits {
		// With one candidate the walk over the graph can be spared: the blob
		// must come from somewhere.
		// A revision that is not listed has no place in the graph; what is
		// within are its ancestors.
		if len(commits) > 1 && p.at >= 0 && !t.graph.Ancestor(c, p.at) {
			continue
		}
		if best < 0 || t.graph.Generation(c) > t.graph.Generation(best) ||
			t.graph.Generation(c) == t.graph.Generation(best) && t.graph.ID(c) < t.graph.ID(best) {
			best = c
		}
	}
	if best < 0 {
		return nil, errLost
	}
	steps := all[:0]
	for _, s := range all {
		if s.Commit == best {
			steps = append(steps, s)
		}
	}
	return steps, nil
}

// pass takes a line through one commit: to the place in a parent that it came
// from, or to the setter when none has it.
func (t *tracer) pass(ctx context.Context, p place, steps []sqlite.Step) (place, *setter, error) {
	own := &setter{commit: steps[0].Commit, step: &steps[0], file: p.file, line: p.line}
	parents := t.graph.Parents(steps[0].Commit)
	for i := range steps {
		s := &steps[i]
		if s.Parent >= len(parents) {
			continue // beyond the border of a shallow clone
		}
		file, blob := s.OldFile, s.OldBlob
		if s.Status == memory.Copied {
			return place{}, own, nil // a copy sets its lines, as it does for git blame
		}
		if blob == "" {
			// A merge may have found this file under another name in one parent.
			if len(steps) < 2 {
				continue
			}
			var ok bool
			var err error
			if file, blob, ok, err = t.formerName(ctx, s, parents[s.Parent]); err != nil {
				return place{}, nil, err
			} else if !ok {
				continue
			}
		}
		hunks, err := t.hunksOf(ctx, s, blob)
		if err != nil {
			return place{}, nil, err
		}
		if old, ok := throughHunks(hunks, p.line); ok {
			return place{file: file, blob: blob, line: old, at: parents[s.Parent]}, nil, nil
		}
		own.step = s
	}
	return place{}, own, nil
}

// throughHunks maps a line of the new side to the old one; ok is false when a
// hunk added it.
func throughHunks(hunks []memory.Hunk, line int) (int, bool) {
	shift := 0
	for _, h := range hunks {
		if line < h.NewStart || h.NewLines == 0 && line == h.NewStart {
			break
		}
		if line < h.NewStart+h.NewLines {
			return 0, false
		}
		shift += h.OldLines - h.NewLines
	}
	return line + shift, true
}

// hunksOf gives the hunks of a step against the given old blob, making and
// keeping those that were not mined.
func (t *tracer) hunksOf(ctx context.Context, s *sqlite.Step, oldBlob string) ([]memory.Hunk, error) {
	if oldBlob == s.NewBlob {
		return nil, nil // renamed as it was
	}
	if !s.Lazy && oldBlob == s.OldBlob {
		if s.Skipped != "" {
			return nil, fmt.Errorf("%w: %s", errLost, s.Skipped)
		}
		return s.Hunks()
	}
	key := [2]string{oldBlob, s.NewBlob}
	if h, ok := t.hunks[key]; ok {
		return h, nil
	}
	h, ok, err := t.db.MergeHunks(ctx, oldBlob, s.NewBlob)
	if err != nil {
		return nil, err
	}
	if !ok {
		if h, err = t.diff(ctx, oldBlob, s.NewBlob); err != nil {
			return nil, err
		}
		t.made = append(t.made, sqlite.MadeHunks{OldBlob: oldBlob, NewBlob: s.NewBlob, Hunks: h})
	}
	t.hunks[key] = h
	return h, nil
}

func (t *tracer) diff(ctx context.Context, oldBlob, newBlob string) ([]memory.Hunk, error) {
	hunks, err := t.shadow.Between(ctx, hexID(oldBlob), hexID(newBlob))
	if errors.Is(err, memory.ErrNotFound) {
		return nil, fmt.Errorf("%w: %w", errLost, err)
	}
	return hunks, err
}

// hunksBetween compares two texts in process: a file of the worktree has no
// blob that git could compare.
func hunksBetween(old, new []byte) []memory.Hunk {
	var list []memory.Hunk
	for _, h := range linediff.Hunks(old, new) {
		list = append(list, memory.Hunk{OldStart: h.OldStart, OldLines: h.OldLines, NewStart: h.NewStart, NewLines: h.NewLines})
	}
	return list
}

// formerName finds the file of a merge's step in a parent that does not have
// the path: under a name that the path had before, or, as subtree merges leave
// it, under the end of its path (git-gui/po/it.po was po/it.po). There it must
// be the very same text, as for git blame, which sees no other rename across a
// whole tree. A call of git per name that is tried; such merges are rare.
func (t *tracer) formerName(ctx context.Context, s *sqlite.Step, parent memory.Ordinal) (file int64, blob string, ok bool, err error) {
	former, err := t.db.FormerNames(ctx, s.File)
	if err != nil {
		return 0, "", false, err
	}
	files, err := t.db.Files(ctx, append(former, s.File))
	if err != nil {
		return 0, "", false, err
	}
	var names []sqlite.File
	for _, id := range former {
		names = append(names, files[id])
	}
	for path := files[s.File].Path; ; {
		_, rest, deeper := bytes.Cut(path, []byte{'/'})
		if !deeper {
			break
		}
		f, err := t.db.FileByPath(ctx, rest)
		if err == nil {
			names = append(names, f)
		} else if !errors.Is(err, memory.ErrNotFound) {
			return 0, "", false, err
		}
		path = rest
	}
	commit := hex.EncodeToString([]byte(t.graph.ID(parent)))
	for _, f := range names {
		found, _, err := t.shadow.BlobAt(ctx, commit, f.Path)
		if errors.Is(err, memory.ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, "", false, err
		}
		raw, err := hex.DecodeString(found)
		if err != nil || slices.Contains(former, f.ID) || string(raw) == s.NewBlob {
			return f.ID, string(raw), err == nil, err
		}
	}
	return 0, "", false, nil
}
