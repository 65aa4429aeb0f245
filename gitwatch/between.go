package gitwatch

import (
	"bytes"
	"context"
	"fmt"

	"github.com/memd-dev/memd/memory"
)

// Between gives the hunks between two blobs, by full hex id, as git itself
// makes them: where lines repeat, another diff puts them elsewhere, and one line
// in a hundred of git.git was traced to another commit than git blame names.
// Ranges only; nil where git calls one of them binary.
func (s *Shadow) Between(ctx context.Context, old, new string) ([]memory.Hunk, error) {
	for _, id := range []string{old, new} {
		if err := s.checkID(id); err != nil {
			return nil, err
		}
	}
	out, err := s.Run(ctx, ChildOptions{}, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "-U0", old, new)
	if err != nil {
		return nil, fmt.Errorf("compare blobs: %w", s.explain(ctx, err, old, new))
	}
	var list []memory.Hunk
	for line := range bytes.Lines(out) {
		// Lines of the files begin with a sign, so this is git's own.
		if bytes.HasPrefix(line, []byte("@@ ")) {
			h, _, ok := hunkHeader(line)
			if !ok {
				return nil, fmt.Errorf("compare blobs: hunk header %q", clip(string(line)))
			}
			list = append(list, h)
		}
	}
	return list, nil
}
