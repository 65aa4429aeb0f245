package sqlite

import "strings"

// pathFilter gives the test of FilesUnder.
func pathFilter(filter string) func(path string) bool {
	if !strings.ContainsAny(filter, "*?") {
		dir := strings.TrimSuffix(filter, "/")
		return func(path string) bool {
			return path == dir || dir == "." || strings.HasPrefix(path, dir+"/")
		}
	}
	// A glob without a slash means the base name, as in gitignore.
	if !strings.Contains(filter, "/") {
		filter = "**/" + filter
	}
	return func(path string) bool { return globMatch(filter, path) }
}

// globMatch matches a whole path. "**/" also stands for nothing.
func globMatch(glob, path string) bool {
	for len(glob) > 0 {
		switch {
		case strings.HasPrefix(glob, "**"):
			rest := strings.TrimPrefix(glob[2:], "/")
			for i := 0; i <= len(path); i++ {
				if (i == 0 || glob[2:] == rest || path[i-1] == '/') && globMatch(rest, path[i:]) {
					return true
				}
			}
			return false
		case glob[0] == '*':
			for i := 0; i <= len(path); i++ {
				if globMatch(glob[1:], path[i:]) {
					return true
				}
				if i < len(path) && path[i] == '/' {
					break
				}
			}
			return false
		case len(path) == 0 || glob[0] == '?' && path[0] == '/':
			return false
		case glob[0] != '?' && glob[0] != path[0]:
			return false
		}
		glob, path = glob[1:], path[1:]
	}
	return len(path) == 0
}

// MatchPath reports whether a path passes a filter as FilesUnder reads it.
func MatchPath(filter string, path []byte) bool { return pathFilter(filter)(string(path)) }
