package gitwatch

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/memd-dev/memd/memory"
)

// Resolve gives the full id of the commit that a revision means in a worktree
// of the repository; "" is its HEAD. memory.ErrNotFound: there is no such
// commit, or HEAD is unborn. memory.ErrInvalid: it can't be a revision, or it
// would search the text of all history (":/text").
func (s *Shadow) Resolve(ctx context.Context, repo *Repo, worktree, rev string) (string, error) {
	if rev == "" {
		rev = "HEAD"
	}
	if strings.ContainsFunc(rev, unicode.IsControl) || strings.HasPrefix(rev, ":") || strings.Contains(rev, "^{/") {
		return "", fmt.Errorf("revision %s: %w", display([]byte(rev)), memory.ErrInvalid)
	}
	gitDir, err := repo.gitDirOf(worktree)
	if err != nil {
		return "", err
	}
	id, err := repo.resolve(ctx, gitDir, rev)
	if exitStatus(err) == 1 {
		return "", fmt.Errorf("revision %s: %w", display([]byte(rev)), memory.ErrNotFound)
	}
	if err != nil {
		return "", fmt.Errorf("revision %s: %w", display([]byte(rev)), err)
	}
	return id, nil
}

// resolve asks git for the commit of a revision. A *ChildError with exit status
// 1 says that there is none.
func (r *Repo) resolve(ctx context.Context, gitDir, rev string) (string, error) {
	out, err := r.ask(ctx, gitDir, gitRevParse, "-q", "--verify", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return "", err
	}
	id := strings.TrimSuffix(string(out), "\n")
	if !validID(id, r.ObjectFormat) { // "^HEAD" is answered by "^<id>"
		return "", fmt.Errorf("no single commit: %w", memory.ErrInvalid)
	}
	return id, nil
}

// Roots gives the root commits of the history that memory follows, sorted. It
// walks all of it through a shadow of its own in the temporary directory, which
// it removes: identity is asked for before there is a place for state. In a
// shallow clone these are the commits where history was cut.
func (r *Repo) Roots(ctx context.Context) (roots []string, err error) {
	tips, err := r.Followed(ctx, "")
	if err != nil || len(tips) == 0 {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "memd-roots-*")
	if err != nil {
		return nil, fmt.Errorf("find the roots: %w", err)
	}
	defer func() {
		if removeErr := os.RemoveAll(dir); err == nil && removeErr != nil {
			err = fmt.Errorf("find the roots: %w", removeErr)
		}
	}()
	s, err := OpenShadow(ctx, r, dir, nil)
	if err != nil {
		return nil, err
	}
	return s.Roots(ctx, tips)
}

// rootsStall is how long the search for roots may find none: it prints nothing
// until it is at the other end of history. Linux, with over a million commits
// and no commit-graph, is some 20 s of reading from a warm disk (unmeasured).
const rootsStall = 5 * time.Minute

// Roots gives the root commits reachable from tips, which are full ids, sorted.
// It is nil without tips. memory.ErrNotFound: a tip is not there.
func (s *Shadow) Roots(ctx context.Context, tips []string) ([]string, error) {
	if len(tips) == 0 {
		return nil, nil
	}
	for _, id := range tips {
		if err := s.checkID(id); err != nil {
			return nil, err
		}
	}
	o := ChildOptions{Stdin: strings.NewReader(strings.Join(tips, "\n") + "\n"), Stall: rootsStall}
	out, err := s.Run(ctx, o, "rev-list", "--max-parents=0", "--stdin")
	if err != nil {
		return nil, fmt.Errorf("find the roots: %w", s.explain(ctx, err, tips...))
	}
	roots := strings.Fields(string(out))
	slices.Sort(roots)
	return roots, nil
}

// HasCommit reports whether the repository has a commit, by its full id. One
// call of rev-parse; a repository that can't answer has none.
func (r *Repo) HasCommit(ctx context.Context, id string) bool {
	got, err := r.resolve(ctx, r.GitDir, id)
	return err == nil && got == id
}

