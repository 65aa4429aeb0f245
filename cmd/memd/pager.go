package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"

	"golang.org/x/term"
)

// The screen of a terminal that doesn't tell its size: the VT100's.
const (
	defaultColumns = 80
	defaultRows    = 24
)

// screen gives the size of the terminal f.
func (e *env) screen(f any) (columns, rows int) {
	if file, ok := f.(*os.File); ok {
		if c, r, err := term.GetSize(int(file.Fd())); err == nil && c > 0 && r > 0 {
			return c, r
		}
	}
	return defaultColumns, defaultRows
}

// speaksUTF8 reports whether the caller's locale has letters beyond ASCII.
func (e *env) speaksUTF8() bool {
	for _, key := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(e.getenv(key)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// show prints a page: through a pager if it is longer than the terminal.
func (e *env) show(p *page) error {
	text := p.String()
	if terminal(e.stdout) {
		_, rows := e.screen(e.stdout)
		// One row is the shell's prompt.
		if command := e.pager(); command != "" && strings.Count(text, "\n") >= rows {
			if ran, err := e.page(command, text); ran {
				return err
			}
		}
	}
	_, err := io.WriteString(e.stdout, text)
	return err
}

// pager gives the command that shows long text, "" for none.
func (e *env) pager() string {
	command := ""
	if _, err := exec.LookPath("less"); err == nil {
		command = "less"
	}
	for _, key := range []string{"MEMD_PAGER", "PAGER"} {
		if v, ok := e.lookup(key); ok {
			command = v
			break
		}
	}
	if command == "cat" || e.getenv("TERM") == "dumb" {
		return ""
	}
	return command
}

// page shows a text in a pager and waits for its end. It reports false when
// there is no such pager and nothing was shown.
func (e *env) page(command, text string) (bool, error) {
	// Ctrl-C is the pager's from here on.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)

	cmd := exec.Command("sh", "-c", command)
	cmd.Stdin = strings.NewReader(text)
	cmd.Stdout = e.stdout
	cmd.Stderr = e.stderr
	cmd.Env = slices.Clone(e.environ)
	// As git does: leave at once if it fits, show colours, keep the screen.
	for key, v := range map[string]string{"LESS": "FRX", "LV": "-c"} {
		if _, ok := e.lookup(key); !ok {
			cmd.Env = append(cmd.Env, key+"="+v)
		}
	}
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		// 126 and 127: the shell found no such program, or may not run it.
		code := exit.ExitCode()
		return code != 126 && code != 127, nil // how a pager is left means nothing
	}
	return err == nil, nil
}
