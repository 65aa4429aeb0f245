package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/memd-dev/memd/memory"
)

func TestParseTarget(t *testing.T) {
	disk := []string{"a.go", "odd:12", "odd:12:3", "odd:5-", "c#", "c#/x.go", "line\nbreak.go"}
	for _, tt := range []struct {
		arg  string
		want target
	}{
		{"a.go", target{path: "a.go"}},
		{"a.go:12", target{"a.go", "", 12, 12}},
		{"a.go:12-15", target{"a.go", "", 12, 15}},
		{"a.go:12,15", target{"a.go", "", 12, 15}},
		{"a.go:12:7", target{"a.go", "", 12, 12}}, // from a compiler
		{"a.go:12:", target{"a.go", "", 12, 12}},  // from grep -n
		{"a.go#Backoff.Next", target{path: "a.go", symbol: "Backoff.Next"}},
		{"gone.go:3", target{"gone.go", "", 3, 3}},
		{"gone.go#F", target{path: "gone.go", symbol: "F"}},
		{"odd:12", target{path: "odd:12"}},
		{"odd:12:3", target{path: "odd:12:3"}},
		{"odd:12:9-11", target{"odd:12", "", 9, 11}},
		{"c#/x.go", target{path: "c#/x.go"}},
		{"c#/x.go#F", target{path: "c#/x.go", symbol: "F"}},
		{"c#/x.go:3", target{"c#/x.go", "", 3, 3}},
		{"line\nbreak.go:3", target{"line\nbreak.go", "", 3, 3}},
		{"\xff\xfe.go:3", target{"\xff\xfe.go", "", 3, 3}},
		{"a.go:abc", target{path: "a.go:abc"}},
		{":12", target{path: ":12"}},
		{"odd:5-", target{path: "odd:5-"}},
		{"#x", target{path: "#x"}},
	} {
		got, err := parseTarget(tt.arg, func(p string) bool { return slices.Contains(disk, p) })
		if err != nil || got != tt.want {
			t.Errorf("parseTarget(%q) = %+v, %v, want %+v", tt.arg, got, err, tt.want)
		}
	}
	for _, arg := range []string{"", "a.go:0", "a.go:15-12", "a.go:99999999999999999999", "a.go#", "a.go:5-", "a.go:5,", "a.go:-9", "gone.go:5-"} {
		if got, err := parseTarget(arg, func(p string) bool { return p == "a.go" }); exitStatus(err) != exitUsage {
			t.Errorf("parseTarget(%q) = %+v, %v, want a usage error", arg, got, err)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	f.Add("a.go:12-15", "a.go")
	f.Add("c#/x.go#F", "c#")
	f.Fuzz(func(t *testing.T, arg, disk string) {
		got, err := parseTarget(arg, func(p string) bool { return p == disk })
		if err != nil {
			return
		}
		if got.path == "" || got.first < 0 || got.last < got.first || (got.symbol != "" && got.first > 0) {
			t.Errorf("parseTarget(%q) = %+v", arg, got)
		}
		if arg == disk && got.path != arg {
			t.Errorf("parseTarget(%q) = %+v, but that file exists", arg, got)
		}
	})
}

// TestWhyPaths asks from different places about the same file.
func TestWhyPaths(t *testing.T) {
	top := realTemp(t)
	sub := filepath.Join(top, "net", "http")
	if err := os.MkdirAll(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"net/retry.go", "net/http/with:7.go", "README.md"} {
		if err := os.WriteFile(filepath.Join(top, filepath.FromSlash(name)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(realTemp(t), "link")
	if err := os.Symlink(top, link); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		dir, arg, want string
	}{
		{top, "net/retry.go:7", "net/retry.go"},
		{top, "./net//retry.go:7", "net/retry.go"},
		{sub, "../retry.go:7", "net/retry.go"},
		{sub, "net/retry.go:7", "net/retry.go"}, // as answers name it
		{sub, "gone.go:7", "net/http/gone.go"},
		{sub, "README.md", "README.md"},
		{sub, "with:7.go", "net/http/with:7.go"},
		{sub, filepath.Join(top, "net/retry.go") + ":7", "net/retry.go"},
		{top, filepath.Join(link, "net/retry.go") + ":7", "net/retry.go"},
		{filepath.Join(link, "net"), "retry.go:7", "net/retry.go"},
		{link, "gone/deeper/x.go:7", "gone/deeper/x.go"},
		{top, "\xff.go:7", "\xff.go"},
	} {
		f := &fake{top: top, why: sampleWhy()}
		r := memdIn(t, tt.dir, f, "why", tt.arg, "--at", "v1", "--limit", "4")
		if r.status != 0 || string(f.told.Path) != tt.want || f.told.At != "v1" || f.told.Limit != 4 {
			t.Errorf("in %s, why %q asks %+v (%+v), want %q", tt.dir, tt.arg, f.told, r, tt.want)
		}
	}
	f := &fake{top: top, why: sampleWhy()}
	if r := memdIn(t, top, f, "why", "../elsewhere.go"); r.status != exitUsage || f.told.Path != nil {
		t.Errorf("a path outside gives %+v", r)
	}
	f = &fake{top: top, why: sampleWhy()}
	const openEnd = "memd: a range of lines needs a first and a last one: net/retry.go:5-\nhint: name both ends: net/retry.go:5-LAST\n"
	if r := memdIn(t, top, f, "why", "net/retry.go:5-"); r.status != exitUsage || r.err != openEnd || f.told.Path != nil {
		t.Errorf("a range without an end gives %+v", r)
	}
	f = &fake{top: top, err: memory.ErrNotFound}
	if r := memdIn(t, top, f, "why", "nowhere.go"); r.status != exitNothing || r.err != "memd: not found\n" {
		t.Errorf("an unknown path gives %+v", r)
	}
}
