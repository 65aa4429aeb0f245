package memory

// WhyQuery asks for the story of a file, a symbol or a range of lines.
type WhyQuery struct {
	Path   []byte `json:"path"` // raw bytes, relative to the top of the repository, with '/'
	Symbol string `json:"symbol,omitempty"`
	First  int    `json:"first,omitempty"` // lines from 1; 0: no lines
	Last   int    `json:"last,omitempty"`
	At     string `json:"at,omitempty"` // revision; "": HEAD of the caller's worktree and, for lines, the file as it is there
	Limit  int    `json:"limit,omitempty"`
}

// Why is the story: what set these lines, what changed them before, and the
// stated reason.
type Why struct {
	Answer
	Path    string    `json:"path"` // display
	PathB64 string    `json:"path_b64,omitempty"`
	Symbol  string    `json:"symbol,omitempty"`
	Lines   []LineWhy `json:"lines,omitempty"` // one per run of lines with the same commit
	Story   []Event   `json:"story"`           // newest first
	Names   []string  `json:"names,omitempty"` // former paths, newest first
	Quality string    `json:"quality"`         // exact or probable
	Note    string    `json:"note,omitempty"`  // "no reason recorded", what fell back and why
	More    int       `json:"more,omitempty"`  // events beyond Limit
	Elapsed float64   `json:"elapsed_ms"`
}

// LineWhy is a run of lines and the commit that set them.
type LineWhy struct {
	First   int    `json:"first"` // line in the file as asked
	Last    int    `json:"last"`
	ID      string `json:"id"` // full id; "" for lines that are not committed
	Short   string `json:"short"`
	Subject string `json:"subject,omitempty"`
	Author  Person `json:"author"`
	Time    int64  `json:"time,omitempty"` // of the author, seconds since 1970
	Path    string `json:"path"`           // display path in that commit
	Line    int    `json:"line"`           // number of the first line in that commit's version of the file
	Quality string `json:"quality"`        // exact, probable or uncommitted
	Symbol  string `json:"symbol,omitempty"`
	Origin  string `json:"origin,omitempty"` // short id behind formatting and moves, where it differs
}

// Event is one commit of a story.
type Event struct {
	ID      string   `json:"id"`
	Short   string   `json:"short"`
	Subject string   `json:"subject"`
	Author  Person   `json:"author"`
	Time    int64    `json:"time"`
	What    string   `json:"what"` // introduced, changed, renamed from …, moved, formatted, reverted …
	Reason  string   `json:"reason,omitempty"`
	Source  string   `json:"source,omitempty"` // where the reason stands: message, comment, trailer
	Refs    []string `json:"refs,omitempty"`
	Flags   []string `json:"flags,omitempty"`
}

// The qualities of a traced line.
const (
	QualityExact       = "exact"
	QualityProbable    = "probable"
	QualityUncommitted = "uncommitted"
)
