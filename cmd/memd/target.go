package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// target is what a person asks why about.
type target struct {
	path        string // as typed: raw bytes, relative to the caller's directory or absolute
	symbol      string // "" for none
	first, last int    // lines from 1; 0, 0 for none
}

// linesPattern is LINE or LINE-LINE behind a colon; what compilers and grep put
// after it (a column, a last colon) is let through.
var linesPattern = regexp.MustCompile(`^(?s)(.+?):([0-9]+)(?:[-,]([0-9]+)|:[0-9]+)?:?$`)

// openRange is a range of lines that lacks an end: FILE:5- or FILE:-9.
var openRange = regexp.MustCompile(`^(?s)(.+?):(?:([0-9]+)[-,]|[-,]([0-9]+))$`)

// parseTarget reads FILE, FILE:LINE, FILE:LINE-LINE or FILE#Symbol. A file that
// exists under the whole name wins over any reading of its ':' or '#'.
func parseTarget(arg string, exists func(path string) bool) (target, error) {
	const hint = "ask about FILE, FILE:LINE, FILE:LINE-LINE or FILE#Symbol"
	if arg == "" {
		return target{}, usage(hint, "no file is named")
	}
	if exists(arg) {
		return target{path: arg}, nil
	}
	if m := linesPattern.FindStringSubmatch(arg); m != nil {
		t := target{path: m[1]}
		var err error
		if t.first, err = strconv.Atoi(m[2]); err == nil {
			t.last = t.first
			if m[3] != "" {
				t.last, err = strconv.Atoi(m[3])
			}
		}
		if err != nil || t.first < 1 || t.last < t.first {
			return target{}, usage(hint, "no such lines: %s", arg)
		}
		return t, nil
	}
	if m := openRange.FindStringSubmatch(arg); m != nil {
		first, last := cmp.Or(m[2], "1"), cmp.Or(m[3], "LAST")
		return target{}, usage(fmt.Sprintf("name both ends: %s:%s-%s", m[1], first, last), "a range of lines needs a first and a last one: %s", arg)
	}
	for i, c := range []byte(arg) {
		if c == '#' && i > 0 && exists(arg[:i]) {
			return target{path: arg[:i], symbol: arg[i+1:]}.check(arg, hint)
		}
	}
	// The file may be gone from the disk and still stand in history.
	if i := strings.LastIndexByte(arg, '#'); i > 0 {
		return target{path: arg[:i], symbol: arg[i+1:]}.check(arg, hint)
	}
	return target{path: arg}, nil
}

func (t target) check(arg, hint string) (target, error) {
	if t.symbol == "" {
		return target{}, usage(hint, "no symbol after '#': %s", arg)
	}
	return t, nil
}

// place puts a path of the caller into the repository: relative to top, the
// real path of the worktree, with '/'. It reports false for a path outside.
//
// A relative path counts from the caller's directory. If nothing stands there,
// it counts from the top where something does: the paths of answers are such.
func (e *env) place(top, path string) (string, bool) {
	full := path
	if !filepath.IsAbs(full) {
		here, err := filepath.EvalSymlinks(e.dir)
		if err != nil {
			return "", false
		}
		full = filepath.Join(here, path)
		if atTop := filepath.Join(top, path); !exists(full) && exists(atTop) {
			full = atTop
		}
	}
	rel, err := filepath.Rel(top, realDir(filepath.Clean(full)))
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// fromHere writes a path of the repository as seen from the caller's
// directory, for editors; as it is when that can't be done.
func (e *env) fromHere(top, path string) string {
	here, err := filepath.EvalSymlinks(e.dir)
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(here, filepath.Join(top, filepath.FromSlash(path)))
	if err != nil {
		return path
	}
	return rel
}

// realDir follows the symbolic links of a path but for its last element, which
// may be a link that git tracks. What does not exist stays as it is.
func realDir(path string) string {
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return filepath.Join(real, name)
	}
	if dir == path {
		return path
	}
	return filepath.Join(realDir(dir), name)
}

// exists reports whether a path leads to anything, a dangling link included.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
