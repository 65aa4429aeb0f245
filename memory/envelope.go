package memory

// Envelope is what every request carries besides its question.
type Envelope struct {
	Worktree string // absolute real path of the caller's worktree (bare: the git dir)
	Client   string // name/version, as the client gave it
	Session  string // "" for the command line
	Actor    Actor
}

// Actor says who asks. Rights go by it, not by the front-end.
type Actor string

// The actors. The zero value counts as ActorUnknown.
const (
	ActorPerson  Actor = "person"
	ActorAgent   Actor = "agent"
	ActorUnknown Actor = "unknown"
)

// Answer is what every answer carries besides its content.
type Answer struct {
	Revision string `json:"revision"` // full id that HEAD or --at resolved to
	AsOf     string `json:"as_of"`    // full id of the newest mined commit of the revision's history
	Behind   int    `json:"behind"`   // commits of the revision's history, newer than AsOf, that are not mined
	Mined    int    `json:"mined"`    // commits mined, of all followed refs
	Total    int    `json:"total"`    // commits reachable from all followed refs
	Epoch    int64  `json:"epoch"`    // raised by every hide and rebuild
	Shallow  bool   `json:"shallow,omitempty"`
}
