package gitwatch

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/memd-dev/memd/memory"
)

// classes is a sample of paths with their classes.
var classes = []struct {
	path string
	want memory.Class
}{
	{"main.go", memory.ClassSource},
	{"Makefile", memory.ClassSource},
	{"vendor.go", memory.ClassSource},
	{"src/Vendor/Vendor.php", memory.ClassSource},
	{"lib/external/parser.c", memory.ClassSource},
	{"CMakeLists.txt", memory.ClassSource},
	{"map.go", memory.ClassSource},
	{"src/liblzma.map", memory.ClassSource},
	{"src/flask/testing.py", memory.ClassSource},
	{"internal/doc/doc.go", memory.ClassSource},
	{"lock.go", memory.ClassSource},
	{"src/contest.py", memory.ClassSource},
	{"style.css", memory.ClassSource},
	{"x.PnG", memory.ClassSource},
	{"png", memory.ClassSource},
	{"api.proto", memory.ClassSource},
	{"", memory.ClassSource},
	{"a\xffb.c", memory.ClassSource},

	{"main_test.go", memory.ClassTest},
	{"tests/conftest.py", memory.ClassTest},
	{"conftest.py", memory.ClassTest},
	{"src/test_app.py", memory.ClassTest},
	{"t/t0000-basic.sh", memory.ClassTest},
	{"testing/test_mark.py", memory.ClassTest},
	{"lib/app.spec.ts", memory.ClassTest},
	{"lib/app.test.jsx", memory.ClassTest},
	{"spec/models/user_spec.rb", memory.ClassTest},
	{"src/test/java/FooTest.java", memory.ClassTest},
	{"pkg/testdata/a.json", memory.ClassTest},
	{"tokio/tests/fs.rs", memory.ClassTest},
	{"fixtures/a.txt", memory.ClassTest},

	{"README.md", memory.ClassDocument},
	{"tests/README", memory.ClassDocument},
	{"docs/index.rst", memory.ClassDocument},
	{"docs/conf.py", memory.ClassDocument},
	{"Documentation/git-log.txt", memory.ClassDocument},
	{"Documentation/Makefile", memory.ClassDocument},
	{"CHANGELOG", memory.ClassDocument},
	{"spec/wire.md", memory.ClassDocument},
	{"pkg/docs/page.html", memory.ClassDocument},

	{"go.mod", memory.ClassData},
	{".github/workflows/ci.yml", memory.ClassData},
	{".gitignore", memory.ClassData},
	{"pyproject.toml", memory.ClassData},
	{"requirements-dev.txt", memory.ClassData},
	{"templates/base.html", memory.ClassData},

	{"vendor/github.com/x/y.go", memory.ClassVendored},
	{"a/third_party/x.c", memory.ClassVendored},
	{"web/node_modules/left-pad/index.js", memory.ClassVendored},
	{"src/pip/_vendor/six.py", memory.ClassVendored},
	{"vendor/logo.png", memory.ClassVendored},
	{"Godeps/Godeps.json", memory.ClassVendored},

	{"api/v1/x.pb.go", memory.ClassGenerated},
	{"x_pb2.py", memory.ClassGenerated},
	{"pkg/zz_generated.deepcopy.go", memory.ClassGenerated},
	{"schema_generated.ts", memory.ClassGenerated},
	{"a/x.generated.cs", memory.ClassGenerated},
	{"po/de.po", memory.ClassGenerated},
	{"po/git.pot", memory.ClassGenerated},
	{"__snapshots__/a.test.js.snap", memory.ClassGenerated},
	{"Form1.Designer.cs", memory.ClassGenerated},
	{"bindata.go", memory.ClassGenerated},
	{".gen.go", memory.ClassGenerated},

	{"dist/app.min.js", memory.ClassMinified},
	{"app.js.map", memory.ClassMinified},
	{"app.bundle.js", memory.ClassMinified},

	{"go.sum", memory.ClassLock},
	{"a/go.sum", memory.ClassLock},
	{"Cargo.lock", memory.ClassLock},
	{"package-lock.json", memory.ClassLock},
	{"pnpm-lock.yaml", memory.ClassLock},

	{"logo.png", memory.ClassBinary},
	{"LOGO.PNG", memory.ClassBinary},
	{"fonts/a.woff2", memory.ClassBinary},
	{"model.safetensors", memory.ClassBinary},
	{"locale/de.mo", memory.ClassBinary},
}

