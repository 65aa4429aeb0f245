package daemon

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/memd-dev/memd/memory"
)

// DefaultIndexBytes caps the index of one repository: 1 GB.
const DefaultIndexBytes = 1_000_000_000

// maxConfig bounds config.toml. One that people write has a few hundred lines.
const maxConfig = 1 << 20

// Config is what the user set in config.toml and MEMD_* variables. It is read
// once and handed down by value. Nothing inside a repository is read as
// configuration (R24).
type Config struct {
	Enrol      EnrolConfig
	Git        GitConfig
	Index      IndexConfig
	Repository map[string]RepositoryConfig // by common dir or worktree, absolute and clean

	// Home is the user's home directory, from HOME: never a repository of
	// its own, see MayEnrol.
	Home string
}

// EnrolConfig says where memories begin.
type EnrolConfig struct {
	Auto  []Glob // also without a person
	Never []Glob // not for anybody, nor anywhere below
}

// GitConfig is about reading repositories.
type GitConfig struct {
	// SafeDirectories are repositories of other users that may be read:
	// absolute, clean paths.
	SafeDirectories []string
}

// IndexConfig limits the index.
type IndexConfig struct {
	MaxBytes int64 // of each repository, above 0
}

// RepositoryConfig is what the user set for one repository.
type RepositoryConfig struct {
	DefaultBranch string `toml:"default_branch"`
}

// fileConfig is the file's own shape.
type fileConfig struct {
	Enrol struct {
		Auto  []string `toml:"auto"`
		Never []string `toml:"never"`
	} `toml:"enrol"`
	Git struct {
		SafeDirectories []string `toml:"safe_directories"`
	} `toml:"git"`
	Index struct {
		MaxBytes *int64 `toml:"max_bytes"`
	} `toml:"index"`
	Repository map[string]RepositoryConfig `toml:"repository"`
}

// DefaultBranch is the branch that the user set for the repository at path, a
// common dir or a worktree; "" when none is set.
func (c Config) DefaultBranch(path string) string {
	for _, dir := range repositoryDirs(path) {
		if r, ok := c.Repository[dir]; ok && r.DefaultBranch != "" {
			return r.DefaultBranch
		}
	}
	return ""
}

// DefaultConfig is the configuration without a file and without variables.
func DefaultConfig() Config {
	return Config{Index: IndexConfig{MaxBytes: DefaultIndexBytes}}
}

// LoadConfig reads the configuration from the file at path, then from the
// environment; a missing file has the defaults. What it does not know is an
// error that names the line and what may have been meant.
//
// MEMD_INDEX_MAX_BYTES replaces index.max_bytes. MEMD_ENROL_AUTO,
// MEMD_ENROL_NEVER and MEMD_GIT_SAFE_DIRECTORIES, lists separated by colons,
// add to theirs: a variable must not lift an enrol.never.
func LoadConfig(path string, env func(string) string) (Config, error) {
	data, err := readConfig(path)
	if err != nil {
		return Config{}, err
	}
	var file fileConfig
	d := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return Config{}, configError(path, err)
	}
	c := DefaultConfig()
	c.setHome(env("HOME"))
	err = c.take(file, func(err error, key ...string) error {
		where := fmt.Sprintf("config %q", path)
		if n := lineOfKey(data, key...); n > 0 {
			where += fmt.Sprintf(", line %d", n)
		}
		return memory.Hint(fmt.Errorf("%s: %s: %w", where, strings.Join(key, "."), err), configHint(path))
	})
	if err != nil {
		return Config{}, err
	}
	if err := c.override(env); err != nil {
		return Config{}, err
	}
	return c, nil
}

// readConfig gives nothing for a missing file. The file is the user's, so its
// mode and owner are too: people link it from elsewhere.
func readConfig(path string) ([]byte, error) {
	f, _, err := openRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	defer f.Close()
	data, err := readAtMost(f, path, maxConfig)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return data, nil
}

