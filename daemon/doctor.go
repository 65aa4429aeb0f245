package daemon

import (
	"context"
	"fmt"
	"os"

	"github.com/memd-dev/memd/memory"
	"github.com/memd-dev/memd/memory/sqlite"
)

// Check is one thing that Doctor looked at.
type Check struct {
	Name   string // one or two words
	OK     bool
	Detail string // what was found
	Hint   string // what to do about it; "" when OK
}

// Doctor checks what memd keeps of this repository and what it needs. It
// changes nothing.
func (d *Daemon) Doctor(ctx context.Context) ([]Check, error) {
	d.life.RLock()
	defer d.life.RUnlock()
	id := d.entry.ID
	checks := []Check{
		{Name: "git", OK: true, Detail: d.repo.Git.Version + " at " + d.repo.Git.Path},
		{Name: "repository", OK: true, Detail: d.repo.CommonDir},
		d.checkLock(),
		checkPrivate("journal", d.o.Paths.Journal(id)),
		checkPrivate("state", d.stateOf),
		checkPrivate("keys", d.o.Paths.Keys(id)),
	}
	if registry, err := LoadRegistry(d.o.Paths); err != nil {
		checks = append(checks, Check{Name: "registry", Detail: err.Error(), Hint: "memd leaves the file as it is; look at " + d.o.Paths.Registry()})
	} else {
		checks = append(checks, Check{Name: "registry", OK: true, Detail: fmt.Sprintf("%d repositories", len(registry.Entries))})
	}
	index := Check{Name: "index", OK: true, Detail: d.db.Path()}
	if err := d.db.Check(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		index = Check{Name: "index", Detail: err.Error(), Hint: "memd doctor --rebuild makes it anew from git"}
	}
	checks = append(checks, index)
	skipped, err := d.db.Skipped(ctx)
	if err != nil {
		return nil, err
	}
	for reason, n := range skipped {
		checks = append(checks, Check{Name: "skipped", OK: true, Detail: fmt.Sprintf("%d %s", n, reason)})
	}
	return checks, nil
}

func (d *Daemon) checkLock() Check {
	if d.lock == nil {
		return Check{Name: "lock", Detail: d.why.Error(), Hint: "reading goes on; try again when the other memd is done"}
	}
	return Check{Name: "lock", OK: true, Detail: d.o.Paths.Lock(d.entry.ID)}
}

// checkPrivate looks whether a directory is there and ours alone.
func checkPrivate(name, path string) Check {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return Check{Name: name, Detail: err.Error(), Hint: "run memd init here"}
	case info.Mode().Perm()&0o077 != 0:
		return Check{Name: name, Detail: fmt.Sprintf("%s has mode %04o: others can read it", path, info.Mode().Perm()), Hint: "chmod 700 " + path}
	}
	return Check{Name: name, OK: true, Detail: path}
}

var _ memory.Service = (*Daemon)(nil)

// Schema gives the version of the index's schema that this program writes.
func Schema() int { return sqlite.Schema }
