package daemon

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/memd-dev/memd/memory"
)

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadConfig(t *testing.T) {
	path := writeConfig(t, `# mine
[enrol]
auto = ["~/src/*", "/srv/**"]
never = ["/srv/secret/"]
[git]
safe_directories = ["~/shared", "/srv/a"]
[index]
max_bytes = 250_000_000
[repository."/src/a b"]
default_branch = "trunk"
[repository."~/x"]
default_branch = "dev"
`)
	got, err := LoadConfig(path, environ("HOME=/nowhere/u", "MEMD_ENROL_NEVER=/p:~/q:", "MEMD_INDEX_MAX_BYTES=7", "MEMD_NO_COLOR=1"))
	want := Config{
		Enrol:      EnrolConfig{Auto: []Glob{"/nowhere/u/src/*", "/srv/**"}, Never: []Glob{"/srv/secret", "/p", "/nowhere/u/q"}},
		Git:        GitConfig{SafeDirectories: []string{"/nowhere/u/shared", "/srv/a"}},
		Index:      IndexConfig{MaxBytes: 7},
		Repository: map[string]RepositoryConfig{"/src/a b": {"trunk"}, "/nowhere/u/x": {"dev"}},
		Home:       "/nowhere/u",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	for path, want := range map[string]string{"/src/a b": "trunk", "/src/a b/.git": "trunk", "/nowhere/u/x/.git": "dev", "/src": "", "": ""} {
		if got := got.DefaultBranch(path); got != want {
			t.Errorf("default branch of %q: got %q, want %q", path, got, want)
		}
	}
}

func TestLoadConfigWithoutAFile(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "none", "config.toml"), writeConfig(t, "")} {
		got, err := LoadConfig(path, environ())
		if err != nil || !reflect.DeepEqual(got, DefaultConfig()) || got.Index.MaxBytes != 1_000_000_000 {
			t.Errorf("got %+v, %v, want the defaults", got, err)
		}
	}
}

func TestConfigErrorsNameTheLine(t *testing.T) {
	for _, test := range []struct{ text, line, hint string }{
		{"[enrol]\nnevr = []\n", "line 2", `did you mean "enrol.never"?`},
		{"[enroll]\nnever = []\n", "line 1", `did you mean "enrol"?`},
		{"\n\n[git]\nsafe_directory = []\n", "line 4", `did you mean "git.safe_directories"?`},
		{"max_bytes = 3\n", "line 1", `did you mean "index.max_bytes"?`},
		{"[enrol]\nauto=[]\ndefault_branch = 'x'\n", "line 3", `did you mean "repository.<path>.default_branch"?`},
		{"[repository.\"/a\"]\ndefaultbranch = 'x'\n", "line 2", `did you mean "repository./a.default_branch"?`},
		{"[index]\ncolour = 'red'\n", "line 2", "known here: max_bytes"},
		{"wibble = 1\n", "line 1", "known here: enrol, git, index, repository"},
		{"enrol = {nevr = []}\n", "line 1", `did you mean "enrol.never"?`},
		{"[index]\nmax_bytes = 0\n", "line 2", ""},
		{"[index]\nmax_bytes = -5\n", "line 2", ""},
		{"[index]\nmax_bytes = 1.5\n", "line 2", ""},
		{"[index]\nmax_bytes = true\n", "line 2", ""},
		{"[index]\n\nmax_bytes = 99999999999999999999\n", "line 3", ""},
		{"[enrol]\nnever = []\nauto = [\n  '/a',\n  'src/*',\n]\n", "line 3", ""},
		{"[enrol]\nauto = ['/a[']\n", "line 2", ""},
		{"[enrol]\nauto = ['/a**/b']\n", "line 2", ""},
		{"[enrol]\nauto = '/a'\n", "line 2", ""},
		{"[enrol]\nauto = [3]\n", "line 2", ""},
		{"[git]\nsafe_directories = ['*']\n", "line 2", ""},
		{"\n[repository.'src/a']\ndefault_branch = 'x'\n", "line 3", ""},
		{"\n[repository]\n'src/a' = {default_branch = 'x'}\n", "line 3", ""},
		{"enrol = {never = ['a']}\n", "line 1", ""},
		{"[enrol\n", "line 1", ""},
		{"[enrol]\n[enrol]\n", "line 2", ""},
		{"[enrol]\nauto = ['/\xff']\n", "line 2", ""},
	} {
		path := writeConfig(t, test.text)
		_, err := LoadConfig(path, environ("HOME=/h"))
		if err == nil {
			t.Errorf("%q: no error", test.text)
			continue
		}
		if !strings.Contains(err.Error(), test.line+":") || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %q does not say %s of %s in one line", test.text, err, test.line, path)
		}
		if h := hintOf(err); h == "" || test.hint != "" && h != test.hint {
			t.Errorf("%q: hint %q, want %q", test.text, h, test.hint)
		}
	}
}

