package sqlite

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/memd-dev/memd/memory"
)

// maxCached bounds each map of the cache: about 20 MB when full. A repository
// with more symbols starts the map anew and asks the database again.
const maxCached = 120_000

// idCache remembers the ids of names, so that the writer asks the database
// once per name and not once per hunk.
type idCache struct {
	files   map[string]knownFile
	symbols map[symbolKey]int64
	people  map[memory.Person]int64
}

type knownFile struct {
	id    int64
	class memory.Class
}

type symbolKey struct {
	file int64
	name string
}

func newIDCache() *idCache {
	return &idCache{files: map[string]knownFile{}, symbols: map[symbolKey]int64{}, people: map[memory.Person]int64{}}
}

// ids finds or makes the ids of names inside one transaction.
type ids struct {
	cache *idCache
	exec  func(text string, args ...any) (int64, error)
	query func(dest []any, text string, args ...any) error
}

// file gives the id of a path. Its class is the largest that any change gave
// it, so that it does not depend on the order of mining; where only a name is
// known, ClassSource says nothing.
func (s *ids) file(path []byte, class memory.Class) (int64, error) {
	f, ok := s.cache.files[string(path)]
	if !ok {
		if len(s.cache.files) > maxCached {
			clear(s.cache.files)
		}
		err := s.query([]any{&f.id, &f.class}, "SELECT id, class FROM file WHERE path = ?", path)
		if errors.Is(err, sql.ErrNoRows) {
			f.class = class
			if f.id, err = s.exec("INSERT INTO file (path, class) VALUES (?, ?)", path, int64(class)); err != nil {
				return 0, err
			}
			err = s.name(2*f.id, memory.DisplayPath(path))
		}
		if err != nil {
			return 0, err
		}
	}
	if class > f.class {
		f.class = class
		if _, err := s.exec("UPDATE file SET class = ? WHERE id = ?", int64(class), f.id); err != nil {
			return 0, err
		}
	}
	s.cache.files[string(path)] = f
	return f.id, nil
}

func (s *ids) symbol(file int64, name string) (int64, error) {
	key := symbolKey{file, name}
	if id, ok := s.cache.symbols[key]; ok {
		return id, nil
	}
	if len(s.cache.symbols) > maxCached {
		clear(s.cache.symbols)
	}
	var id int64
	err := s.query([]any{&id}, "SELECT id FROM symbol WHERE file = ? AND name = ?", file, name)
	if errors.Is(err, sql.ErrNoRows) {
		if id, err = s.exec("INSERT INTO symbol (file, name) VALUES (?, ?)", file, name); err != nil {
			return 0, err
		}
		err = s.name(2*id+1, name)
	}
	if err != nil {
		return 0, err
	}
	s.cache.symbols[key] = id
	return id, nil
}

// name puts the words of a name into the word index.
func (s *ids) name(row int64, text string) error {
	var words []string
	memory.Tokens(text, func(term string) { words = append(words, term) })
	if len(words) == 0 {
		return nil
	}
	_, err := s.exec("INSERT INTO name (rowid, terms) VALUES (?, ?)", row, strings.Join(words, " "))
	return err
}

func (s *ids) person(p memory.Person) (int64, error) {
	if id, ok := s.cache.people[p]; ok {
		return id, nil
	}
	if len(s.cache.people) > maxCached {
		clear(s.cache.people)
	}
	var id int64
	err := s.query([]any{&id}, "SELECT id FROM person WHERE name = ? AND email = ?", p.Name, p.Email)
	if errors.Is(err, sql.ErrNoRows) {
		id, err = s.exec("INSERT INTO person (name, email) VALUES (?, ?)", p.Name, p.Email)
	}
	if err != nil {
		return 0, err
	}
	s.cache.people[p] = id
	return id, nil
}
