package memory

import (
	"context"
	"io"
)

// Service is memory, as every front-end sees it. The daemon implements it in
// process; a client of the daemon implements it over a socket.
//
// All methods return errors that wrap a sentinel of this package where one
// fits, and ctx's error when it was cancelled.
type Service interface {
	// Recall answers a question in plain words from the index. It never
	// walks history with git. ErrInvalid: the question or a filter is
	// empty or malformed. ErrNotFound: an unknown revision. An answer
	// without hits is not an error.
	Recall(ctx context.Context, env Envelope, q RecallQuery) (*Recall, error)

	// Why tells the story of a file, a symbol or lines. ErrNotFound: the
	// path, the symbol or the line does not exist at the revision.
	Why(ctx context.Context, env Envelope, q WhyQuery) (*Why, error)

	// Status describes the memory and its state.
	Status(ctx context.Context, env Envelope) (*Status, error)

	// Mine reads into the index what it lacks, newest commits first, and
	// calls progress (may be nil) from one goroutine at a time. A cancelled
	// run keeps what was committed and goes on there the next time.
	Mine(ctx context.Context, env Envelope, q MineQuery, progress func(Progress)) (*Mined, error)

	// Dump writes the canonical text of this memory as JSON Lines sorted by
	// natural key. Two memories are equal when their dumps are.
	Dump(ctx context.Context, env Envelope, w io.Writer) error

	// Rebuild makes the index anew from git beside the live one, checks it,
	// and swaps it in.
	Rebuild(ctx context.Context, env Envelope, progress func(Progress)) (*Mined, error)
}

// MineQuery limits one run of the miner.
type MineQuery struct {
	Newest int `json:"newest,omitempty"` // at most so many commits; 0: all
}

// Progress is how far a run of the miner is.
type Progress struct {
	Mined   int     `json:"mined"` // of Total, what earlier runs mined included
	Total   int     `json:"total"`
	Rate    float64 `json:"rate"` // commits per second of this run
	Elapsed float64 `json:"elapsed_s"`
}

// Mined is the result of one run of the miner.
type Mined struct {
	Answer
	New     int     `json:"new"`       // commits mined by this run
	Elapsed float64 `json:"elapsed_s"` // wall time
	// Skipped counts, by reason, the commits and files whose hunks this
	// memory lacks, earlier runs included.
	Skipped map[string]int `json:"skipped,omitempty"`
}
