// Package gitwatch reads git repositories for memd. It finds a repository and
// what it points at, reads objects safely, and mines commits into the types of
// package memory. It is the only package that starts git.
//
// # Two kinds of call
//
// A repository's own configuration can make git run programs: fsmonitor,
// hooks, filters, textconv, pagers, signature checkers. So git is asked in two
// ways only, and nothing else starts it (a test looks).
//
//   - Repo asks the real repository about refs: for-each-ref, rev-parse
//     and symbolic-ref, with options that switch off what they could run. It never reads a diff, an index or a work tree there.
//   - Shadow reads objects: trees, blobs, history, blame. It is a bare git dir
//     of ours whose objects/info/alternates names the repository's objects, so
//     git sees our configuration and none of the repository's: no attributes,
//     filters, replace refs, grafts or promisor remotes. It has no refs; every
//     call names objects by full id.
//
// Both run in an environment made from nothing, each child in a process group
// of its own with limits on memory, silence and output. Child has the details.
//
// # Life cycle
//
//	git, err := gitwatch.FindGit()
//	repo, err := gitwatch.Open(ctx, git, dir, nil)   // finds, checks the owner
//	shadow, err := gitwatch.OpenShadow(ctx, repo, state, attributes)
//	tip, err := shadow.Resolve(ctx, repo, repo.Worktree, "")
//	err = shadow.Tree(ctx, tip, func(path []byte, blob, mode string) error { … })
//
//	blobs, err := shadow.Blobs(ctx)  // one long-lived child
//	defer blobs.Close()
//	text, err := blobs.Read(id, 1<<20)
//
// Git, Repo and Shadow hold no process and need no Close. They don't change
// after they were made and are safe for concurrent use. A Repo is what was
// found on disk at that time; it is cheap to open again.
//
// # Errors
//
// memory.ErrNotRepository, ErrNotOwner, ErrNotFound and ErrInvalid are wrapped
// where the comments say so. Everything else that goes wrong in a child is a
// *ChildError. The exit status of every child is checked: a missing blob ends
// the output of git log early, and taking that for the end of history would
// lose the rest of it.
package gitwatch
