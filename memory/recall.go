package memory

// RecallQuery asks memory a question. Text may name paths, symbols, hashes and
// #numbers; what was understood comes back in Recall.Understood.
type RecallQuery struct {
	Text   string   `json:"text"`
	Paths  []string `json:"paths,omitempty"`  // only commits that touch one of these (file, folder or glob)
	Symbol string   `json:"symbol,omitempty"` // only commits that touch a symbol of this name
	Since  int64    `json:"since,omitempty"`  // seconds since 1970; 0: no limit
	Until  int64    `json:"until,omitempty"`
	Author string   `json:"author,omitempty"` // part of a name or e-mail, case folded
	At     string   `json:"at,omitempty"`     // revision; "": HEAD of the caller's worktree
	Limit  int      `json:"limit,omitempty"`  // commits; 0: DefaultLimit
	Full   bool     `json:"full,omitempty"`   // whole messages
}

// DefaultLimit is the number of commits of an answer. Ten are about a screen,
// and .86 of the answered questions have their commit among the first ten.
const DefaultLimit = 10

// MaxLimit bounds RecallQuery.Limit.
const MaxLimit = 1000

// Recall is the answer: best first in every list. Lists may be empty, never nil.
type Recall struct {
	Answer
	Commits    []CommitHit `json:"commits"`
	Files      []FileHit   `json:"files"`
	Symbols    []SymbolHit `json:"symbols"`
	Understood Understood  `json:"understood"`
	Elapsed    float64     `json:"elapsed_ms"`
}

// CommitHit is a commit that matched, and why it did.
type CommitHit struct {
	ID      string   `json:"id"` // full
	Short   string   `json:"short"`
	Subject string   `json:"subject"`
	Body    string   `json:"body,omitempty"`   // with Full
	Reason  string   `json:"reason,omitempty"` // the sentence of the body or of a comment that says why
	Author  Person   `json:"author"`
	Time    int64    `json:"time"`  // of the author, seconds since 1970
	Files   []string `json:"files"` // display paths it changed, the best matching first; at most 5 without Full
	Changed int      `json:"changed"`
	Flags   []string `json:"flags,omitempty"`
	Score   float64  `json:"score"`
	Why     []Match  `json:"why"`
	Skipped string   `json:"skipped,omitempty"`
}

// Match says what in a hit answered to what in the question.
type Match struct {
	Term  string  `json:"term"`  // as the question had it
	Where string  `json:"where"` // message, diff, path, hash, reference, author, symbol, file
	Share float64 `json:"share"` // of the hit's score
}

// FileHit is a file at the revision that likely has to do with the question.
type FileHit struct {
	Path    string   `json:"path"`
	PathB64 string   `json:"path_b64,omitempty"` // raw bytes, only where Path is not them
	Score   float64  `json:"score"`
	Commits []string `json:"commits"` // short ids of the hits that speak for it; may be empty
	Why     string   `json:"why"`
}

// SymbolHit is a symbol that likely has to do with the question.
type SymbolHit struct {
	Name    string   `json:"name"`
	Path    string   `json:"path"`
	Score   float64  `json:"score"`
	Commits []string `json:"commits"`
	Why     string   `json:"why"`
}

// Understood is what was read out of the question.
type Understood struct {
	Terms      []string `json:"terms"`                // searched for, rarest first
	Unknown    []string `json:"unknown,omitempty"`    // words that no commit has
	Paths      []string `json:"paths,omitempty"`      // paths named in the text
	Symbols    []string `json:"symbols,omitempty"`    // symbols named in the text
	Hashes     []string `json:"hashes,omitempty"`     // commits named in the text
	References []string `json:"references,omitempty"` // #123 and the like
}
