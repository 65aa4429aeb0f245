package gitwatch

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// Ref is one ref of the repository.
type Ref struct {
	Name           string // full, such as "refs/heads/main"
	ID             string // full object id that it leads to; of an annotated tag the tag's
	SymbolicTarget string // the ref that it names; "" for most
}

// State is where the refs and worktrees of a repository stand, read together.
// It costs one child; a worktree that is unborn, or whose refs git stores in a
// way of its own (reftable), costs one or two more.
type State struct {
	Refs      []Ref      // branches and remote-tracking branches, by name
	Worktrees []Worktree // main first; at least one
	repo      *Repo
}

// State reads it. The refs and the heads are not one snapshot: a commit made
// meanwhile may show in one and not in the other, and will in the next.
func (r *Repo) State(ctx context.Context) (*State, error) {
	refs, err := r.listRefs(ctx, "refs/heads", "refs/remotes")
	if err != nil {
		return nil, err
	}
	worktrees, err := r.listWorktrees()
	if err != nil {
		return nil, err
	}
	s := &State{Refs: refs, Worktrees: worktrees, repo: r}
	for i := range worktrees {
		if err := s.readHead(ctx, &worktrees[i]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *State) readHead(ctx context.Context, w *Worktree) error {
	id, ref, ok := readHead(w.GitDir, s.repo.ObjectFormat)
	if !ok {
		out, err := s.repo.ask(ctx, w.GitDir, gitSymbolicRef, "-q", "HEAD")
		if err != nil && exitStatus(err) != 1 { // 1: detached
			return fmt.Errorf("read HEAD of %s: %w", display([]byte(w.Path)), err)
		}
		ref = strings.TrimSuffix(string(out), "\n")
	}
	w.Branch, w.Head = ref, id
	if id != "" {
		return nil
	}
	if w.Head = s.ref(ref); w.Head != "" {
		return nil
	}
	// Unborn, a ref of this worktree alone, or a branch made since.
	head, err := s.repo.resolve(ctx, w.GitDir, "HEAD")
	if err != nil && exitStatus(err) != 1 {
		return fmt.Errorf("read HEAD of %s: %w", display([]byte(w.Path)), err)
	}
	w.Head = head
	return nil
}

// ref gives the id of a ref by its full name, or "".
func (s *State) ref(name string) string {
	i, found := slices.BinarySearchFunc(s.Refs, name, func(r Ref, name string) int {
		return strings.Compare(r.Name, name)
	})
	if !found {
		return ""
	}
	return s.Refs[i].ID
}

// DefaultBranch gives the full name of the branch that the repository is about:
// what the HEAD of the remote "origin" names, or of the only remote that has
// one, else the branch of the main worktree. It returns "" when that is unborn
// or detached.
func (s *State) DefaultBranch() string {
	var only string
	remotes := 0
	for _, r := range s.Refs {
		name, isRemote := strings.CutPrefix(r.Name, "refs/remotes/")
		remote, isHead := strings.CutSuffix(name, "/HEAD")
		if !isRemote || !isHead || r.SymbolicTarget == "" {
			continue
		}
		if remote == "origin" {
			return r.SymbolicTarget
		}
		only = r.SymbolicTarget
		remotes++
	}
	if remotes == 1 {
		return only
	}
	if main := s.Worktrees[0]; main.Head != "" {
		return main.Branch
	}
	return ""
}

// Followed gives the ids of the commits whose history memory keeps, sorted and
// without repeats: the heads of all worktrees, the local branches, and the
// default branch ("": DefaultBranch), which may be a remote-tracking one. Tags
// and other remote-tracking branches are not followed.
func (s *State) Followed(defaultBranch string) []string {
	if defaultBranch == "" {
		defaultBranch = s.DefaultBranch()
	}
	var ids []string
	for _, w := range s.Worktrees {
		if w.Head != "" {
			ids = append(ids, w.Head)
		}
	}
	for _, r := range s.Refs {
		if strings.HasPrefix(r.Name, "refs/heads/") || r.Name == defaultBranch {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Head gives what a worktree has checked out: the full commit id ("" while
// unborn) and the full name of the branch ("" when detached). The worktree is
// the path of its top, or of a directory in it. memory.ErrNotFound when the
// repository has no such worktree.
func (s *State) Head(worktree string) (id, branch string, err error) {
	gitDir, err := s.repo.gitDirOf(worktree)
	if err != nil {
		return "", "", err
	}
	for _, w := range s.Worktrees {
		if w.GitDir == gitDir {
			return w.Head, w.Branch, nil
		}
	}
	return "", "", fmt.Errorf("worktree %s: %w", display([]byte(worktree)), memory.ErrNotFound)
}

// Refs lists all refs by name, tags and everything else included.
func (r *Repo) Refs(ctx context.Context) ([]Ref, error) { return r.listRefs(ctx) }

// Followed is State.Followed of a fresh State.
func (r *Repo) Followed(ctx context.Context, defaultBranch string) ([]string, error) {
	s, err := r.State(ctx)
	if err != nil {
		return nil, err
	}
	return s.Followed(defaultBranch), nil
}

// DefaultBranch is State.DefaultBranch of a fresh State.
func (r *Repo) DefaultBranch(ctx context.Context) (string, error) {
	s, err := r.State(ctx)
	if err != nil {
		return "", err
	}
	return s.DefaultBranch(), nil
}

// Head is State.Head of a fresh State.
func (r *Repo) Head(ctx context.Context, worktree string) (id, branch string, err error) {
	s, err := r.State(ctx)
	if err != nil {
		return "", "", err
	}
	return s.Head(worktree)
}

// listRefs asks for names and ids only. Anything about the objects would make
// git read them, and a partial clone fetch them.
func (r *Repo) listRefs(ctx context.Context, prefixes ...string) ([]Ref, error) {
	args := append([]string{"--format=%(objectname) %(refname) %(symref)"}, prefixes...)
	out, err := r.ask(ctx, r.GitDir, gitForEachRef, args...)
	if err != nil {
		return nil, fmt.Errorf("list refs: %w", err)
	}
	refs, err := parseRefs(out, r.ObjectFormat)
	if err != nil {
		return nil, fmt.Errorf("list refs: %w", err)
	}
	return refs, nil
}

// parseRefs reads lines of id, name and target. Names hold neither blanks nor
// line ends (git check-ref-format).
func parseRefs(out []byte, format string) ([]Ref, error) {
	var refs []Ref
	for len(out) > 0 {
		line, rest, whole := bytes.Cut(out, []byte("\n"))
		out = rest
		part := strings.Split(string(line), " ")
		if !whole || len(part) != 3 || !validID(part[0], format) || part[1] == "" {
			return nil, fmt.Errorf("unexpected line %q", line)
		}
		refs = append(refs, Ref{ID: part[0], Name: part[1], SymbolicTarget: part[2]})
	}
	// git sorts by bytes too; State.ref relies on it.
	slices.SortFunc(refs, func(a, b Ref) int { return strings.Compare(a.Name, b.Name) })
	return refs, nil
}