// BlobAt gives the object id and the mode ("100644", "120000", …) of a path in
// a commit. Path is raw, relative to the top, with '/' and none at its end. For
// a folder, the top ("") among them, the id is "" and the mode "040000"; for a
// submodule the id is that of its commit and the mode "160000".
// memory.ErrNotFound: no such path, or no such commit. memory.ErrInvalid: the
// path can't stand in a tree.
func (s *Shadow) BlobAt(ctx context.Context, commit string, path []byte) (blob, mode string, err error) {
	if err := s.checkID(commit); err != nil {
		return "", "", err
	}
	args := []string{"ls-tree", "-z", commit}
	if len(path) > 0 {
		if err := checkPath(path); err != nil {
			return "", "", err
		}
		args = append(args, "--", string(path))
	}
	out, err := s.Run(ctx, ChildOptions{}, args...)
	if err != nil {
		return "", "", fmt.Errorf("look for %s in %s: %w", display(path), commit, s.explain(ctx, err, commit))
	}
	if len(path) == 0 {
		return "", modeTree, nil
	}
	for entry := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte{0}), []byte{0}) {
		name, id, mode, ok := parseEntry(entry)
		if !ok || !bytes.Equal(name, path) {
			continue
		}
		if mode == modeTree {
			id = ""
		}
		return id, mode, nil
	}
	return "", "", fmt.Errorf("%s in %s: %w", display(path), commit, memory.ErrNotFound)
}

const modeTree = "040000"

// maxPath bounds one entry of a tree. git allows paths of any length; no file
// system does, and 4 KB is the limit of the common ones.
const maxPath = 64 << 10

// Tree calls yield for every file of a commit, in git's order, with its raw
// path, object id and mode; submodules come as in BlobAt, folders not at all.
// The path belongs to Tree and is gone after yield. An error of yield ends it
// and is returned as it is. memory.ErrNotFound: no such commit.
func (s *Shadow) Tree(ctx context.Context, commit string, yield func(path []byte, blob, mode string) error) error {
	if err := s.checkID(commit); err != nil {
		return err
	}
	child, err := s.Start(ctx, ChildOptions{}, "ls-tree", "-r", "-z", commit)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(child.Stdout, maxPath)
	for {
		entry, err := in.ReadSlice(0)
		if err == io.EOF && len(entry) == 0 {
			break
		}
		if err == nil {
			path, id, mode, ok := parseEntry(entry[:len(entry)-1])
			if !ok {
				err = fmt.Errorf("git ls-tree: unexpected entry %q", entry)
			} else if err := yield(path, id, mode); err != nil {
				child.Kill()
				_ = child.Wait() // killed on purpose: yield's error says why
				return err
			}
		}
		if err == nil {
			continue
		}
		if waitErr := child.Wait(); waitErr != nil && err != bufio.ErrBufferFull {
			err = s.explain(ctx, waitErr, commit) // says more than the broken stream
		}
		return fmt.Errorf("list %s: %w", commit, err)
	}
	if err := child.Wait(); err != nil {
		return fmt.Errorf("list %s: %w", commit, s.explain(ctx, err, commit))
	}
	return nil
}

// parseEntry reads "<mode> <type> <id>\t<path>". The path is part of entry.
func parseEntry(entry []byte) (path []byte, id, mode string, ok bool) {
	meta, path, ok := bytes.Cut(entry, []byte("\t"))
	part := strings.Split(string(meta), " ")
	if !ok || len(part) != 3 || len(path) == 0 || len(part[0]) != 6 {
		return nil, "", "", false
	}
	return path, part[2], part[0], true
}

// BlameLine says which commit set a line, by git blame.
type BlameLine struct {
	Commit   string // full id
	OrigPath []byte // raw path in that commit
	OrigLine int    // number of the line there, from 1
	Line     int    // number of the line in the file as asked, from 1
}

// Blame traces the lines first to last of a path in a commit, both counted from
// 1; 0 and 0 are all lines, and a last beyond the end is the end. With
// ignoreSpaceAndMoves it looks behind changes of white space and behind moves
// within a file and from files changed together (-w -M -C). The result is in
// the order of the file. Blame walks history: give ctx a deadline (2 s in a
// request). memory.ErrNotFound: no such file or commit. memory.ErrInvalid: the
// path or the range can't be.
func (s *Shadow) Blame(ctx context.Context, commit string, path []byte, first, last int, ignoreSpaceAndMoves bool) ([]BlameLine, error) {
	if err := s.checkID(commit); err != nil {
		return nil, err
	}
	if err := checkPath(path); err != nil {
		return nil, err
	}
	args := []string{"blame", "--porcelain", "--no-textconv"}
	if first != 0 || last != 0 {
		if first < 1 || last < first {
			return nil, fmt.Errorf("lines %d to %d: %w", first, last, memory.ErrInvalid)
		}
		args = append(args, "-L", strconv.Itoa(first)+","+strconv.Itoa(last))
	}
	if ignoreSpaceAndMoves {
		args = append(args, "-w", "-M", "-C")
	}
	out, err := s.Run(ctx, ChildOptions{}, append(args, commit, "--", string(path))...)
	if err != nil {
		if exitStatus(err) > 0 {
			// Its message is in words only; whether the file is there is not.
			_, mode, atErr := s.BlobAt(ctx, commit, path)
			if atErr == nil && mode == modeTree {
				atErr = fmt.Errorf("%s in %s is a folder: %w", display(path), commit, memory.ErrNotFound)
			}
			if atErr != nil {
				return nil, atErr
			}
		}
		return nil, fmt.Errorf("blame %s in %s: %w", display(path), commit, err)
	}
	lines, err := parseBlame(out, s.ObjectFormat)
	if err != nil {
		return nil, fmt.Errorf("blame %s in %s: %w", display(path), commit, err)
	}
	return lines, nil
}

