package gitwatch

import "testing"

func TestLanguageOf(t *testing.T) {
	for path, want := range map[string]string{
		"main.go":              "go",
		"a/b.PY":               "python",
		"src/x.pyi":            "python",
		"lib/express.mjs":      "javascript",
		"x.jsx":                "javascript",
		"x.tsx":                "typescript",
		"A.java":               "java",
		"builtin/log.c":        "c",
		"log.h":                "c",
		"x.C++":                "cpp",
		"x.hpp":                "cpp",
		"src/lib.rs":           "rust",
		"tasks/Rakefile":       "ruby",
		"x.gemspec":            "ruby",
		"README.md":            "markdown",
		"t/t0000-basic.sh":     "shell",
		"P.cs":                 "csharp",
		"index.php":            "php",
		"build.gradle.kts":     "kotlin",
		"App.swift":            "swift",
		"Makefile":             "",
		"a.go/readme":          "",
		"x.averyveryverylong":  "",
		"dir.go/x":             "",
		"":                     "",
		"trailing.":            "",
		"/":                    "",
		"caf\xe9.go":           "go",
		".go":                  "go",
		"docs/reference.mdx":   "markdown",
		"Gemfile":              "ruby",
		"vendor/x/Gemfile.old": "",
	} {
		if got := LanguageOf([]byte(path)).String(); got != want {
			t.Errorf("LanguageOf(%q) = %q, want %q", path, got, want)
		}
	}
	if got := Language(200).String(); got != "" {
		t.Errorf("unknown language is called %q", got)
	}
	path := []byte("a/long/path/to/some/File.PY")
	if n := testing.AllocsPerRun(100, func() { LanguageOf(path) }); n != 0 {
		t.Errorf("LanguageOf allocates %v times", n)
	}
}
