package gitwatch

import (
	"bytes"

	"github.com/memd-dev/memd/memory"
)

// The classes that count as names only are found by these tables, and by them
// alone: ClassOf looks a path up in them and Attributes writes them as patterns,
// so that git makes no diff of what memory would drop. Only well-known names
// are here. A path that another project writes by hand is worth more than a
// generated one that slips through, and GeneratedLine catches many of those.
// Case counts, as it does in git's patterns.

// vendoredDirectories hold other people's code at whatever depth they stand.
// Each costs git .25 % of its time.
var vendoredDirectories = map[string]bool{
	"vendor": true, "_vendor": true, "third_party": true,
	"node_modules": true, "bower_components": true, "Godeps": true,
}

// namesOnlyFiles are base names.
var namesOnlyFiles = map[string]memory.Class{
	"go.sum": memory.ClassLock, "go.work.sum": memory.ClassLock,
	"package-lock.json": memory.ClassLock, "npm-shrinkwrap.json": memory.ClassLock,
	"pnpm-lock.yaml": memory.ClassLock, "deno.lock": memory.ClassLock, "bun.lockb": memory.ClassLock,
	"gradle.lockfile": memory.ClassLock, "packages.lock.json": memory.ClassLock,
	"Package.resolved": memory.ClassLock, "Cartfile.resolved": memory.ClassLock,
	".terraform.lock.hcl": memory.ClassLock, "conda-lock.yml": memory.ClassLock,

	"bindata.go": memory.ClassGenerated, "bindata_assetfs.go": memory.ClassGenerated,

	".DS_Store": memory.ClassBinary, "Thumbs.db": memory.ClassBinary,
}

// namesOnlyEnds are ends of base names; each begins with '.' or '_'.
var namesOnlyEnds = map[string]memory.Class{
	".lock": memory.ClassLock,

	".pb.go": memory.ClassGenerated, ".pb.gw.go": memory.ClassGenerated,
	".pb.cc": memory.ClassGenerated, ".pb.h": memory.ClassGenerated, ".pb.swift": memory.ClassGenerated,
	"_pb2.py": memory.ClassGenerated, "_pb2.pyi": memory.ClassGenerated, "_pb2_grpc.py": memory.ClassGenerated,
	"_pb.js": memory.ClassGenerated, "_pb.ts": memory.ClassGenerated, "_pb.d.ts": memory.ClassGenerated,
	"_pb.rb": memory.ClassGenerated, ".gen.go": memory.ClassGenerated, ".gen.ts": memory.ClassGenerated,
	"_easyjson.go": memory.ClassGenerated, "_ffjson.go": memory.ClassGenerated,
	".g.dart": memory.ClassGenerated, ".freezed.dart": memory.ClassGenerated,
	".designer.cs": memory.ClassGenerated, ".Designer.cs": memory.ClassGenerated, ".g.cs": memory.ClassGenerated,
	".po": memory.ClassGenerated, ".pot": memory.ClassGenerated,
	".snap": memory.ClassGenerated, ".ambr": memory.ClassGenerated,

	".min.js": memory.ClassMinified, ".min.mjs": memory.ClassMinified, ".min.css": memory.ClassMinified,
	".bundle.js": memory.ClassMinified, ".bundle.css": memory.ClassMinified,
	".js.map": memory.ClassMinified, ".mjs.map": memory.ClassMinified, ".cjs.map": memory.ClassMinified,
	".ts.map": memory.ClassMinified, ".css.map": memory.ClassMinified,

	".png": memory.ClassBinary, ".PNG": memory.ClassBinary, ".jpg": memory.ClassBinary, ".JPG": memory.ClassBinary,
	".jpeg": memory.ClassBinary, ".gif": memory.ClassBinary, ".GIF": memory.ClassBinary, ".bmp": memory.ClassBinary,
	".ico": memory.ClassBinary, ".icns": memory.ClassBinary, ".webp": memory.ClassBinary, ".avif": memory.ClassBinary,
	".tif": memory.ClassBinary, ".tiff": memory.ClassBinary, ".psd": memory.ClassBinary, ".xcf": memory.ClassBinary,
	".ttf": memory.ClassBinary, ".otf": memory.ClassBinary, ".eot": memory.ClassBinary,
	".woff": memory.ClassBinary, ".woff2": memory.ClassBinary,
	".mp3": memory.ClassBinary, ".mp4": memory.ClassBinary, ".wav": memory.ClassBinary, ".ogg": memory.ClassBinary,
	".flac": memory.ClassBinary, ".mov": memory.ClassBinary, ".avi": memory.ClassBinary, ".webm": memory.ClassBinary,
	".zip": memory.ClassBinary, ".tar": memory.ClassBinary, ".gz": memory.ClassBinary, ".tgz": memory.ClassBinary,
	".bz2": memory.ClassBinary, ".xz": memory.ClassBinary, ".zst": memory.ClassBinary, ".7z": memory.ClassBinary,
	".rar": memory.ClassBinary, ".br": memory.ClassBinary, ".jar": memory.ClassBinary, ".war": memory.ClassBinary,
	".whl": memory.ClassBinary, ".egg": memory.ClassBinary, ".gem": memory.ClassBinary, ".nupkg": memory.ClassBinary,
	".deb": memory.ClassBinary, ".rpm": memory.ClassBinary, ".apk": memory.ClassBinary, ".dmg": memory.ClassBinary,
	".iso": memory.ClassBinary, ".pdf": memory.ClassBinary, ".PDF": memory.ClassBinary,
	".doc": memory.ClassBinary, ".docx": memory.ClassBinary, ".xls": memory.ClassBinary, ".xlsx": memory.ClassBinary,
	".ppt": memory.ClassBinary, ".pptx": memory.ClassBinary, ".odt": memory.ClassBinary, ".ods": memory.ClassBinary,
	".exe": memory.ClassBinary, ".dll": memory.ClassBinary, ".so": memory.ClassBinary, ".dylib": memory.ClassBinary,
	".a": memory.ClassBinary, ".o": memory.ClassBinary, ".obj": memory.ClassBinary, ".lib": memory.ClassBinary,
	".class": memory.ClassBinary, ".pyc": memory.ClassBinary, ".pyd": memory.ClassBinary, ".wasm": memory.ClassBinary,
	".bin": memory.ClassBinary, ".mo": memory.ClassBinary, ".gmo": memory.ClassBinary,
	".sqlite": memory.ClassBinary, ".sqlite3": memory.ClassBinary, ".db": memory.ClassBinary,
	".parquet": memory.ClassBinary, ".npy": memory.ClassBinary, ".npz": memory.ClassBinary, ".pkl": memory.ClassBinary,
	".onnx": memory.ClassBinary, ".pt": memory.ClassBinary, ".safetensors": memory.ClassBinary,
	".keystore": memory.ClassBinary, ".jks": memory.ClassBinary, ".p12": memory.ClassBinary, ".pfx": memory.ClassBinary,
}

