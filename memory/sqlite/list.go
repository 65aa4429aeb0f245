package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/memd-dev/memd/memory"
)

// graphPage is the most commits of one row of the table graph.
const graphPage = 4096

// List adds commits to the graph that it does not know yet and gives how many
// were new. Listed commits count for reachability and for the total; they are
// mined by Put. Nodes carry hex ids.
func (db *DB) List(ctx context.Context, nodes []memory.GraphNode) (int, error) {
	db.put.Lock()
	defer db.put.Unlock()
	l, err := db.writing(ctx)
	if err != nil {
		return 0, err
	}
	var fresh []memory.GraphNode
	known := make(map[string]bool)
	for _, n := range nodes {
		id, err := rawID(n.ID)
		if err != nil {
			return 0, err
		}
		if _, ok := l.graph.Find(id); ok || known[id] {
			continue
		}
		known[id] = true
		raw := memory.GraphNode{ID: id}
		for _, p := range n.Parents {
			pid, err := rawID(p)
			if err != nil {
				return 0, err
			}
			raw.Parents = append(raw.Parents, pid)
		}
		fresh = append(fresh, raw)
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	first := l.graph.Len()
	err = db.update(ctx, func(tx *sql.Tx) error {
		for at := 0; at < len(fresh); at += graphPage {
			part := fresh[at:min(at+graphPage, len(fresh))]
			if _, err := tx.ExecContext(ctx, "INSERT INTO graph (first, count, data) VALUES (?, ?, ?)", first+at, len(part), packGraph(part)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("list commits: %w", err)
	}
	db.writer = nil // its graph is the old one
	return len(fresh), nil
}

// packGraph stores ids whole; a parent that stands on the same page is stored
// by its place, any other whole.
func packGraph(nodes []memory.GraphNode) []byte {
	place := make(map[string]int, len(nodes))
	for i, n := range nodes {
		place[n.ID] = i
	}
	var b []byte
	for _, n := range nodes {
		b = append(b, byte(len(n.ID)))
		b = append(b, n.ID...)
		b = binary.AppendUvarint(b, uint64(len(n.Parents)))
		for _, p := range n.Parents {
			if i, ok := place[p]; ok {
				b = binary.AppendUvarint(b, uint64(i)+1)
				continue
			}
			b = append(b, 0, byte(len(p)))
			b = append(b, p...)
		}
	}
	return b
}

func unpackGraph(data []byte, count int) ([]memory.GraphNode, error) {
	type parent struct{ node, slot, place int }
	if count < 0 || count > len(data) { // a node takes two bytes at least
		return nil, fmt.Errorf("%w: commit graph", memory.ErrCorrupt)
	}
	r := &reader{b: data}
	nodes := make([]memory.GraphNode, 0, count)
	var later []parent
	// One backing string for all ids of a page: a map of 80,000 small strings
	// would otherwise be 80,000 allocations.
	text := string(data)
	str := func(n int) string {
		at := len(text) - len(r.b)
		if r.bytes(n) == nil {
			return ""
		}
		return text[at : at+n]
	}
	for i := range count {
		var n memory.GraphNode
		n.ID = str(int(r.uint()))
		np := r.count()
		if np > 0 {
			n.Parents = make([]string, np)
		}
		for s := range np {
			if p := r.int(); p > 0 {
				later = append(later, parent{i, s, p - 1})
			} else {
				n.Parents[s] = str(int(r.uint()))
			}
		}
		if r.err != nil {
			return nil, r.err
		}
		nodes = append(nodes, n)
	}
	for _, p := range later {
		if p.place >= len(nodes) {
			return nil, fmt.Errorf("%w: commit graph", memory.ErrCorrupt)
		}
		nodes[p.node].Parents[p.slot] = nodes[p.place].ID
	}
	return nodes, nil
}

// rawID turns a hex object id into bytes.
func rawID(id string) (string, error) {
	b, err := hex.DecodeString(id)
	if err != nil || (len(b) != 20 && len(b) != 32) {
		return "", fmt.Errorf("%w: object id %q", memory.ErrInvalid, id)
	}
	return string(b), nil
}

func hexID(raw string) string { return hex.EncodeToString([]byte(raw)) }
