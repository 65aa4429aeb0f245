package gitwatch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Git is the git binary in use.
type Git struct {
	Path    string // absolute
	Version string // as git says it, such as "2.39.5"

	// user holds HOME and the like, as the user has them; nil without a HOME.
	// Only the reading of safe.directory sees them.
	user []string
}

// The oldest git that memd is tested with. cat-file --batch-command and
// ls-tree need 2.36; 2.39 is what Debian bookworm has.
const (
	oldestMajor = 2
	oldestMinor = 39
)

// FindGit finds git in PATH and asks for its version. Relative entries of PATH
// are skipped, as they would let a directory supply the binary. It reads the
// environment of this process; nothing after it does.
func FindGit() (*Git, error) {
	path, err := lookPath(os.Getenv("PATH"))
	if err != nil {
		return nil, err
	}
	g := &Git{Path: path}
	if os.Getenv("HOME") != "" { // without it git config --global dies
		for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL"} {
			if v := os.Getenv(name); v != "" {
				g.user = append(g.user, name+"="+v)
			}
		}
	}
	out, err := g.run(context.Background(), call{dir: "/", args: []string{"--version"}})
	if err != nil {
		return nil, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	g.Version = strings.TrimPrefix(strings.TrimSpace(string(out)), "git version ")
	if tooOld(g.Version) {
		return nil, fmt.Errorf("git %s is too old, memd needs %d.%d", display([]byte(g.Version)), oldestMajor, oldestMinor)
	}
	return g, nil
}

// tooOld reports whether a version is older than the oldest supported one. A
// version that it can't read passes: vendors append words of their own.
func tooOld(version string) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil {
		return false
	}
	return major < oldestMajor || major == oldestMajor && minor < oldestMinor
}

func lookPath(list string) (string, error) {
	for _, dir := range filepath.SplitList(list) {
		if !filepath.IsAbs(dir) {
			continue
		}
		for _, name := range gitNames {
			path := filepath.Join(dir, name)
			if info, err := os.Stat(path); err == nil && runnable(info) {
				return path, nil
			}
		}
	}
	return "", errors.New("git is not in PATH")
}

// environment is all that a child sees (R19). It is a list and not a scrub of
// ours because git hands GIT_INDEX_FILE, GIT_DIR and GIT_CONFIG_PARAMETERS to
// its hooks in combinations that are easy to miss.
//
// GIT_NO_LAZY_FETCH and GIT_ALLOW_PROTOCOL: rev-parse in a partial clone
// fetches a commit that is missing, from where the repository's configuration
// says. protocol.allow=never is no help, as its protocol.ext.allow=always beats
// it, and remote.origin.url = "ext::program" then runs the program (measured).
// The first variable stops that, in versions that know it: 2.39.5 does, earlier
// patch levels of 2.39 and some releases after it don't. The second beats all
// configuration, with a protocol that nobody can name: a known word, or the
// empty one, could be remote.origin.vcs beside an alias "remote-<word>".
func environment(home string) []string {
	return []string{
		"HOME=" + home,
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_ATTR_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=" + rand.Text(),
		"LC_ALL=C",
		"TZ=UTC",
		"MEMD_CHILD=1",
	}
}

// noHome is the HOME of children that have no shadow dir yet: nothing can be
// found below it, and nobody can put anything there.
const noHome = os.DevNull

// leading stands before the arguments of every child.
func leading() []string {
	return []string{"--no-pager", "--no-optional-locks", "--literal-pathspecs"}
}

// block switches off, for calls in the real repository, what its configuration
// could run, and makes them see history without replace refs, as a Shadow does.
//
// safe.directory: --git-dir switches git's own owner check off, newer versions
// ask again in places. Open has checked the owner before the first call.
func block() []string {
	return []string{
		"--no-replace-objects",
		"-c", "core.fsmonitor=false",
		"-c", "core.hooksPath=" + os.DevNull,
		"-c", "core.pager=cat",
		"-c", "log.showSignature=false",
		"-c", "gpg.program=false",
		"-c", "core.sshCommand=false",
		"-c", "protocol.allow=never",
		"-c", "credential.helper=",
		"-c", "core.askPass=",
		"-c", "core.attributesFile=" + os.DevNull,
		"-c", "core.alternateRefsCommand=",
		"-c", "safe.directory=*",
	}
}

// safeDirectories reads safe.directory from the user's global configuration,
// which is the only configuration that git itself believes on this. It returns
// nil where the user has no home.
func (g *Git) safeDirectories(ctx context.Context) ([]string, error) {
	if len(g.user) == 0 {
		return nil, nil
	}
	env := slices.DeleteFunc(environment(noHome), func(e string) bool {
		return strings.HasPrefix(e, "HOME=") || strings.HasPrefix(e, "GIT_CONFIG_GLOBAL=")
	})
	// No repository: git config would read its configuration on the way.
	env = append(env, "GIT_DIR="+os.DevNull)
	out, err := g.run(ctx, call{
		dir:  "/",
		env:  append(env, g.user...),
		args: []string{"config", "--global", "--type=path", "-z", "--get-all", "safe.directory"},
	})
	var ce *ChildError
	if errors.As(err, &ce) && ce.Exit == 1 {
		return nil, nil // none set
	}
	if err != nil {
		return nil, fmt.Errorf("read safe.directory: %w", err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), nil
}
