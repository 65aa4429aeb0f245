// Package memory says what memd remembers about one repository, and defines
// the one Service that every front-end uses.
//
// It imports the standard library only, and nothing of memd. Technology lives
// below or beside it: package sqlite keeps the index, package gitwatch mines
// git into the types of this package, package daemon implements Service.
//
// What is evidence (commits, changes, hunks, symbols, reasons) is mined from
// git and can be rebuilt at any time. Its types are Commit, Change and Hunk;
// they carry text that is already cleaned (Clean) and redacted.
//
// A question goes through Recall:
//
//	answer, err := service.Recall(ctx, memory.Envelope{Worktree: dir, Actor: memory.ActorPerson},
//		memory.RecallQuery{Text: "why do we retry seven times", Limit: 10})
//
// Everything in this package is safe for concurrent use unless its comment
// says otherwise. What is stable for users is the command line, the wire and
// the journal's format, not this Go API.
package memory
