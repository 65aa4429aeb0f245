//go:build !sqlite_fts5

package sqlite

// The driver would fail at run time only ("no such module: fts5"). This fails
// the build instead, with a name that says what to do.
var _ = this_build_needs_the_tag_sqlite_fts5__use_make_build_or_go_build_tags_sqlite_fts5