// setHome keeps the real path where there is one: it is compared with real
// paths.
func (c *Config) setHome(home string) {
	if !filepath.IsAbs(home) {
		return
	}
	c.Home = filepath.Clean(home)
	if resolved, err := filepath.EvalSymlinks(home); err == nil {
		c.Home = resolved
	}
}

// take checks what the file says; wrong makes the error for a key.
func (c *Config) take(file fileConfig, wrong func(err error, key ...string) error) error {
	for _, list := range []struct {
		table, key string
		add        func(string) error
		from       []string
	}{
		{"enrol", "auto", c.addAuto, file.Enrol.Auto},
		{"enrol", "never", c.addNever, file.Enrol.Never},
		{"git", "safe_directories", c.addSafe, file.Git.SafeDirectories},
	} {
		for _, item := range list.from {
			if err := list.add(item); err != nil {
				return wrong(err, list.table, list.key)
			}
		}
	}
	if n := file.Index.MaxBytes; n != nil {
		if err := c.setMaxBytes(*n); err != nil {
			return wrong(err, "index", "max_bytes")
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(file.Repository)) {
		full, err := c.filePath(dir)
		if err != nil {
			return wrong(err, "repository", dir, "default_branch")
		}
		if c.Repository == nil {
			c.Repository = map[string]RepositoryConfig{}
		}
		c.Repository[full] = file.Repository[dir]
	}
	return nil
}

// override takes what the environment says.
func (c *Config) override(env func(string) string) error {
	for _, list := range []struct {
		variable string
		add      func(string) error
	}{
		{"MEMD_ENROL_AUTO", c.addAuto},
		{"MEMD_ENROL_NEVER", c.addNever},
		{"MEMD_GIT_SAFE_DIRECTORIES", c.addSafe},
	} {
		for _, item := range filepath.SplitList(env(list.variable)) {
			if item == "" { // a colon too many
				continue
			}
			if err := list.add(item); err != nil {
				return fmt.Errorf("%s: %w", list.variable, err)
			}
		}
	}
	if v := env("MEMD_INDEX_MAX_BYTES"); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err == nil {
			err = c.setMaxBytes(n)
		}
		if err != nil {
			return fmt.Errorf("MEMD_INDEX_MAX_BYTES: %q is not a number of bytes above 0", v)
		}
	}
	return nil
}

func (c *Config) addAuto(s string) error  { return c.addGlob(&c.Enrol.Auto, s) }
func (c *Config) addNever(s string) error { return c.addGlob(&c.Enrol.Never, s) }

func (c *Config) addGlob(list *[]Glob, s string) error {
	g, err := c.glob(s)
	if err == nil {
		*list = append(*list, g)
	}
	return err
}

func (c *Config) addSafe(s string) error {
	dir, err := c.filePath(s)
	if err == nil {
		c.Git.SafeDirectories = append(c.Git.SafeDirectories, dir)
	}
	return err
}

func (c *Config) setMaxBytes(n int64) error {
	if n <= 0 {
		return fmt.Errorf("%d is not a number of bytes above 0", n)
	}
	c.Index.MaxBytes = n
	return nil
}

// filePath makes an absolute, clean path of one that may begin with ~/.
func (c *Config) filePath(s string) (string, error) {
	return c.rooted(s, func(home string) string { return home })
}

// rooted puts the home directory, as quote writes it, in the place of a
// leading ~.
func (c *Config) rooted(s string, quote func(string) string) (string, error) {
	switch {
	case strings.HasPrefix(s, "/"):
		return path.Clean(s), nil
	case s != "~" && !strings.HasPrefix(s, "~/"):
		return "", fmt.Errorf("%q is not an absolute path, nor one that begins with ~/", s)
	case c.Home == "":
		return "", fmt.Errorf("%q needs HOME, which is not set to an absolute path", s)
	}
	return path.Clean(quote(c.Home) + s[1:]), nil
}

