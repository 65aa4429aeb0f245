package gitwatch

import (
	"slices"
	"strings"
)

// A driver tells git what a function line is in some languages.
type driver struct {
	name       string
	extensions []string
	pattern    string // extended regular expressions, one a line
}

// drivers are of our own making for two reasons. git's patterns leave the
// indentation out, without which nobody can tell a method's neighbour from its
// inner function. And they are slow, because a group in a pattern costs: over
// 300 commits each of flask, tokio, gson and sinatra git's patterns add 18 %,
// 76 %, 103 % and 14 % to the instructions of git diff-tree -p -M -C -U0, these
// add 12 %, 17 % (ripgrep 8 %, fd 13 %), 11 % and 5 %; Markdown's adds 3 % and is
// git's. So: no groups, few patterns, and letter classes where a choice of words
// would be another pattern. They may match a little more than definitions;
// HeaderSymbol has the last word.
//
// Left to git's default, which takes any line that begins with a letter in the
// first column: Go, C and C++, where that is right; shell; JavaScript and
// TypeScript, where methods would need two patterns (23 % on typeorm), so that a
// hunk inside a method is its class's there. PHP, C#, Kotlin and Swift share
// Java's pattern and are unmeasured.
var drivers = []driver{
	{"python", []string{"py", "pyi", "pyw", "pyx"},
		// def; class and async def, but neither async with nor async for.
		"^[ \t]*def .*\n^[ \t]*[ac][sl][ya][ns][cs] [^wf].*"},
	{"rust", []string{"rs"},
		// Items of the top level, but not where; fn, pub fn, async fn and unsafe fn below it.
		"^[a-vx-z].*\n^ *[fpau][nus][ bys][^!=;{]*[(].*"},
	{"ruby", []string{"rb", "rake", "gemspec"},
		// def, class, module.
		"^[ \t]*[dcm][elo][fad][ su].*"},
	{"curly", []string{"java", "cs", "php", "kt", "kts", "swift"},
		// public, private, static, void, final, class, int, enum, override, fun …
		"^[ \t]*[psvfcieo][urtolinbxv][bioatnue][a-z]* [^=;.]*[({].*"},
	{"markdown", []string{"md", "markdown", "mkd", "mdx"},
		// Not "# x": that is a comment in a code block more often than a section.
		"^##+[ \t].*"},
}

// DriverConfig gives the settings that Attributes needs, each as "key=value"
// for git -c. A git without them falls back to its own patterns or default.
func DriverConfig() []string {
	var config []string
	for _, d := range drivers {
		config = append(config, "diff."+d.name+".xfuncname="+d.pattern)
	}
	return config
}

// plain are common extensions without a driver of ours.
var plain = []string{
	"go", "c", "h", "cc", "cpp", "hpp", "js", "jsx", "ts", "tsx", "sh",
	"rst", "txt", "html", "css", "json", "yml", "yaml", "toml",
}

// Attributes gives the text of info/attributes for a shadow git dir. Paths that
// count as names only get -diff, so that git neither reads nor compares them,
// and the languages whose definitions are indented get a driver that finds
// them; DriverConfig has its patterns.
//
// git reads the lines from the last to the first and stops at one that fits. So
// source files come right after the few patterns that can overrule them, and
// what can't, such as the extensions of images, before them: with those last,
// the look-up alone cost 8 to 11 % on repositories that have none of them.
func Attributes() []byte {
	var sources []string // lines
	common := make(map[string]bool)
	for _, d := range drivers {
		for _, ext := range d.extensions {
			sources, common[ext] = append(sources, "*."+ext+" diff="+d.name), true
		}
	}
	for _, ext := range plain {
		sources, common[ext] = append(sources, "*."+ext+" !diff"), true
	}

	var early, late []string
	drop := func(pattern string) {
		if ext := pattern[strings.LastIndexByte(pattern, '.')+1:]; common[ext] || strings.HasSuffix(pattern, "*") {
			late = append(late, pattern+" -diff")
		} else {
			early = append(early, pattern+" -diff")
		}
	}
	for end := range namesOnlyEnds {
		drop("*" + end)
	}
	for name := range namesOnlyFiles {
		drop(name)
	}
	for _, part := range generatedParts {
		drop("*" + part + "*")
	}
	drop(generatedStart + "*")
	for dir := range vendoredDirectories {
		drop("**/" + dir + "/**")
	}
	slices.Sort(early)
	slices.Sort(late)
	lines := slices.Concat(early, sources, late)
	return []byte(strings.Join(lines, "\n") + "\n")
}