func TestConfigErrorsElsewhere(t *testing.T) {
	for _, env := range [][]string{
		{"MEMD_INDEX_MAX_BYTES=many"}, {"MEMD_INDEX_MAX_BYTES=-1"}, {"MEMD_ENROL_AUTO=src"}, {"MEMD_GIT_SAFE_DIRECTORIES=*"},
	} {
		name, _, _ := strings.Cut(env[0], "=")
		if _, err := LoadConfig("/none", environ(env...)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v: got %v, want an error that names it", env, err)
		}
	}
	if _, err := LoadConfig(writeConfig(t, "[enrol]\nnever = ['~/a']\n"), environ()); err == nil || !strings.Contains(err.Error(), "HOME") {
		t.Errorf("~ without HOME: got %v", err)
	}
	if _, err := LoadConfig(writeConfig(t, "#"+strings.Repeat("x", maxConfig)), environ()); !errors.Is(err, memory.ErrForeign) {
		t.Errorf("over 1 MB: got %v, want ErrForeign", err)
	}
	pipe := filepath.Join(t.TempDir(), "config.toml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadConfig(pipe, environ()); !errors.Is(err, memory.ErrForeign) {
		t.Errorf("a pipe: got %v, want ErrForeign", err)
	}
}

func TestGlob(t *testing.T) {
	for _, test := range []struct {
		glob, path      string
		matches, covers bool
	}{
		{"/a/b", "/a/b", true, true},
		{"/a/b", "/a/b/.git", true, true},
		{"/a/b", "/a/b/c", false, true},
		{"/a/b", "/a/bc", false, false},
		{"/a/*", "/a/b", true, true},
		{"/a/*", "/a", false, false},
		{"/a/*", "/a/b/c", false, true},
		{"/a/*", "/a/b\xffc", true, true},
		{"/a/?", "/a/\xff", true, true},
		{"/a/**", "/a", true, true},
		{"/a/**", "/a/b/c/d", true, true},
		{"/a/**/d", "/a/d", true, true},
		{"/a/**/d", "/a/b/c/d", true, true},
		{"/a/**/d", "/a/b/c/e", false, false},
		{"/**/x/**/y", "/x/a/x/b/y", true, true},
		{"/**/x/*/y", "/x/x/x/b/y", true, true},
		{"/a/[bc]", "/a/c", true, true},
		{`/a/\*`, "/a/*", true, true},
		{`/a/\*`, "/a/b", false, false},
		{"/", "/a", false, true},
		{"/**", "/", true, true},
		{"/a*", "/a/b", false, true},
		{"/*a", "/b/a", false, false},
	} {
		g := Glob(test.glob)
		if got := g.matches(test.path); got != test.matches {
			t.Errorf("%s matches %q: got %v", g, test.path, got)
		}
		if got := g.covers(test.path); got != test.covers {
			t.Errorf("%s covers %q: got %v", g, test.path, got)
		}
	}
}

// A pattern through a symbolic link must still keep memd out: what it is
// compared with is the real path.
func TestNeverHoldsThroughSymbolicLinks(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(dir, "var", "ho*me", "u")
	if err := os.MkdirAll(filepath.Join(target, "secret", "repo"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "var", "ho*me"), filepath.Join(dir, "home")); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "home", "u")
	for _, glob := range []string{home + "/secret", home + "/secret/**", home + "/sec*", "~/secret", "~/*cret/*", dir + "/home"} {
		c, err := LoadConfig(writeConfig(t, "[enrol]\nnever = ['"+glob+"']\n"), environ("HOME="+home))
		if err != nil {
			t.Fatal(err)
		}
		if err := MayEnrol(c, target+"/secret/repo/.git", memory.ActorPerson, true); !errors.Is(err, memory.ErrNeverEnrol) {
			t.Errorf("%s: got %v, want ErrNeverEnrol", glob, err)
		}
		if err := MayEnrol(c, dir+"/var/other/.git", memory.ActorPerson, true); err != nil {
			t.Errorf("%s: %v", glob, err)
		}
		if err := MayEnrol(c, target+"/.git", memory.ActorPerson, true); !errors.Is(err, memory.ErrNotRepository) {
			t.Errorf("the home directory: got %v, want ErrNotRepository", err)
		}
	}
}
