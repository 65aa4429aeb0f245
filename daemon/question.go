package daemon

import (
	"context"
	"errors"
	"path"
	"strings"
	"unicode"

	"github.com/memd-dev/memd/memory"
	"github.com/memd-dev/memd/memory/sqlite"
)

// mentions is what a question names exactly.
type mentions struct {
	commits    []memory.Ordinal // named by hash
	hashes     []string
	references []string // issue numbers without '#'
	files      []sqlite.File
	symbols    []sqlite.Symbol
}

// maxMentions bounds each kind: a pasted log names hundreds.
const maxMentions = 20

// mentioned finds hashes, issue numbers, paths and symbols in a question. Only
// what memory has counts as a mention: a word that looks like a path and is
// none stays a word.
func (d *Daemon) mentioned(ctx context.Context, text string) (mentions, error) {
	var m mentions
	for _, word := range strings.FieldsFunc(text, wordBreak) {
		word = strings.Trim(word, ".:?!'\"`")
		word = strings.TrimSuffix(strings.TrimSuffix(word, "()"), "'s")
		var err error
		switch {
		case len(word) < 2 || len(word) > 512:
		case issueNumber(word) != "":
			if n := issueNumber(word); len(m.references) < maxMentions {
				m.references = append(m.references, n)
			}
		case looksLikeHash(word):
			err = d.mentionHash(ctx, word, &m)
		case strings.ContainsAny(word, "/") || strings.Contains(strings.Trim(word, "."), "."):
			if err = d.mentionPath(ctx, word, &m); err == nil {
				err = d.mentionSymbol(ctx, word, &m)
			}
		case looksLikeSymbol(word):
			err = d.mentionSymbol(ctx, word, &m)
		}
		if err != nil {
			return m, err
		}
	}
	return m, nil
}

func wordBreak(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(",;(){}[]<>=|&\"`'", r)
}

// issueNumber gives the number of #123 or GH-123, else "".
func issueNumber(word string) string {
	n, ok := strings.CutPrefix(word, "#")
	if !ok {
		if n, ok = strings.CutPrefix(strings.ToUpper(word), "GH-"); !ok {
			return ""
		}
	}
	if len(n) == 0 || len(n) > 9 || strings.Trim(n, "0123456789") != "" {
		return ""
	}
	return n
}

// looksLikeHash takes 7 to 64 hex digits with a digit among them: "defaced" and
// "effaced" are words.
func looksLikeHash(word string) bool {
	if len(word) < 7 || len(word) > 64 || strings.Trim(strings.ToLower(word), "0123456789abcdef") != "" {
		return false
	}
	return strings.ContainsAny(word, "0123456789")
}

// looksLikeSymbol takes words that are written as no prose is: an underscore, a
// capital inside, a scope.
func looksLikeSymbol(word string) bool {
	if strings.ContainsAny(word, "_:") {
		return true
	}
	for i, r := range word {
		if i > 0 && unicode.IsUpper(r) && strings.ToUpper(word) != word {
			return true
		}
	}
	return false
}

func (d *Daemon) mentionHash(ctx context.Context, word string, m *mentions) error {
	found, err := d.db.Prefix(ctx, word, 3)
	if err != nil || len(found) == 0 || len(m.commits) >= maxMentions {
		return err
	}
	m.hashes = append(m.hashes, word)
	m.commits = append(m.commits, found...)
	return nil
}

// mentionPath finds a file by its path, by the end of its path, or by its base
// name where that is told apart.
func (d *Daemon) mentionPath(ctx context.Context, word string, m *mentions) error {
	if len(m.files) >= maxMentions {
		return nil
	}
	word = strings.TrimPrefix(path.Clean(word), "./")
	f, err := d.db.FileByPath(ctx, []byte(word))
	if err == nil {
		m.files = append(m.files, f)
		return nil
	}
	if !errors.Is(err, memory.ErrNotFound) {
		return err
	}
	named, err := d.db.FilesEnding(ctx, word, 4)
	if err != nil || len(named) > 3 { // four files of one name tell nothing
		return err
	}
	m.files = append(m.files, named...)
	return nil
}

func (d *Daemon) mentionSymbol(ctx context.Context, word string, m *mentions) error {
	if len(m.symbols) >= maxMentions {
		return nil
	}
	for _, name := range []string{word, strings.ReplaceAll(word, "::", ".")} {
		found, err := d.db.SymbolsNamed(ctx, name, 8)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			m.symbols = append(m.symbols, found...)
			return nil
		}
	}
	return nil
}

// names gives the display names of what was mentioned.
func (m *mentions) names(u *memory.Understood) {
	for _, f := range m.files {
		u.Paths = append(u.Paths, memory.DisplayPath(f.Path))
	}
	seen := make(map[string]bool)
	for _, s := range m.symbols {
		if !seen[s.Name] {
			seen[s.Name] = true
			u.Symbols = append(u.Symbols, s.Name)
		}
	}
	u.Hashes = m.hashes
	for _, r := range m.references {
		u.References = append(u.References, "#"+r)
	}
}