func TestClassOf(t *testing.T) {
	for _, c := range classes {
		if got := ClassOf([]byte(c.path)); got != c.want {
			t.Errorf("ClassOf(%q) = %v, want %v", c.path, got, c.want)
		}
	}
	for _, path := range []string{"a/long/path/to/some/ordinary/file_name.go", "docs/x/y.rst", "vendor/x.go", "web/a.min.js"} {
		b := []byte(path)
		if n := testing.AllocsPerRun(100, func() { ClassOf(b) }); n != 0 {
			t.Errorf("ClassOf(%q) allocates %v times", path, n)
		}
	}
}

// TestClassTablesFitTheLookup keeps the tables within what ClassOf looks at.
func TestClassTablesFitTheLookup(t *testing.T) {
	for end := range namesOnlyEnds {
		if end[0] != '.' && end[0] != '_' || len(end) > longestEnd {
			t.Errorf("%q is never looked up", end)
		}
		if strings.ContainsAny(end, "*?[] \\") {
			t.Errorf("%q is no plain pattern", end)
		}
	}
}

// TestClassBinaryExtensionsFitTheLookup keeps the table within its bound.
func TestClassBinaryExtensionsFitTheLookup(t *testing.T) {
	for ext := range binaryExtensions {
		for _, path := range []string{"a." + ext, "b/A." + strings.ToUpper(ext)} {
			if got := ClassOf([]byte(path)); got != memory.ClassBinary {
				t.Errorf("ClassOf(%q) = %v", path, got)
			}
		}
	}
}

