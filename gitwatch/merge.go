package gitwatch

import (
	"context"
	"fmt"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// Merges print nothing under diff-tree -p. They come from two calls of their
// own: one for the paths that differ from all parents, whose hunks the line
// trace makes on first use, and one for the names of all that the merge brought
// to its first parent. Renames are not looked for in either: on git.git that
// took 67 s where the two calls take 6.
var firstParentArgs = []string{"diff-tree", "--stdin", "--always", "-r", "--raw", "-z", "--diff-merges=first-parent"}

// maxMergedNames bounds the names that are kept of one merge: beyond it a
// merge says that much changed, and no name helps.
const maxMergedNames = 300

// addMergedNames asks for the names of a whole batch at once and puts them into
// its merges. Where git can't say (a missing tree) that merge goes without.
func (w *worker) addMergedNames(ctx context.Context, batch []*memory.Commit) error {
	bad := 0
	for len(batch) > 0 {
		n, err := w.mergedNames(ctx, batch)
		if err != nil {
			return err
		}
		if batch = batch[n:]; len(batch) == 0 {
			break
		}
		if n > 0 {
			bad = 0
		}
		lost := 1
		if bad++; bad >= manyBad {
			lost = len(batch)
		}
		for _, c := range batch[:lost] {
			c.Merged, c.Skipped = nil, skippedMissing
		}
		batch = batch[lost:]
	}
	return nil
}

// mergedNames runs one child over the batch, and gives the number of merges
// whose names are whole. The error is that of the context, or of the start.
func (w *worker) mergedNames(ctx context.Context, batch []*memory.Commit) (n int, err error) {
	var ids strings.Builder
	for _, c := range batch {
		ids.WriteString(c.ID + "\n")
	}
	child, err := w.m.Shadow.Start(ctx, ChildOptions{Stdin: strings.NewReader(ids.String()), Config: w.m.config(), Stall: w.stall}, firstParentArgs...)
	if err != nil {
		return 0, err
	}
	p := newRecordReader(child.Stdout, w.m.Redact)
	for n < len(batch) && p.firstParent(batch[n]) == nil {
		n++
	}
	waitErr := child.Wait()
	if n > 0 && waitErr != nil && !exitedByItself(waitErr) {
		n-- // it may have been killed between two names
	}
	return n, ctx.Err()
}

// nextMerge gives the next merge of a stream of the form merges.
func (p *recordReader) nextMerge() (*memory.Commit, error) {
	if err := p.atCommit(); err != nil {
		return nil, err
	}
	c, err := p.header()
	if err != nil {
		return nil, err
	}
	p.begin(c)
	p.gap()
	raw, err := p.rawEntries()
	if err != nil {
		return nil, err
	}
	for i, e := range raw {
		if i >= maxDiffFiles {
			c.Skipped = skippedMany
			break
		}
		c.Changes = append(c.Changes, e.mergeChanges()...)
		p.document.Path(memory.DisplayPath(e.paths[0]))
	}
	return p.finish(c), nil
}

// mergeChanges gives one change per parent, with blobs and without hunks.
func (e rawEntry) mergeChanges() []memory.Change {
	n := len(e.blobs) - 1
	var list []memory.Change
	for i := range n {
		c := memory.Change{
			Path:    e.paths[0],
			Parent:  i,
			OldBlob: e.blobs[i],
			NewBlob: e.blobs[n],
			Class:   ClassOf(e.paths[0]),
			Status:  memory.Modified,
		}
		switch {
		case c.OldBlob == "":
			c.Status = memory.Added
		case c.NewBlob == "":
			c.Status = memory.Deleted
		}
		if link(e.modes[i]) || link(e.modes[n]) {
			c.Class = memory.ClassLink
		}
		c.Lazy = c.Class != memory.ClassBinary && c.Class != memory.ClassLink && c.OldBlob != "" && c.NewBlob != ""
		list = append(list, c)
	}
	return list
}

// firstParent reads from a stream of firstParentArgs the names that belong to
// the merge, which must be the next one there.
func (p *recordReader) firstParent(c *memory.Commit) error {
	p.gap()
	id, _, err := p.in.until(0, 64)
	if err != nil {
		return err
	}
	if string(id) != c.ID {
		return fmt.Errorf("stream of git: names of %q stand where those of %s should", clip(string(id)), c.ID)
	}
	p.gap()
	raw, err := p.rawEntries()
	if err != nil {
		return err
	}
	for _, e := range raw {
		if len(c.Merged) == maxMergedNames {
			break
		}
		c.Merged = append(c.Merged, e.paths[len(e.paths)-1])
	}
	return nil
}
