package daemon

import (
	"path"
	"path/filepath"
	"strings"
)

// Glob is an absolute path with wildcards: *, ? and [a-z] within a name, and
// ** as a name of its own for any number of names. \ takes a wildcard
// literally. In the file it may begin with ~/.
type Glob string

// matches reports whether the pattern fits the path, or the worktree of a path
// that ends in /.git.
func (g Glob) matches(p string) bool { return matchAny(g.patterns(), p) }

// covers reports whether the pattern fits the path or a directory above it.
func (g Glob) covers(p string) bool {
	patterns := g.patterns()
	for ; p != filepath.Dir(p); p = filepath.Dir(p) {
		if matchAny(patterns, p) {
			return true
		}
	}
	return matchAny(patterns, p)
}

// patterns are the names of the pattern as written and of its resolved form.
func (g Glob) patterns() [][]string {
	patterns := [][]string{splitNames(string(g))}
	if resolved := g.resolved(); resolved != string(g) {
		patterns = append(patterns, splitNames(resolved))
	}
	return patterns
}

func matchAny(patterns [][]string, p string) bool {
	for _, dir := range repositoryDirs(p) {
		names := splitNames(dir)
		for _, pattern := range patterns {
			if matchNames(pattern, names) {
				return true
			}
		}
	}
	return false
}

// splitNames gives the names of an absolute path, none for "/".
func splitNames(p string) []string {
	p = strings.Trim(p, "/")
	if p == "" {
		return nil
	}
	return strings.Split(p, "/")
}

// resolved is the pattern with the symbolic links of its literal part
// followed. What it is compared with is a real path: where /home is a link to
// /var/home, a pattern under /home must still win.
func (g Glob) resolved() string {
	names := strings.Split(string(g), "/")
	literal := 0
	for literal < len(names) && !strings.ContainsAny(names[literal], `*?[\`) {
		literal++
	}
	for n := literal; n > 1; n-- {
		if resolved, err := filepath.EvalSymlinks(strings.Join(names[:n], "/")); err == nil {
			return path.Clean(strings.Join(append([]string{quoteGlob(resolved)}, names[n:]...), "/"))
		}
	}
	return string(g)
}

func quoteGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}

// matchNames matches name by name. It goes back to the last ** only, which is
// enough, as for * in a string, and keeps the time bounded.
func matchNames(pattern, names []string) bool {
	star, from := -1, 0
	p, n := 0, 0
	for n < len(names) {
		if p < len(pattern) && pattern[p] == "**" {
			star, from = p, n
			p++
			continue
		}
		if p < len(pattern) {
			if ok, err := path.Match(pattern[p], names[n]); ok && err == nil {
				p, n = p+1, n+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		from++
		p, n = star+1, from
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}
