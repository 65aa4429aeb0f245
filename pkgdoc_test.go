package memd_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// minDocLines is the least that a package can say about what it is for, who
// calls it and what it promises.
const minDocLines = 3

func TestEveryPackageHasADoc(t *testing.T) {
	longest := map[string]int{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		lines := 0
		if s.file.Doc != nil {
			lines = strings.Count(strings.TrimSpace(s.file.Doc.Text()), "\n") + 1
		}
		longest[s.pkg] = max(longest[s.pkg], lines)
	}
	for pkg, lines := range longest {
		if lines < minDocLines {
			t.Errorf("package %s: doc comment has %d lines, want at least %d", pkg, lines, minDocLines)
		}
	}
}

// statement finds SQL as it is written here: in capitals.
var statement = regexp.MustCompile(`\b(SELECT|INSERT (OR [A-Z]+ )?INTO|DELETE FROM|CREATE (UNIQUE |VIRTUAL )?(TABLE|INDEX)|DROP TABLE|ALTER TABLE|PRAGMA|VACUUM)\b|\bUPDATE \w+ SET\b`)

func TestSQLIsOnlyInSqlite(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.pkg == "memory/sqlite" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if text, err := strconv.Unquote(lit.Value); err == nil && statement.MatchString(text) {
				t.Errorf("%s: SQL outside memory/sqlite: %.60q", s.fset.Position(lit.Pos()), text)
			}
			return true
		})
	}
}

// TestOnlyMainExits keeps deferred calls running: a command ends in one place.
// Tools that are built for tests may end once, too.
func TestOnlyMainExits(t *testing.T) {
	exits := map[string]int{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		calls(s, func(call *ast.CallExpr, name string) {
			switch name {
			case "os.Exit", "syscall.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln":
				exits[s.pkg]++
				if s.file.Name.Name != "main" || exits[s.pkg] > 1 {
					t.Errorf("%s: %s; a program ends once, in main", s.fset.Position(call.Pos()), name)
				}
			}
		})
	}
}
