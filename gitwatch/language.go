package gitwatch

import "bytes"

// Language is what a file is written in, as far as the miner tells languages
// apart: to find definitions, and to give git a function line.
type Language uint8

// The languages. LangNone has no definitions.
const (
	LangNone Language = iota
	LangGo
	LangPython
	LangJavaScript
	LangTypeScript
	LangJava
	LangC
	LangCPP
	LangRust
	LangRuby
	LangMarkdown
	LangShell
	LangCSharp
	LangPHP
	LangKotlin
	LangSwift
	languages // how many there are
)

// String gives the lower-case name of the language, "" for LangNone.
func (l Language) String() string {
	names := [languages]string{
		"", "go", "python", "javascript", "typescript", "java", "c", "cpp", "rust",
		"ruby", "markdown", "shell", "csharp", "php", "kotlin", "swift",
	}
	if l < languages {
		return names[l]
	}
	return ""
}

// LanguageOf tells the language of a path by its extension, else by its base
// name. It does not look at contents: a header that ends in .h is C even where
// it holds C++ (whose classes the C reader finds too), and a script without an
// extension is LangNone. It does not allocate.
func LanguageOf(path []byte) Language {
	base := baseName(path)
	dot := bytes.LastIndexByte(base, '.')
	if dot < 0 {
		switch string(base) {
		case "Rakefile", "Gemfile", "Guardfile", "Vagrantfile", "Capfile":
			return LangRuby
		}
		return LangNone
	}
	var lower [12]byte
	ext := base[dot+1:]
	if len(ext) > len(lower) {
		return LangNone
	}
	for i, c := range ext {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	switch string(lower[:len(ext)]) {
	case "go":
		return LangGo
	case "py", "pyi", "pyw", "pyx":
		return LangPython
	case "js", "mjs", "cjs", "jsx", "es6":
		return LangJavaScript
	case "ts", "tsx", "mts", "cts":
		return LangTypeScript
	case "java":
		return LangJava
	case "c", "h":
		return LangC
	case "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "ipp", "tcc", "cu", "cuh":
		return LangCPP
	case "rs":
		return LangRust
	case "rb", "rake", "gemspec":
		return LangRuby
	case "md", "markdown", "mkd", "mdx":
		return LangMarkdown
	case "sh", "bash", "zsh", "ksh":
		return LangShell
	case "cs":
		return LangCSharp
	case "php", "phtml":
		return LangPHP
	case "kt", "kts":
		return LangKotlin
	case "swift":
		return LangSwift
	}
	return LangNone
}

// baseName is what follows the last slash of a path.
func baseName(path []byte) []byte {
	return path[bytes.LastIndexByte(path, '/')+1:]
}
