//go:build !linux

package gitwatch

// limitMemory does nothing: only Linux sets a limit of another process. The
// child keeps its other limits: silence, output and deadline.
func limitMemory(pid int, bytes uint64) {}
