package sqlite

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/memd-dev/memd/memory"
)

// TestReadersSeeOneMoment: while a writer puts batches and merges segments, each
// answer is that of a whole number of batches, and never goes back.
func TestReadersSeeOneMoment(t *testing.T) {
	db := openNew(t)
	const batches, size = 24, 5
	commits := madeUp(50, batches*size)
	for _, c := range commits {
		c.Document.Terms = append(c.Document.Terms, memory.Term{Text: "zzall", Counts: [memory.Fields]uint16{1}})
	}
	if _, err := db.List(t.Context(), nodesOf(commits)); err != nil {
		t.Fatal(err)
	}
	within := everything(t, db)
	done := make(chan struct{}) // closed when the writer is done; ends the readers
	var wg sync.WaitGroup       // the writer and the readers, 7 in all
	wg.Go(func() {
		defer close(done)
		for at := 0; at < len(commits); at += size {
			if err := db.Put(t.Context(), commits[at:at+size]); err != nil {
				t.Error(err)
				return
			}
			if at%(3*size) == 0 {
				if err := db.Settle(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	for range 6 {
		wg.Go(func() {
			last := 0
			for more := true; more; {
				select {
				case <-done:
					more = false // once more, for the end
				default:
				}
				q := query("zzall")
				q.Within = within
				found, err := db.Search(t.Context(), q)
				if err != nil {
					t.Error(err)
					return
				}
				n := len(found.Hits)
				if n%size != 0 || n < last || found.Frequency[0] != n {
					t.Errorf("%d hits of frequency %d after %d", n, found.Frequency[0], last)
				}
				last = n
				rows, err := db.Rows(t.Context(), []memory.Ordinal{0})
				if n > 0 && (err != nil || len(rows) != 1) {
					t.Errorf("row: %v", err)
				}
			}
			if last != batches*size {
				t.Errorf("at the end a reader finds %d of %d", last, batches*size)
			}
		})
	}
	wg.Wait()
}

// TestPreparingDoesNotBlockReaders: the first question of a kind waits for a
// connection while all are in use by others that need the state. It must not
// hold what they wait for.
func TestPreparingDoesNotBlockReaders(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	db := openNew(t)
	keep(t, db, madeUp(51, 40), 4)
	for round := range 30 {
		var wg sync.WaitGroup // 16 readers
		for i := range 16 {
			wg.Go(func() {
				var err error
				if i%2 == 0 {
					_, err = db.steps(ctx, fmt.Sprintf("%s WHERE file = ? AND %d < %d", stepQuery, round, 100+i), 1)
				} else {
					_, _, err = db.Graph(ctx)
				}
				if err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
	}
}
