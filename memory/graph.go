package memory

import "math/bits"

// Ordinal is the number of a commit in one index. It means nothing outside
// that index, and nothing about order.
type Ordinal = int32

// Graph is the commit graph of one index: what is an ancestor of what. It is
// built once and then read by any number of goroutines.
//
// Parents that the index does not list (beyond a shallow clone's border) are
// left out, so their children count as roots.
type Graph struct {
	ids     []string // raw object ids by ordinal; "" where nothing is listed
	byID    map[string]Ordinal
	first   []int32 // parents of n are parents[first[n]:first[n+1]]
	parents []Ordinal
	gen     []int32 // 1 + the largest generation of the parents
}

// GraphNode is one listed commit.
type GraphNode struct {
	ID      string   // raw object id, 20 or 32 bytes
	Parents []string // raw object ids, first parent first
}

// NewGraph builds the graph of nodes; their ordinals are their positions.
// A node with an empty ID is a hole and keeps its ordinal free.
func NewGraph(nodes []GraphNode) *Graph {
	g := &Graph{
		ids:   make([]string, len(nodes)),
		byID:  make(map[string]Ordinal, len(nodes)),
		first: make([]int32, len(nodes)+1),
	}
	for i, n := range nodes {
		g.ids[i] = n.ID
		if n.ID != "" {
			g.byID[n.ID] = Ordinal(i)
		}
	}
	for i, n := range nodes {
		g.first[i] = int32(len(g.parents))
		for _, p := range n.Parents {
			if o, ok := g.byID[p]; ok {
				g.parents = append(g.parents, o)
			}
		}
	}
	g.first[len(nodes)] = int32(len(g.parents))
	g.number()
	return g
}

// number sets the generations, children after parents, without recursion: a
// linear history is as deep as it is long.
func (g *Graph) number() {
	g.gen = make([]int32, len(g.ids))
	var stack []Ordinal
	for i := range g.ids {
		if g.gen[i] != 0 {
			continue
		}
		stack = append(stack[:0], Ordinal(i))
		for len(stack) > 0 {
			n := stack[len(stack)-1]
			top, waiting := int32(0), false
			for _, p := range g.Parents(n) {
				switch {
				case g.gen[p] == 0:
					g.gen[p] = -1 // on the stack: a cycle can't occur in git, but must not hang us
					stack = append(stack, p)
					waiting = true
				case g.gen[p] > top:
					top = g.gen[p]
				}
			}
			if !waiting {
				g.gen[n] = top + 1
				stack = stack[:len(stack)-1]
			}
		}
	}
}

// Len gives the number of ordinals, holes included.
func (g *Graph) Len() int { return len(g.ids) }

// Listed gives the number of commits, holes left out.
func (g *Graph) Listed() int { return len(g.byID) }

// ID gives the raw object id of a commit, "" for a hole.
func (g *Graph) ID(n Ordinal) string { return g.ids[n] }

// Find gives the ordinal of a raw object id.
func (g *Graph) Find(id string) (Ordinal, bool) {
	n, ok := g.byID[id]
	return n, ok
}

// Parents gives the listed parents of a commit. The slice is the graph's own.
func (g *Graph) Parents(n Ordinal) []Ordinal {
	return g.parents[g.first[n]:g.first[n+1]]
}

// Generation is larger than that of every ancestor.
func (g *Graph) Generation(n Ordinal) int32 { return g.gen[n] }

// Reachable gives the set of the given commits and all their ancestors.
func (g *Graph) Reachable(from ...Ordinal) Set {
	seen := NewSet(len(g.ids))
	stack := make([]Ordinal, 0, 64)
	for _, n := range from {
		if !seen.Has(n) {
			seen.Add(n)
			stack = append(stack, n)
		}
	}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, p := range g.Parents(n) {
			if !seen.Has(p) {
				seen.Add(p)
				stack = append(stack, p)
			}
		}
	}
	return seen
}

// Ancestor reports whether a is b or an ancestor of b. It walks only commits
// whose generation leaves that possible.
func (g *Graph) Ancestor(a, b Ordinal) bool {
	if a == b {
		return true
	}
	floor := g.gen[a]
	if g.gen[b] <= floor {
		return false
	}
	seen := map[Ordinal]bool{b: true}
	stack := []Ordinal{b}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, p := range g.Parents(n) {
			if p == a {
				return true
			}
			if g.gen[p] > floor && !seen[p] {
				seen[p] = true
				stack = append(stack, p)
			}
		}
	}
	return false
}

// Set is a set of ordinals.
type Set []uint64

// NewSet makes an empty set for ordinals below n.
func NewSet(n int) Set { return make(Set, (n+63)/64) }

// Add puts n into the set; n must be below the set's size.
func (s Set) Add(n Ordinal) { s[n>>6] |= 1 << (uint(n) & 63) }

// Has reports whether n is in the set; ordinals beyond its size are not.
func (s Set) Has(n Ordinal) bool {
	i := int(n >> 6)
	return i < len(s) && s[i]&(1<<(uint(n)&63)) != 0
}

// Count gives the number of members.
func (s Set) Count() int {
	c := 0
	for _, w := range s {
		c += bits.OnesCount64(w)
	}
	return c
}

// CountBoth gives the number of common members.
func (s Set) CountBoth(o Set) int {
	c := 0
	for i := range min(len(s), len(o)) {
		c += bits.OnesCount64(s[i] & o[i])
	}
	return c
}