// longestEnd bounds how much of a base name can be in namesOnlyEnds.
const longestEnd = len(".safetensors") + 1

// generatedParts make a base name generated wherever they stand in it, and
// generatedStart where it begins with it.
var generatedParts = [...]string{"_generated.", ".generated."}

const generatedStart = "zz_generated"

// ClassOf tells the class of a path by its name alone; links and submodules
// have no name of their own and are the caller's to find. It does not allocate.
func ClassOf(path []byte) memory.Class {
	if c := namesOnlyClass(path); c.NamesOnly() {
		return c
	}
	base := baseName(path)
	dirs := path[:len(path)-len(base)]
	lang := LanguageOf(base)
	prose := lang == LangMarkdown || proseName(base)
	switch {
	case prose && bytes.HasPrefix(base, []byte("README")):
		return memory.ClassDocument
	case testDirectory(dirs, prose) || testName(base, lang):
		return memory.ClassTest
	case prose:
		return memory.ClassDocument
	case documentDirectory(dirs, lang):
		return memory.ClassDocument
	case lang == LangNone && dataName(base):
		return memory.ClassData
	}
	return memory.ClassSource
}

// namesOnlyClass gives the class of paths that count as names only, and
// ClassSource for all others.
func namesOnlyClass(path []byte) memory.Class {
	rest := path
	for {
		i := bytes.IndexByte(rest, '/')
		if i < 0 {
			break
		}
		if vendoredDirectories[string(rest[:i])] {
			return memory.ClassVendored
		}
		rest = rest[i+1:]
	}
	base := rest
	if c, ok := namesOnlyFiles[string(base)]; ok {
		return c
	}
	for i := max(0, len(base)-longestEnd); i < len(base); i++ {
		if base[i] == '.' || base[i] == '_' {
			if c, ok := namesOnlyEnds[string(base[i:])]; ok {
				return c
			}
		}
	}
	for _, part := range generatedParts {
		if bytes.Contains(base, []byte(part)) {
			return memory.ClassGenerated
		}
	}
	if bytes.HasPrefix(base, []byte(generatedStart)) {
		return memory.ClassGenerated
	}
	return memory.ClassSource
}

