// Package daemon is the process of one repository: it finds the memory that
// belongs to a repository, holds its lock, owns its index, and implements
// memory.Service.
//
// In this version there is no socket. The command line opens the memory in its
// own process (Open, Close), and holds the lock of the repository for as long
// as it may write:
//
//	paths, err := daemon.PathsFrom(os.Getenv)
//	config, err := daemon.LoadConfig(paths.Config, os.Getenv)
//	placement, err := daemon.Locate(paths, seen) // which memory belongs here?
//	if err := placement.Err(); err != nil { … }  // none: enrol, or say so
//	lock, err := daemon.AcquireLock(paths.Lock(placement.Entry.ID))
//	defer lock.Close()
//
// # Where things are
//
// State lives outside the repository, because whoever can hand over a .git
// could hand over a poisoned memory with it (R25). Paths has the table: what
// can't be made again is under the data directory (the journal of each
// repository, its keys, the registry), what may be lost is under the state
// directory (index, shadow git dir, lock). Directories are 0700 and files
// 0600 whatever the umask. A directory of ours that others can enter is closed
// again; what belongs to another user is refused.
//
// # Which memory
//
// The registry (Registry, repositories.json) maps a random id to the real path
// of a git common dir, its device and inode, and a fingerprint: the root
// commits. Place is the whole decision, as a pure function of the registry and
// of what was Seen; Locate runs it on the file and records what changed; Enrol
// makes a memory where there is none. Nothing is opened on a guess: where the
// registry can't say, the answer is memory.ErrUnknownPlace.
//
// # Who may begin one
//
// MayEnrol: an explicit memd init for any caller, other verbs for a person
// only (ActorFrom) or where the user's configuration lists the place under
// enrol.auto; enrol.never wins over everything. Nothing inside a repository is
// read as configuration (R24).
//
// # Durability
//
// Acknowledged means fsynced. WriteFile replaces a file so that a crash leaves
// the old bytes or the new ones. The registry changes under flock only, and one
// that is damaged or of a newer memd is named and left alone.
package daemon