// TestClassAgreesWithAttributes asks git which paths it would not diff.
func TestClassAgreesWithAttributes(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func(stdin []byte, args ...string) []byte {
		t.Helper()
		cmd := exec.Command(git, args...)
		cmd.Env = []string{"HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "LC_ALL=C"}
		cmd.Stdin = bytes.NewReader(stdin)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return out
	}
	run(nil, "init", "-q", "--bare", dir)
	if err := os.MkdirAll(filepath.Join(dir, "info"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "info", "attributes"), Attributes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, c := range classes {
		if c.path != "" {
			paths = append(paths, c.path)
		}
	}
	// Each entry of the tables, at the top, below, and where it must not match.
	for dir := range vendoredDirectories {
		paths = append(paths, dir+"/x/y.go", "a/b/"+dir+"/x.go", "a/"+dir, "a"+dir+"/x.go", dir+"x/y.go")
	}
	for name := range namesOnlyFiles {
		paths = append(paths, name, "a/b/"+name, "x"+name, name+"x", name+"/x")
	}
	for ext := range binaryExtensions {
		paths = append(paths, "a/x."+ext, ext, "x."+ext+"/y", "x."+ext+".y")
	}
	for end := range namesOnlyEnds {
		paths = append(paths, end, "a/x"+end, "x"+end+"/y", "x"+end+".y", "a.b_c"+end)
	}
	paths = append(paths, "a_generated.x/y.go", "zz_generated/x.go", "azz_generated.go", "_generated.go", "_generated")
	stdin := []byte(strings.Join(paths, "\x00") + "\x00")
	out := run(stdin, "--git-dir="+dir, "check-attr", "--stdin", "-z", "diff")
	fields := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if len(fields) != 3*len(paths) {
		t.Fatalf("git answered %d fields for %d paths", len(fields), len(paths))
	}
	for i, path := range paths {
		dropped := fields[3*i+2] == "unset"
		class := ClassOf([]byte(path))
		if class == memory.ClassBinary && !dropped {
			continue // git finds out by the contents
		}
		if class.NamesOnly() != dropped {
			t.Errorf("%q is %v, git's diff attribute is %s", path, class, fields[3*i+2])
		}
	}
}

func TestClassDriversMatchWhatTheyShould(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, c := range []struct {
		file, text string // the last line changes
		want       string
	}{
		{"a.py", "class A:\n    def b(self):\n        pass\n        x = 1\n", "    def b(self):"},
		{"a.py", "async def b():\n    async with c:\n        x = 1\n", "async def b():"},
		{"a.py", "class A(B):\n    y = 1\n    x = 1\n", "class A(B):"},
		{"a.rs", "impl A {\n    pub(crate) fn b(&self) {\n        x = 1\n", "    pub(crate) fn b(&self) {"},
		{"a.rs", "fn a() {}\nstruct B {\n    pub c: u8,\n    x: u8,\n", "struct B {"},
		{"a.rb", "class A\n  def b\n    x = 1\n", "  def b"},
		{"A.java", "class A {\n    @Override\n    public int b(int c) {\n        return c;\n        x = 1;\n", "    public int b(int c) {"},
		{"a.php", "class A {\n    private function b() {\n        $x = 1;\n", "    private function b() {"},
		{"a.md", "# A\n\n## B\n\ntext\n", "## B"},
		{"a.go", "func A() {\n\tx := 1\n}\n\nfunc (b B) C() {\n\tx := 1\n", "func (b B) C() {"},
	} {
		lines := strings.SplitAfter(strings.TrimSuffix(c.text, "\n"), "\n")
		changed := strings.Join(lines[:len(lines)-1], "") + "changed\n"
		for name, text := range map[string]string{"old": c.text, "new": changed} {
			if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name, c.file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		attributes := filepath.Join(dir, "attributes")
		if err := os.WriteFile(attributes, Attributes(), 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"-c", "core.attributesFile=" + attributes}
		for _, s := range DriverConfig() {
			args = append(args, "-c", s)
		}
		cmd := exec.Command(git, append(args, "diff", "--no-index", "-U0", "old/"+c.file, "new/"+c.file)...)
		cmd.Dir = dir
		cmd.Env = []string{"HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "LC_ALL=C"}
		out, _ := cmd.Output() // exit status 1: they differ
		_, rest, _ := bytes.Cut(out, []byte("\n@@ "))
		_, rest, _ = bytes.Cut(rest, []byte(" @@"))
		got, _, _ := bytes.Cut(rest, []byte("\n"))
		if s := strings.TrimPrefix(string(got), " "); s != c.want {
			t.Errorf("%s: function line %q, want %q\n%s", c.file, s, c.want, out)
		}
	}
}

func TestClassGeneratedLine(t *testing.T) {
	for _, line := range []string{
		"// Code generated by protoc-gen-go. DO NOT EDIT.",
		"# Generated by the protocol buffer compiler.  DO NOT EDIT!",
		"// Generated by the protocol buffer compiler.",
		" * @generated",
		"// @generated SignedSource<<abc>>",
		"/* This file was automatically generated by SWIG. */",
		"# This file is autogenerated by pip-compile with Python 3.11",
		"# This file is auto-generated from the current state of the database.",
		"<!-- This file is generated -->",
		"// Autogenerated by Thrift Compiler (0.9.3)",
		"-- This file has been auto-generated.",
		";; This file was generated by cask",
	} {
		if !GeneratedLine([]byte(line)) {
			t.Errorf("not seen as generated: %s", line)
		}
	}
	for _, line := range []string{
		"",
		"enerated",
		"generated",
		"// the generated code is slow because it copies",
		"x := generated(y) // DO NOT",
		"fmt.Println(\"Code generated. DO NOT EDIT.\")",
		"// @generatedBy is a field of the manifest",
		"# docs are automatically generated for each release and published",
		"// IDs are autogenerated when empty",
		"// regenerated by make",
		"This file was generated by hand, says the README.",
	} {
		if GeneratedLine([]byte(line)) {
			t.Errorf("seen as generated: %s", line)
		}
	}
}

func BenchmarkClassOf(b *testing.B) {
	b.ReportAllocs()
	for i := range b.N {
		ClassOf([]byte(classes[i%len(classes)].path))
	}
}
