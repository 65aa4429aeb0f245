package daemon

import (
	"strings"
	"testing"
)

// environ stands in for os.Getenv: these variables and no others.
func environ(pairs ...string) func(string) string {
	return func(name string) string {
		for _, p := range pairs {
			if k, v, _ := strings.Cut(p, "="); k == name {
				return v
			}
		}
		return ""
	}
}

func TestPathsFrom(t *testing.T) {
	for _, test := range []struct {
		name string
		env  []string
		want Paths
	}{
		{"defaults", []string{"HOME=/h"}, Paths{"/h/.local/share/memd", "/h/.local/state/memd", "/h/.config/memd/config.toml"}},
		{"all set, no HOME", []string{"XDG_DATA_HOME=/d", "XDG_STATE_HOME=/s/", "XDG_CONFIG_HOME=/c"}, Paths{"/d/memd", "/s/memd", "/c/memd/config.toml"}},
		{"relative is ignored", []string{"HOME=/h", "XDG_DATA_HOME=d", "XDG_STATE_HOME=./s"}, Paths{"/h/.local/share/memd", "/h/.local/state/memd", "/h/.config/memd/config.toml"}},
		{"bytes", []string{"HOME=/h\xff"}, Paths{"/h\xff/.local/share/memd", "/h\xff/.local/state/memd", "/h\xff/.config/memd/config.toml"}},
	} {
		got, err := PathsFrom(environ(test.env...))
		if err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.name, got, err, test.want)
		}
	}
}

func TestPathsFromWithoutHomeSaysWhatToSet(t *testing.T) {
	for _, env := range [][]string{nil, {"XDG_DATA_HOME=rel"}, {"HOME=relative"}, {"XDG_DATA_HOME=/d"}} {
		got, err := PathsFrom(environ(env...))
		if err == nil || got != (Paths{}) {
			t.Errorf("%v: got %v, %v, want an error", env, got, err)
			continue
		}
		if !strings.Contains(err.Error(), "HOME") || !strings.Contains(hintOf(err), "XDG_STATE_HOME") {
			t.Errorf("%v: %q, hint %q do not say what to set", env, err, hintOf(err))
		}
		if env != nil && env[0] == "XDG_DATA_HOME=/d" && strings.Contains(hintOf(err), "XDG_DATA_HOME") {
			t.Errorf("hint %q names a variable that is set", hintOf(err))
		}
	}
}

func TestPathsOfARepository(t *testing.T) {
	p := Paths{Data: "/d", State: "/s", Config: "/c"}
	const id = "0123456789abcdef"
	for got, want := range map[string]string{
		p.Registry():   "/d/repositories.json",
		p.Journal(id):  "/d/" + id,
		p.Keys(id):     "/d/" + id + "/keys",
		p.StateDir(id): "/s/" + id,
		p.Index(id):    "/s/" + id + "/index.db",
		p.Shadow(id):   "/s/" + id + "/shadow.git",
		p.Lock(id):     "/s/" + id + "/lock",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
