package gitwatch

import (
	"bytes"

	"github.com/memd-dev/memd/memory"
)

// The classes that count as names only are found by these tables, and by them
// alone: ClassOf looks a path up in them and Attributes writes them as patterns,
// so that git makes no diff of what memory would drop, binary files apart. Only well-known names
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
	"pnpm-lock.yaml": memory.ClassLock, "bun.lockb": memory.ClassLock,
	"gradle.lockfile": memory.ClassLock, "packages.lock.json": memory.ClassLock,
	"Package.resolved": memory.ClassLock, ".terraform.lock.hcl": memory.ClassLock,

	"bindata.go": memory.ClassGenerated, "bindata_assetfs.go": memory.ClassGenerated,
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
}

// binaryExtensions are of formats that are no text, in lower or upper case. They
// have no pattern but those of textLike: git sees for itself that a file is
// binary, and each line of attributes costs .04 % of its time.
var binaryExtensions = map[string]bool{
	"png": true, "jpg": true, "jpeg": true, "gif": true, "bmp": true, "ico": true, "icns": true, "webp": true,
	"avif": true, "tif": true, "tiff": true, "psd": true, "xcf": true, "ttf": true, "otf": true, "eot": true,
	"woff": true, "woff2": true, "mp3": true, "mp4": true, "wav": true, "ogg": true, "flac": true, "mov": true,
	"avi": true, "webm": true, "zip": true, "tar": true, "gz": true, "tgz": true, "bz2": true, "xz": true,
	"zst": true, "7z": true, "rar": true, "br": true, "jar": true, "war": true, "whl": true, "egg": true,
	"gem": true, "nupkg": true, "deb": true, "rpm": true, "apk": true, "dmg": true, "iso": true, "pdf": true,
	"doc": true, "docx": true, "xls": true, "xlsx": true, "ppt": true, "pptx": true, "odt": true, "ods": true,
	"exe": true, "dll": true, "so": true, "dylib": true, "a": true, "o": true, "obj": true, "lib": true,
	"class": true, "pyc": true, "pyd": true, "wasm": true, "bin": true, "mo": true, "gmo": true, "sqlite": true,
	"sqlite3": true, "db": true, "parquet": true, "npy": true, "npz": true, "pkl": true, "onnx": true,
	"pt": true, "safetensors": true, "keystore": true, "jks": true, "p12": true, "pfx": true,
}

// textLike are the formats among them that git may take for text.
var textLike = [...]string{"pdf", "obj"}

// longestBinary bounds the length of what is looked up in binaryExtensions.
const longestBinary = len("safetensors")

// longestEnd bounds how much of a base name can be in namesOnlyEnds.
const longestEnd = len(".freezed.dart")

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
	if binaryName(base) {
		return memory.ClassBinary
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

// binaryName reports whether a base name ends in an extension of a binary
// format.
func binaryName(base []byte) bool {
	ext := base[bytes.LastIndexByte(base, '.')+1:]
	if len(ext) == len(base) || len(ext) > longestBinary {
		return false
	}
	if binaryExtensions[string(ext)] {
		return true
	}
	var lower [longestBinary]byte
	for i, c := range ext {
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case c < '0' || c > '9':
			return false
		}
		lower[i] = c
	}
	return binaryExtensions[string(lower[:len(ext)])]
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
