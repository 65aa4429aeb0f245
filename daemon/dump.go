package daemon

import (
	"context"
	"io"

	"github.com/memd-dev/memd/memory"
)

// Dump writes the canonical text of this memory: the evidence reachable from
// the followed refs.
func (d *Daemon) Dump(ctx context.Context, _ memory.Envelope, w io.Writer) error {
	d.life.RLock()
	defer d.life.RUnlock()
	state, err := d.repo.State(ctx)
	if err != nil {
		return err
	}
	graph, _, err := d.db.Graph(ctx)
	if err != nil {
		return err
	}
	return d.db.Dump(ctx, reachableFrom(graph, state.Followed(d.defaultBranch(state))), d.keys.Hunk[:], w)
}
