package main

import (
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// build says which memd this is. Source: the Go tool, at link time.
type build struct {
	Version  string `json:"version"`            // of the module, "devel" if it has none
	Commit   string `json:"commit,omitempty"`   // full id
	Time     string `json:"time,omitempty"`     // of the commit, RFC 3339
	Modified bool   `json:"modified,omitempty"` // built from more than the commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
	SQLite   string `json:"sqlite,omitempty"` // version of the driver, which carries SQLite
	Schema   int    `json:"schema"`           // version of the index that this memd writes
}

// sqliteDriver is the module that carries SQLite.
const sqliteDriver = "github.com/mattn/go-sqlite3"

// readBuild reads what the Go tool wrote into the program.
func readBuild() build {
	b := build{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Schema: schema()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	for _, d := range info.Deps {
		if d.Path == sqliteDriver {
			b.SQLite = d.Version
		}
	}
	return b
}

func newVersionCmd(e *env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version [flags]",
		Short:   "print which memd this is",
		Long:    "Prints version, commit, Go, SQLite driver and index schema of this memd. It opens nothing.",
		Example: "memd version\nmemd version --json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			return e.printVersion(asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the version as JSON")
	return cmd
}

func (e *env) printVersion(asJSON bool) error {
	b := readBuild()
	if asJSON {
		return e.printJSON(b)
	}
	p := e.newPage()
	p.line(0, span{text: "memd " + b.Version})
	commit := b.Commit
	if day, _, ok := strings.Cut(b.Time, "T"); ok {
		commit += " of " + day
	}
	if b.Modified {
		commit += ", modified"
	}
	p.field("commit", commit)
	p.field("go", b.Go+" "+b.Platform)
	if b.SQLite != "" {
		p.field("sqlite", sqliteDriver+" "+b.SQLite)
	}
	p.field("schema", strconv.Itoa(b.Schema)+" of the index")
	return e.show(p)
}
