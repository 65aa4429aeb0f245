package memd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/memd-dev/memd"

// law is what one package may import besides the standard library. Its tests
// may import more: see testsMay.
type law struct {
	memd    string // packages of memd
	modules string // third-party modules, of which it is a door
	runs    bool   // may start child processes
}

// laws is the import graph of memd: a package that is not here may not exist,
// and what is not said is forbidden. The map of the layers is in the
// architecture page; whoever changes a line argues for it in the commit.
var laws = map[string]law{
	// What memd remembers: no technology, nothing of memd.
	"memory": {},

	// Helpers without a noun of the domain: the standard library only.
	"internal/redact":   {},
	"internal/linediff": {},

	// Technology below the concept that it implements.
	"memory/sqlite":    {memd: "memory internal/redact", modules: "github.com/mattn/go-sqlite3"},
	"memory/journal":   {memd: "memory internal/redact"},
	"memory/share":     {memd: "memory memory/journal"},
	"gitwatch":         {memd: "memory internal/redact internal/linediff", modules: "github.com/go-git/go-git github.com/sourcegraph/conc github.com/fsnotify/fsnotify", runs: true},
	"sleeptime":        {memd: "memory internal/redact", modules: "github.com/sourcegraph/conc"},
	"sleeptime/openai": {memd: "memory sleeptime internal/redact", modules: "github.com/sashabaranov/go-openai"},

	// The process of one repository, and the wire to it.
	"daemon": {
		memd:    "memory memory/sqlite memory/journal memory/share gitwatch sleeptime daemon/localapi internal/redact internal/linediff",
		modules: "github.com/sourcegraph/conc github.com/pelletier/go-toml",
	},
	"daemon/localapi": {memd: "memory", modules: "github.com/sourcegraph/conc"},

	// Front-ends: thin, over memory.Service alone.
	"mcp":      {memd: "memory", modules: "github.com/mark3labs/mcp-go github.com/sourcegraph/conc"},
	"lsp":      {memd: "memory", modules: "go.lsp.dev github.com/sourcegraph/conc"},
	"cmd/memd": {memd: "memory mcp lsp daemon daemon/localapi sleeptime/openai internal/redact", modules: "github.com/spf13/cobra golang.org/x/term", runs: true}, // runs the pager

	// Made for tests. Tools under bench/ may use all of memd but cmd.
	"fixtures":             {modules: "golang.org/x/tools/txtar github.com/go-git/go-git", runs: true},
	"fixtures/cmd/fixture": {memd: "fixtures"},
	"bench/*":              {memd: "* fixtures", runs: true},

	// The root has tests only.
	".": {},
}

// testsMay is what tests may import besides what their package may: all of
// memd but cmd, the fixtures, child processes, and these.
const testsMay = "github.com/rogpeppe/go-internal golang.org/x/tools/txtar"

// never are the borders that hold through other packages too: from, what may
// not be reached.
var never = [][2]string{
	{"mcp", "daemon"}, {"mcp", "memory/sqlite"}, {"mcp", "gitwatch"},
	{"lsp", "daemon"}, {"lsp", "memory/sqlite"}, {"lsp", "gitwatch"},
	{"gitwatch", "sleeptime"}, {"sleeptime", "gitwatch"},
	{"cmd/memd", "fixtures"},
}

// only are packages of the standard library with a door; tests included.
var only = map[string]string{"database/sql": "memory/sqlite", "database/sql/driver": "memory/sqlite"}

// source is one Go file of the module.
type source struct {
	name string // path from the root
	pkg  string // folder
	test bool
	file *ast.File
	fset *token.FileSet
}

func (s *source) imports() []string {
	var paths []string
	for _, spec := range s.file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			panic(err) // the parser has accepted it
		}
		paths = append(paths, p)
	}
	return paths
}

