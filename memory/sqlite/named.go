package sqlite

import "sort"

// sortNamed puts names with more terms first, files before symbols, then the
// order in which they were mined.
func sortNamed(list []Named) {
	sort.Slice(list, func(a, b int) bool {
		x, y := list[a], list[b]
		if x.Terms != y.Terms {
			return x.Terms > y.Terms
		}
		if x.Symbol != y.Symbol {
			return !x.Symbol
		}
		return x.ID < y.ID
	})
}
