package sqlite

import (
	"context"
	"database/sql"

	"github.com/memd-dev/memd/memory"
)

// loaded is what ranking and reachability read from memory: 5 MB at 60k
// commits. It is immutable once built; a transaction that finds the index
// changed builds another.
type loaded struct {
	listed    int64 // version of the graph: one past the last ordinal
	settled   int64 // version of the documents: the newest segment
	graph     *memory.Graph
	merges    memory.Set // with two or more parents, listed or not
	mined     memory.Set
	documents []document // by ordinal; meaningful where mined
	segments  []directory
}

// load gives the state that tx sees. It compares two numbers and reads only
// what another transaction, of this process or another, has changed.
func (db *DB) load(ctx context.Context, tx *sql.Tx) (*loaded, error) {
	var listed, settled int64
	err := tx.QueryRowContext(ctx, `SELECT (SELECT coalesce(max(first + count), 0) FROM graph), (SELECT coalesce(max(id), 0) FROM segment)`).Scan(&listed, &settled)
	if err != nil {
		return nil, err
	}
	db.state.Lock()
	have := db.loaded
	db.state.Unlock()
	if have != nil && have.listed == listed && have.settled == settled {
		return have, nil
	}
	l := &loaded{listed: listed, settled: settled}
	if have != nil && have.listed == listed {
		l.graph, l.merges = have.graph, have.merges
	} else if l.graph, l.merges, err = readGraph(ctx, tx); err != nil {
		return nil, err
	}
	if err := l.readDocuments(ctx, tx); err != nil {
		return nil, err
	}
	db.state.Lock()
	db.loaded = l
	db.state.Unlock()
	return l, nil
}

func readGraph(ctx context.Context, tx *sql.Tx) (*memory.Graph, memory.Set, error) {
	rows, err := tx.QueryContext(ctx, "SELECT first, count, data FROM graph ORDER BY first")
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var nodes []memory.GraphNode
	for rows.Next() {
		var first, count int
		var data []byte
		if err := rows.Scan(&first, &count, &data); err != nil {
			return nil, nil, err
		}
		part, err := unpackGraph(data, count)
		if err != nil {
			return nil, nil, err
		}
		for len(nodes) < first {
			nodes = append(nodes, memory.GraphNode{}) // a hole that an erase left
		}
		nodes = append(nodes, part...)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	merges := memory.NewSet(len(nodes))
	for i, n := range nodes {
		if len(n.Parents) > 1 {
			merges.Add(memory.Ordinal(i))
		}
	}
	return memory.NewGraph(nodes), merges, nil
}

func (l *loaded) readDocuments(ctx context.Context, tx *sql.Tx) error {
	l.mined = memory.NewSet(l.graph.Len())
	l.documents = make([]document, l.graph.Len())
	list, err := readSegments(ctx, tx)
	if err != nil {
		return err
	}
	for _, s := range list {
		err := unpackDocuments(s.documents, func(d document) {
			if int(d.doc) < l.graph.Len() {
				l.documents[d.doc] = d
				l.mined.Add(d.doc)
			}
		})
		if err != nil {
			return err
		}
		l.segments = append(l.segments, s.directory)
	}
	return nil
}

// current loads the state in a transaction of its own.
func (db *DB) current(ctx context.Context) (l *loaded, err error) {
	err = db.view(ctx, func(tx *sql.Tx) error {
		l, err = db.load(ctx, tx)
		return err
	})
	return l, err
}

// Graph gives the graph of all listed commits and the set of mined ones. Both
// are as of one moment and must not be changed.
func (db *DB) Graph(ctx context.Context) (*memory.Graph, memory.Set, error) {
	l, err := db.current(ctx)
	if err != nil {
		return nil, nil, err
	}
	return l.graph, l.mined, nil
}

// Merges gives the listed commits with two or more parents. The graph leaves
// out parents that are not listed, so it can't tell while a history is listed
// in part. The set must not be changed.
func (db *DB) Merges(ctx context.Context) (memory.Set, error) {
	l, err := db.current(ctx)
	if err != nil {
		return nil, err
	}
	return l.merges, nil
}

// Newest gives the newest mined commit of a set, by the committer's time, and
// that time in seconds; ok is false when none is mined.
func (db *DB) Newest(ctx context.Context, of memory.Set) (id memory.Ordinal, when int64, ok bool, err error) {
	l, err := db.current(ctx)
	if err != nil {
		return 0, 0, false, err
	}
	for n := range l.documents {
		o := memory.Ordinal(n)
		if !of.Has(o) || !l.mined.Has(o) {
			continue
		}
		t := l.documents[n].committed
		if !ok || t > when || t == when && l.graph.ID(o) > l.graph.ID(id) {
			id, when, ok = o, t, true
		}
	}
	return id, when, ok, nil
}

// writer is what Put and List know of the index. One process writes, so it
// need not be read again after each batch.
type writer struct {
	graph *memory.Graph
	mined memory.Set
	cache *idCache
}

// writing gives the writer's state; the caller holds db.put.
func (db *DB) writing(ctx context.Context) (*writer, error) {
	if db.writer != nil {
		return db.writer, nil
	}
	l, err := db.current(ctx)
	if err != nil {
		return nil, err
	}
	mined := memory.NewSet(l.graph.Len())
	copy(mined, l.mined)
	db.writer = &writer{graph: l.graph, mined: mined, cache: newIDCache()}
	return db.writer, nil
}
