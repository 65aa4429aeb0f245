package memory

// Status is one screen about a memory.
type Status struct {
	Answer
	Repository    string         `json:"repository"` // display path of the common dir
	RepoID        string         `json:"repo_id"`
	Branch        string         `json:"branch,omitempty"` // of the caller's worktree
	DefaultBranch string         `json:"default_branch,omitempty"`
	EnrolledBy    Actor          `json:"enrolled_by"`
	EnrolledAt    int64          `json:"enrolled_at"` // seconds since 1970
	Worktrees     []string       `json:"worktrees"`
	Paths         StatusPaths    `json:"paths"`
	Counts        StatusCounts   `json:"counts"`
	Oldest        int64          `json:"oldest_s,omitempty"` // committer's time of the oldest mined commit, seconds since 1970
	Newest        int64          `json:"newest_s,omitempty"` // and of the newest
	IndexBytes    int64          `json:"index_bytes"`
	PackBytes     int64          `json:"pack_bytes"`
	Skipped       map[string]int `json:"skipped,omitempty"` // by reason: commits and files without hunks
	ReadOnly      bool           `json:"read_only,omitempty"`
	Parked        []string       `json:"parked,omitempty"` // other memories that this path had before
	Git           string         `json:"git"`              // version of the git that is used
	Wrong         []string       `json:"wrong,omitempty"`  // what needs attention, one line each
}

// StatusPaths are the places where memd keeps what it knows of a repository.
type StatusPaths struct {
	Data     string `json:"data"`     // the journal: keys, and what people said
	State    string `json:"state"`    // what may be lost: index, shadow git dir
	Index    string `json:"index"`    // the SQLite file
	Registry string `json:"registry"` // repositories.json
	Config   string `json:"config"`
}

// StatusCounts counts rows of the index.
type StatusCounts struct {
	Commits int `json:"commits"`
	Merges  int `json:"merges"`
	Files   int `json:"files"`
	Changes int `json:"changes"`
	Symbols int `json:"symbols"`
	Reasons int `json:"reasons"`
	People  int `json:"people"`
}
