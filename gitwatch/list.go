package gitwatch

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// ListOptions limits List.
type ListOptions struct {
	Not []string // commits whose whole history is left out
	Max int      // at most so many; 0: all
}

// List gives the commits that can be reached from tips, newest first by the
// committer's time, with their parents. All ids are full and hex. Beyond the
// border of a shallow clone there is nothing.
func (s *Shadow) List(ctx context.Context, tips []string, o ListOptions, yield func(memory.GraphNode) error) (err error) {
	if len(tips) == 0 {
		return nil
	}
	args := []string{"rev-list", "--parents", "--stdin"}
	if o.Max > 0 {
		args = append(args, "--max-count="+strconv.Itoa(o.Max))
	}
	// Tips go through standard input: a repository may have more branches than
	// a command line takes.
	in := strings.Join(tips, "\n") + "\n"
	for _, id := range o.Not {
		in += "^" + id + "\n" // git before 2.42 knows no --not there
	}
	c, err := s.Start(ctx, ChildOptions{Stdin: strings.NewReader(in)}, args...)
	if err != nil {
		return err
	}
	scan := newScanner(c.Stdout)
	for scan.more() {
		line, _, err := scan.until('\n', 1<<20)
		if err != nil {
			return errors.Join(err, c.Wait())
		}
		ids := strings.Split(string(line), " ")
		if err := yield(memory.GraphNode{ID: ids[0], Parents: ids[1:]}); err != nil {
			c.Kill()
			return errors.Join(err, ignoreKilled(c.Wait()))
		}
	}
	if scan.err != io.EOF {
		return errors.Join(scan.err, c.Wait())
	}
	return c.Wait()
}