// sources parses every Go file, whatever its build tags and platform: a rule
// that a tag switches off is none. That is why this does not ask go list.
func sources(t *testing.T) []*source {
	t.Helper()
	var all []*source
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			// What the go command ignores, and modules of their own.
			if name != "." && (base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil && name != "." {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
			return nil
		}
		s := &source{name: filepath.ToSlash(name), test: strings.HasSuffix(base, "_test.go"), fset: token.NewFileSet()}
		s.pkg = path.Dir(s.name)
		s.file, err = parser.ParseFile(s.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		all = append(all, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func lawOf(pkg string) (law, bool) {
	if strings.HasPrefix(pkg, "bench/") || pkg == "bench" {
		pkg = "bench/*"
	}
	l, ok := laws[pkg]
	return l, ok
}

// local gives the folder of an import path of this module.
func local(imported string) (string, bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

// listed reports whether imported is, or lies below, one of the listed paths.
func listed(imported, list string) bool {
	return slices.ContainsFunc(strings.Fields(list), func(m string) bool {
		return imported == m || strings.HasPrefix(imported, m+"/")
	})
}

func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

func TestImportsFollowTheLaw(t *testing.T) {
	for _, s := range sources(t) {
		l, known := lawOf(s.pkg)
		if !known {
			t.Errorf("%s: package %s has no line in laws", s.name, s.pkg)
			continue
		}
		for _, imported := range s.imports() {
			if why := forbidden(s, l, imported); why != "" {
				t.Errorf("%s imports %s: %s", s.name, imported, why)
			}
		}
	}
}

// forbidden says why s may not import imported, or "".
func forbidden(s *source, l law, imported string) string {
	pkg, ours := local(imported)
	switch {
	case ours && (pkg == "cmd" || strings.HasPrefix(pkg, "cmd/")):
		return "nothing imports cmd"
	case ours && slices.ContainsFunc(never, func(n [2]string) bool { return !s.test && n[0] == s.pkg && n[1] == pkg }):
		return "never"
	case ours && pkg == "fixtures" && !s.test && !slices.Contains(strings.Fields(l.memd), "fixtures"):
		return "fixtures are for tests"
	case ours && (s.test || slices.Contains(strings.Fields(l.memd), pkg) || strings.HasPrefix(l.memd, "*")):
		return ""
	case ours:
		return "package " + s.pkg + " may import of memd: " + orNothing(l.memd)
	case only[imported] != "" && only[imported] != s.pkg:
		return "only " + only[imported] + " does"
	case imported == "os/exec" && !s.test && !l.runs:
		return "package " + s.pkg + " starts no child processes"
	case imported == "C" || imported == "plugin":
		return "cgo of our own and plugins are no part of memd"
	case standard(imported) || listed(imported, l.modules) || s.test && listed(imported, testsMay):
		return ""
	}
	return "package " + s.pkg + " may import of other modules: " + orNothing(l.modules)
}

func orNothing(list string) string {
	if list == "" {
		return "nothing"
	}
	return list
}

// TestNeverHoldsThroughOtherPackages follows imports to their end.
func TestNeverHoldsThroughOtherPackages(t *testing.T) {
	graph := map[string]map[string]bool{}
	for _, s := range sources(t) {
		for _, imported := range s.imports() {
			if pkg, ours := local(imported); ours && !s.test {
				if graph[s.pkg] == nil {
					graph[s.pkg] = map[string]bool{}
				}
				graph[s.pkg][pkg] = true
			}
		}
	}
	for _, n := range never {
		if n[0] == "cmd/memd" {
			continue // reaches everything by design; its own imports are checked above
		}
		seen, next := map[string]bool{}, []string{n[0]}
		for len(next) > 0 {
			pkg := next[0]
			next = next[1:]
			for to := range graph[pkg] {
				if to == n[1] {
					t.Errorf("%s reaches %s through %s", n[0], n[1], pkg)
				}
				if !seen[to] {
					seen[to] = true
					next = append(next, to)
				}
			}
		}
	}
}

// TestEveryModuleHasADoor fails on a module in go.mod that no line of laws
// names, so that a new one is argued for.
func TestEveryModuleHasADoor(t *testing.T) {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var doors []string
	for _, l := range laws {
		doors = append(doors, strings.Fields(l.modules)...)
	}
	doors = append(doors, strings.Fields(testsMay)...)
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) < 2 || !strings.HasPrefix(fields[1], "v") || strings.Contains(line, "// indirect") {
			continue
		}
		name := fields[0]
		if !slices.ContainsFunc(doors, func(d string) bool {
			return d == name || strings.HasPrefix(d, name+"/") || strings.HasPrefix(name, d+"/")
		}) {
			t.Errorf("go.mod requires %s, which has no door in laws", name)
		}
	}
}

// TestOnlyGitwatchRunsGit finds a literal "git" that is handed to os/exec, and
// ways around os/exec.
func TestOnlyGitwatchRunsGit(t *testing.T) {
	for _, s := range sources(t) {
		if l, _ := lawOf(s.pkg); s.test || l.runs && s.pkg != "cmd/memd" {
			continue
		}
		calls(s, func(call *ast.CallExpr, name string) {
			switch name {
			case "os.StartProcess", "syscall.ForkExec", "syscall.StartProcess":
				t.Errorf("%s: %s starts a process beside os/exec", s.fset.Position(call.Pos()), name)
			case "exec.Command", "exec.CommandContext":
				for _, arg := range call.Args {
					if lit, ok := arg.(*ast.BasicLit); ok && lit.Value == `"git"` {
						t.Errorf("%s: only gitwatch runs git", s.fset.Position(call.Pos()))
					}
				}
			}
		})
	}
}

// calls calls f for every call of a package's function, by its written name.
func calls(s *source, f func(call *ast.CallExpr, name string)) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				f(call, x.Name+"."+sel.Sel.Name)
			}
		}
		return true
	})
}