// glob checks a pattern.
func (c *Config) glob(s string) (Glob, error) {
	full, err := c.rooted(s, quoteGlob)
	if err != nil {
		return "", err
	}
	for name := range strings.SplitSeq(s, "/") {
		if _, err := path.Match(name, ""); err != nil {
			return "", fmt.Errorf("%q is not a pattern: look at its brackets and backslashes", s)
		}
		if name != "**" && strings.Contains(name, "**") {
			return "", fmt.Errorf("%q has ** inside a name, where it means no more than *", s)
		}
	}
	return Glob(full), nil
}

// configError names the line of what TOML does not accept.
func configError(path string, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := slices.MinFunc(unknown.Errors, func(a, b toml.DecodeError) int { return errorLine(a) - errorLine(b) })
		key := []string(first.Key())
		return memory.Hint(
			fmt.Errorf("config %q, line %d: unknown key %q", path, errorLine(first), strings.Join(key, ".")),
			cmp.Or(suggestKey(key), configHint(path)))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		return memory.Hint(
			fmt.Errorf("config %q, line %d: %s", path, errorLine(*wrong), strings.TrimPrefix(wrong.Error(), "toml: ")),
			configHint(path))
	}
	return memory.Hint(fmt.Errorf("config %q: %w", path, err), configHint(path))
}

func configHint(path string) string {
	return fmt.Sprintf("correct %q, or move it away: memd needs none", path)
}

func errorLine(e toml.DecodeError) int {
	row, _ := e.Position()
	return row
}

// lineOfKey says on which line a key stands, 0 when it can't be found, by
// asking for a struct that has none of them: TOML's own list of what is missing
// there. That list leaves out the tables around an inline table.
func lineOfKey(data []byte, key ...string) int {
	var none struct {
		Enrol, Git, Index struct{}
		Repository        map[string]struct{}
	}
	var missing *toml.StrictMissingError
	if !errors.As(toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&none), &missing) {
		return 0
	}
	last := key[len(key)-1]
	for _, as := range [][]string{key, {key[0], last}, {last}} {
		for _, e := range missing.Errors {
			if slices.Equal(e.Key(), as) {
				return errorLine(e)
			}
		}
	}
	return 0
}

// suggestKey says what a key that does not exist may have meant.
func suggestKey(key []string) string {
	t := reflect.TypeFor[fileConfig]()
	for depth, name := range key {
		if t.Kind() == reflect.Map { // its keys are the user's
			t = t.Elem()
			continue
		}
		if t.Kind() != reflect.Struct {
			return ""
		}
		if field, ok := fieldOf(t, name); ok {
			t = field.Type
			continue
		}
		before := strings.Join(append(slices.Clone(key[:depth]), ""), ".")
		known := keysOf(t)
		if best := nearestWord(name, known); best != "" {
			return fmt.Sprintf("did you mean %q?", before+best)
		}
		if full := findKey(reflect.TypeFor[fileConfig](), key[len(key)-1], ""); full != "" {
			return fmt.Sprintf("did you mean %q?", full)
		}
		return "known here: " + strings.Join(known, ", ")
	}
	return ""
}

func fieldOf(t reflect.Type, key string) (reflect.StructField, bool) {
	for f := range t.Fields() {
		if f.Tag.Get("toml") == key {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for f := range t.Fields() {
		keys = append(keys, f.Tag.Get("toml"))
	}
	return keys
}

// findKey looks for a key of about that name in all tables.
func findKey(t reflect.Type, name, before string) string {
	for f := range t.Fields() {
		key := f.Tag.Get("toml")
		if nearestWord(name, []string{key}) != "" {
			return before + key
		}
		inner, next := f.Type, before+key+"."
		if inner.Kind() == reflect.Map {
			inner, next = inner.Elem(), next+"<path>."
		}
		if inner.Kind() == reflect.Struct {
			if full := findKey(inner, name, next); full != "" {
				return full
			}
		}
	}
	return ""
}

// nearestWord is the word that at most a third of the letters keep apart, the
// first of equals, or "".
func nearestWord(word string, words []string) string {
	best, least := "", max(1, len(word)/3)+1
	for _, w := range words {
		if d := editDistance(strings.ToLower(word), w); d < least {
			best, least = w, d
		}
	}
	return best
}

// editDistance is Levenshtein's, in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
