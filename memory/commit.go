package memory

// Commit is one mined commit: evidence. Text fields are valid UTF-8, free of
// control characters, bounded (Clean) and redacted. Source: git.
type Commit struct {
	ID        string   // full object id, lower-case hex (40 or 64 digits)
	Parents   []string // full ids, first parent first; nil for a root
	Author    Person
	Committer Person
	Authored  int64 // seconds since 1970, UTC
	Committed int64 // seconds since 1970, UTC; "now" of recency is the newest of these
	Subject   string
	Body      string // without the subject, trailers included
	Flags     Flags
	PatchID   string // 32 hex digits over the raw -U0 hunks, "" where there are none
	Refs      []Reference
	Changes   []Change
	Merged    [][]byte // merges: raw paths that differ from the first parent, names only
	Document  Document // terms for change recall
	Skipped   string   // why hunks are missing, "" when the commit is whole
}

// Person is an author or committer as the commit names them, cleaned.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Flags are facts about a commit that are read off its message and its diff.
type Flags uint16

// The flags of a commit.
const (
	FlagMerge      Flags = 1 << iota // has two or more parents
	FlagRevert                       // says that it reverts another commit
	FlagFixup                        // fixup!, squash! or amend!
	FlagFix                          // says that it repairs something
	FlagBot                          // written by a known automaton
	FlagRelease                      // only makes a release
	FlagFormatting                   // changes white space or layout only
)

// Names gives the names of the flags that are set, in a fixed order.
func (f Flags) Names() []string {
	var names []string
	for i, n := range []string{"merge", "revert", "fixup", "fix", "bot", "release", "formatting"} {
		if f&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return names
}

// Reference is something that a commit message points at.
type Reference struct {
	Kind  ReferenceKind `json:"kind"`
	Value string        `json:"value"` // an issue number without '#', a hash in hex, a trailer's value
}

// ReferenceKind says how a message points at something.
type ReferenceKind string

// The kinds of reference.
const (
	RefIssue      ReferenceKind = "issue"       // #123, GH-123, PROJ-123
	RefCommit     ReferenceKind = "commit"      // a hash in the text
	RefReverts    ReferenceKind = "reverts"     // This reverts commit …
	RefFixes      ReferenceKind = "fixes"       // Fixes: <hash>
	RefCherryPick ReferenceKind = "cherry-pick" // (cherry picked from commit …)
)

// ChangeStatus is git's letter for what happened to a path.
type ChangeStatus byte

// The statuses, with git's letters.
const (
	Added       ChangeStatus = 'A'
	Modified    ChangeStatus = 'M'
	Deleted     ChangeStatus = 'D'
	Renamed     ChangeStatus = 'R'
	Copied      ChangeStatus = 'C'
	TypeChanged ChangeStatus = 'T'
)

// Change is what a commit did to one file, seen from one parent.
type Change struct {
	Path    []byte // raw bytes, the identity; the old path of a deletion
	OldPath []byte // raw bytes; set for renames and copies, else nil
	Status  ChangeStatus
	Parent  int    // index of the parent it is seen from; 0 but for merges
	OldBlob string // full id, "" when the path did not exist
	NewBlob string // full id, "" when the path was deleted
	Class   Class
	// Hunks are in the order of the file. Empty for renames without edits, for
	// names-only classes, and for merges (made on first use by the line trace).
	Hunks   []Hunk
	Lazy    bool     // hunks are not mined: the trace diffs the two blobs on first use
	Reasons []Reason // reason-bearing comments that the hunks add or remove
	Skipped string   // why hunks are missing, "" when they are all here
}

// Hunk is one run of lines that a change replaced, without context (-U0).
// Lines count from 1. With no old lines OldStart is the line after which the
// new ones stand, and the other way round, as in git's hunk headers.
type Hunk struct {
	OldStart, OldLines int
	NewStart, NewLines int
	Symbols            []string // symbols it touches, enclosing one first; may be nil
	Removed            []uint32 // line hashes of the removed lines, in order
	Added              []uint32 // line hashes of the added lines, in order
}

// Reason is a sentence in a comment that says why the code is as it is.
type Reason struct {
	Text    string // cleaned and redacted
	Symbol  string // the symbol it stands in, "" at the top level
	Line    int    // in the new file when added, in the old one when removed
	Removed bool   // the commit took the comment out
}

// Class says how a path is treated: what is not source or text counts as a
// name only, and tests and documents rank lower as places to change.
type Class uint8

// The classes of a path.
const (
	ClassSource    Class = iota
	ClassTest            // tests and their data
	ClassDocument        // prose
	ClassData            // configuration and data: yaml, json, html
	ClassVendored        // somebody else's code: names only
	ClassGenerated       // made by a tool: names only
	ClassMinified        // names only
	ClassLock            // lock and sum files: names only
	ClassBinary          // names only
	ClassLink            // symbolic links and submodules: names only
)

// NamesOnly reports whether hunks of such paths are left out of memory.
func (c Class) NamesOnly() bool { return c >= ClassVendored }

// String gives the name of the class.
func (c Class) String() string {
	names := [...]string{"source", "test", "document", "data", "vendored", "generated", "minified", "lock", "binary", "link"}
	if int(c) < len(names) {
		return names[c]
	}
	return "unknown"
}

// Document holds the terms of one commit for change recall, by field. A term
// stands once, with its counts.
type Document struct {
	Terms   []Term
	Lengths [Fields]int // number of tokens per field
}

// Term is a token of a document and how often it stands in each field.
type Term struct {
	Text   string
	Counts [Fields]uint16
}

// The fields of a document. They are scored apart and summed: one flat
// document loses (R@5 .72 against .79–.81).
const (
	FieldMessage = iota
	FieldDiff
	FieldPath
	Fields // how many there are
)
