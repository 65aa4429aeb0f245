package gitwatch

import (
	"syscall"
	"unsafe"
)

const rlimitData = 2 // RLIMIT_DATA of <asm-generic/resource.h>

// limitMemory bounds the heap of a process that runs already. RLIMIT_DATA and
// not RLIMIT_AS: under the latter git maps no pack of 500 MB and ends at once,
// under the former it reads the same bytes as without a limit (measured).
// It is set right after the start because Go can't set it in the child; git
// allocates nothing to speak of in between. A sandbox that forbids prlimit(2)
// leaves the child with its other limits: silence, output and deadline.
func limitMemory(pid int, bytes uint64) {
	limit := struct{ soft, hard uint64 }{bytes, bytes}
	_, _, _ = syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), rlimitData,
		uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
}
