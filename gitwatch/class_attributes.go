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
// 76 %, 103 % and 14 % to the instructions of git diff-tree -p -M -C -U0. These
// add 12 %, 18 % (ripgrep 9 %, fd 15 %), 13 % and 5 %. So: no groups, few
// patterns (each costs a call for each line between two hunks), and letter
// classes where a choice of words would be another pattern. They may match a
// little more than definitions; HeaderSymbol has the last word.
//
// Left to git's default, which takes any line that begins with a letter in the
// first column: Go, C and C++, where that is right; shell; JavaScript and
// TypeScript, where methods would need two patterns (23 % on typeorm), so that a
// hunk inside a method is its class's there. PHP, C#, Kotlin and Swift share
// Java's pattern and are unmeasured.
var drivers = []driver{
	{"python", []string{"py", "pyi"},
		// def; class and async def, but neither async with nor async for.
		"^[ \t]*def .*\n^[ \t]*[ac][sl][ya][ns][cs] [^wf].*"},
	{"rust", []string{"rs"},
		// Items of the top level, but not where; fn, pub fn, async fn and unsafe fn below it.
		"^[a-vx-z].*\n^ *[fpau][nus][ bys][^!=;{]*[(].*"},
	{"ruby", []string{"rb"},
		// def, class, module.
		"^[ \t]*[dcm][elo][fad][ su].*"},
	{"curly", []string{"java", "cs", "php", "kt", "swift"},
		// public, private, static, void, final, class, int, enum, override, fun …
		"^[ \t]*[psvfcieo][urtolinbxv][bioatnue][a-z]* [^=;.]*[({].*"},
	{"markdown", []string{"md"},
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

// Attributes gives the text of info/attributes for a shadow git dir. Paths that
// count as names only get -diff, so that git neither reads nor compares them,
// and the languages whose definitions are indented get a driver that finds
// them; DriverConfig has its patterns.
//
// git goes over all lines for each file, so their number is what they cost: 180
// cost 7 to 10 % on repositories where few fit, in whatever order, and these cost
// 3 to 4 %. Where there are lock files they save more (caddy 6 %, fd 16 %).
func Attributes() []byte {
	var lines, drops []string
	for _, d := range drivers {
		for _, ext := range d.extensions {
			lines = append(lines, "*."+ext+" diff="+d.name)
		}
	}
	drops = append(drops, generatedStart+"*")
	for _, part := range generatedParts {
		drops = append(drops, "*"+part+"*")
	}
	for name := range namesOnlyFiles {
		drops = append(drops, name)
	}
	for end := range namesOnlyEnds {
		drops = append(drops, "*"+end)
	}
	for _, ext := range textLike {
		drops = append(drops, "*."+ext)
	}
	for dir := range vendoredDirectories {
		drops = append(drops, "**/"+dir+"/**")
	}
	slices.Sort(drops)
	for _, pattern := range drops { // last, because the last line that fits wins
		lines = append(lines, pattern+" -diff")
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}