// TestTheLawBites hands imports to the checker that it must refuse, and some
// that it must let pass: a law that nothing can break is no law.
func TestTheLawBites(t *testing.T) {
	for _, c := range []struct {
		pkg, imported string
		test, allowed bool
	}{
		{"memory", "strings", false, true},
		{"memory", module + "/internal/redact", false, false},
		{"memory", "github.com/spf13/cobra", false, false},
		{"internal/redact", module + "/memory", false, false},
		{"memory/sqlite", "github.com/mattn/go-sqlite3", false, true},
		{"daemon", "github.com/mattn/go-sqlite3", false, false},
		{"daemon", "database/sql", true, false},
		{"daemon", module + "/cmd/memd", true, false},
		{"daemon", "os/exec", false, false},
		{"daemon", "os/exec", true, true},
		{"mcp", module + "/daemon", false, false},
		{"lsp", module + "/memory/sqlite", false, false},
		{"gitwatch", module + "/sleeptime", false, false},
		{"sleeptime", module + "/gitwatch", false, false},
		{"gitwatch", module + "/fixtures", false, false},
		{"gitwatch", module + "/fixtures", true, true},
		{"bench/eval", module + "/fixtures", false, true},
		{"bench/eval", module + "/daemon", false, true},
		{"cmd/memd", "github.com/rogpeppe/go-internal/testscript", true, true},
		{"cmd/memd", "github.com/rogpeppe/go-internal/testscript", false, false},
		{"cmd/memd", "example.org/unknown", false, false},
		{"lsp", "go.lsp.dev/protocol", false, true},
		{"mcp", "go.lsp.dev/protocol", false, false},
	} {
		l, known := lawOf(c.pkg)
		if !known {
			t.Fatalf("%s has no law", c.pkg)
		}
		why := forbidden(&source{pkg: c.pkg, test: c.test}, l, c.imported)
		if (why == "") != c.allowed {
			t.Errorf("%s (test: %v) imports %s: got %q, want allowed %v", c.pkg, c.test, c.imported, why, c.allowed)
		}
	}
	for _, pkg := range []string{"util", "memory/common", "cmd/other", "internal/x"} {
		if _, known := lawOf(pkg); known {
			t.Errorf("package %s is known", pkg)
		}
	}
	if got := slices.Sorted(maps.Keys(laws)); len(got) < 10 {
		t.Errorf("laws has only %v", got)
	}
}
