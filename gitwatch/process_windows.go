package gitwatch

import (
	"io/fs"
	"os"
	"os/exec"
)

var gitNames = []string{"git.exe"}

func runnable(info fs.FileInfo) bool { return info.Mode().IsRegular() }

func ownGroup(*exec.Cmd) {}

func killGroup(p *os.Process) { _ = p.Kill() }

// ours is false: Go doesn't tell the owner of a file here, and an unknown
// owner is another user. Such repositories need safe.directory.
func ours(fs.FileInfo) bool { return false }
