package daemon

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// Paths are the places where memd keeps what it knows, all repositories
// together. They are absolute and clean. Paths are bytes: they need not be
// valid UTF-8.
type Paths struct {
	Data   string // $XDG_DATA_HOME/memd: what can't be made again
	State  string // $XDG_STATE_HOME/memd: what may be lost
	Config string // $XDG_CONFIG_HOME/memd/config.toml, a file
}

// PathsFrom reads the places from an environment such as os.Getenv. A relative
// XDG value is ignored, as the XDG specification asks, and then the default
// under HOME holds. It touches no file. It fails, with a hint, when a place
// has neither an XDG value nor a HOME.
func PathsFrom(env func(string) string) (Paths, error) {
	var missing []string
	under := func(variable, below string) string {
		if v := env(variable); filepath.IsAbs(v) {
			return filepath.Join(v, "memd")
		}
		home := env("HOME")
		if !filepath.IsAbs(home) {
			missing = append(missing, variable)
			return ""
		}
		return filepath.Join(home, below, "memd")
	}
	p := Paths{
		Data:  under("XDG_DATA_HOME", ".local/share"),
		State: under("XDG_STATE_HOME", ".local/state"),
	}
	if config := under("XDG_CONFIG_HOME", ".config"); config != "" {
		p.Config = filepath.Join(config, "config.toml")
	}
	if missing != nil {
		what := "HOME is not set"
		if home := env("HOME"); home != "" {
			what = fmt.Sprintf("HOME %q is not an absolute path", home)
		}
		return Paths{}, memory.Hint(
			errors.New(what+", so memd does not know where to keep its memory"),
			"set HOME, or "+strings.Join(missing, " and ")+", to an absolute path")
	}
	return p, nil
}

// Registry is the file that maps repositories to memories.
func (p Paths) Registry() string { return filepath.Join(p.Data, "repositories.json") }

// Journal is the directory of what was said about a repository. Ids come from
// the registry, which accepts nothing that could leave the directory.
func (p Paths) Journal(repoID string) string { return filepath.Join(p.Data, repoID) }

// Keys is the directory of a repository's keys.
func (p Paths) Keys(repoID string) string { return filepath.Join(p.Data, repoID, "keys") }

// StateDir is the directory of what may be lost of a repository.
func (p Paths) StateDir(repoID string) string { return filepath.Join(p.State, repoID) }

// Index is the SQLite file of a repository.
func (p Paths) Index(repoID string) string { return filepath.Join(p.State, repoID, "index.db") }

// Shadow is the bare git directory through which its objects are read.
func (p Paths) Shadow(repoID string) string { return filepath.Join(p.State, repoID, "shadow.git") }

// Lock is the file that the one writer of a repository holds.
func (p Paths) Lock(repoID string) string { return filepath.Join(p.State, repoID, "lock") }