// testDirectory reports whether one of the directories holds tests or their
// data. A spec directory of prose is a specification. "t" and "testing" are
// tests only at the top, as in git and pytest.
func testDirectory(dirs []byte, prose bool) bool {
	for top := true; len(dirs) > 0; top = false {
		i := bytes.IndexByte(dirs, '/')
		switch string(dirs[:i]) {
		case "test", "tests", "__tests__", "__mocks__", "testdata", "fixtures", "test-data", "test_data",
			"e2e", "unittests", "integration-tests", "integration_tests", "tests-integration":
			return true
		case "spec", "specs":
			if !prose {
				return true
			}
		case "t", "testing":
			if top {
				return true
			}
		}
		dirs = dirs[i+1:]
	}
	return false
}

// testName reports whether a base name is that of a test.
func testName(base []byte, lang Language) bool {
	dot := bytes.LastIndexByte(base, '.')
	if dot < 0 || lang == LangNone {
		return false
	}
	stem := base[:dot]
	ends := func(s string) bool { return len(stem) > len(s) && string(stem[len(stem)-len(s):]) == s }
	switch lang {
	case LangGo, LangRust:
		return ends("_test") || lang == LangRust && (ends("_tests") || string(stem) == "tests")
	case LangPython:
		return ends("_test") || bytes.HasPrefix(stem, []byte("test_")) ||
			string(stem) == "tests" || string(stem) == "conftest"
	case LangJavaScript, LangTypeScript:
		return ends(".test") || ends(".spec") || ends("_test") || ends("-test") || ends(".e2e") || ends(".cy")
	case LangRuby:
		return ends("_test") || ends("_spec")
	case LangJava, LangKotlin, LangCSharp, LangPHP, LangSwift:
		return ends("Test") || ends("Tests") || ends("IT") || ends("Spec")
	case LangC, LangCPP:
		return ends("_test") || ends("_tests") || ends("_unittest") || ends("-test")
	}
	return false
}

// proseName reports whether a base name is that of a text for people.
func proseName(base []byte) bool {
	dot := bytes.LastIndexByte(base, '.')
	if dot > 0 {
		switch string(base[dot+1:]) {
		case "rst", "adoc", "asciidoc", "org", "pod", "tex", "texi", "rdoc", "textile", "wiki":
			return true
		case "txt":
			return string(base) != "CMakeLists.txt" && string(base) != "robots.txt" &&
				!bytes.HasPrefix(base, []byte("requirements")) && !bytes.HasPrefix(base, []byte("constraints"))
		}
		return false
	}
	switch string(base) {
	case "README", "CHANGELOG", "CHANGES", "ChangeLog", "NEWS", "HISTORY", "AUTHORS", "CONTRIBUTORS",
		"CONTRIBUTING", "LICENSE", "LICENCE", "COPYING", "NOTICE", "INSTALL", "TODO", "MAINTAINERS",
		"THANKS", "CREDITS", "PATENTS", "RelNotes":
		return true
	}
	return false
}

// documentDirectory reports whether a path without an extension of prose is
// documentation by its place: anything under docs at the top, and further down
// what is in no programming language.
func documentDirectory(dirs []byte, lang Language) bool {
	for top := true; len(dirs) > 0; top = false {
		i := bytes.IndexByte(dirs, '/')
		switch string(dirs[:i]) {
		case "docs", "doc", "Documentation":
			if top || lang == LangNone {
				return true
			}
		}
		dirs = dirs[i+1:]
	}
	return false
}

// dataName reports whether a base name is that of configuration or data.
func dataName(base []byte) bool {
	dot := bytes.LastIndexByte(base, '.')
	if dot < 0 {
		return false
	}
	if dot == 0 {
		return true // .gitignore and the like
	}
	if string(base) == "CMakeLists.txt" {
		return false
	}
	switch string(base[dot+1:]) {
	case "yaml", "yml", "json", "json5", "jsonc", "jsonl", "ndjson", "toml", "xml", "xsd", "html", "htm",
		"csv", "tsv", "ini", "cfg", "conf", "config", "properties", "env", "svg", "plist", "ipynb",
		"txt", "dat", "geojson", "webmanifest", "editorconfig", "mod", "work", "pem", "crt", "patch", "diff":
		return true
	}
	return false
}