// parseBlame reads git blame --porcelain: per line a header "<id> <orig> <line>
// [<count>]", details about a commit where it comes up, and the text after a
// tab. The path of a commit is told once, and again when it changes.
func parseBlame(out []byte, format string) ([]BlameLine, error) {
	var lines []BlameLine
	paths := map[string][]byte{}
	var at *BlameLine // header that waits for its text
	for len(out) > 0 {
		line, rest, _ := bytes.Cut(out, []byte("\n"))
		out = rest
		switch {
		case at == nil:
			part := strings.Split(string(line), " ")
			if len(part) < 3 || !validID(part[0], format) {
				return nil, fmt.Errorf("git blame: unexpected header %q", line)
			}
			orig, err1 := strconv.Atoi(part[1])
			final, err2 := strconv.Atoi(part[2])
			if err := errors.Join(err1, err2); err != nil {
				return nil, fmt.Errorf("git blame: unexpected header %q", line)
			}
			at = &BlameLine{Commit: part[0], OrigLine: orig, Line: final}
		case bytes.HasPrefix(line, []byte("\t")):
			if at.OrigPath = paths[at.Commit]; at.OrigPath == nil {
				return nil, fmt.Errorf("git blame: no path for %s", at.Commit)
			}
			lines = append(lines, *at)
			at = nil
		case bytes.HasPrefix(line, []byte("filename ")):
			path, err := unquote(line[len("filename "):])
			if err != nil {
				return nil, fmt.Errorf("git blame: %w", err)
			}
			paths[at.Commit] = path
		}
	}
	if at != nil {
		return nil, errors.New("git blame: output ends in a header")
	}
	return lines, nil
}

// unquote reads a path as git prints it without -z: as it is, or between
// quotation marks with the escapes of C.
func unquote(b []byte) ([]byte, error) {
	if len(b) == 0 || b[0] != '"' {
		return b, nil
	}
	bad := fmt.Errorf("unexpected quoted path %q", b)
	if len(b) < 2 || b[len(b)-1] != '"' {
		return nil, bad
	}
	in := b[1 : len(b)-1]
	out := make([]byte, 0, len(in))
	for i := 0; i < len(in); i++ {
		if in[i] != '\\' {
			out = append(out, in[i])
			continue
		}
		if i++; i == len(in) {
			return nil, bad
		}
		if at := strings.IndexByte(`abtnvfr"\`, in[i]); at >= 0 {
			out = append(out, "\a\b\t\n\v\f\r\"\\"[at])
			continue
		}
		if i+3 > len(in) {
			return nil, bad
		}
		n, err := strconv.ParseUint(string(in[i:i+3]), 8, 8)
		if err != nil {
			return nil, bad
		}
		out = append(out, byte(n))
		i += 2
	}
	return out, nil
}

// checkPath lets pass what can be the path of an entry of a tree. git would
// take a '/' at the end for the content of the folder, and names such as ".."
// for a way out of it.
func checkPath(path []byte) error {
	for part := range bytes.SplitSeq(path, []byte("/")) {
		if name := string(part); name == "" || name == "." || name == ".." || strings.ContainsRune(name, 0) {
			return fmt.Errorf("path %s: %w", display(path), memory.ErrInvalid)
		}
	}
	return nil
}

func (s *Shadow) checkID(id string) error {
	if !validID(id, s.ObjectFormat) {
		return fmt.Errorf("%s is no full commit id: %w", display([]byte(id)), memory.ErrInvalid)
	}
	return nil
}

// explain adds memory.ErrNotFound to an error of a child when one of the
// objects that it was given is not there, which git says in words only.
func (s *Shadow) explain(ctx context.Context, err error, ids ...string) error {
	if exitStatus(err) <= 0 {
		return err
	}
	in := strings.NewReader(strings.Join(ids, "\n") + "\n")
	out, checkErr := s.Run(ctx, ChildOptions{Stdin: in}, "cat-file", "--batch-check=%(objecttype)")
	if checkErr != nil {
		return err
	}
	for line := range strings.Lines(string(out)) {
		if id, missing := strings.CutSuffix(line, " missing\n"); missing {
			return fmt.Errorf("%s: %w (%w)", id, memory.ErrNotFound, err)
		}
	}
	return err
}
