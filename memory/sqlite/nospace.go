package sqlite

import "syscall"

// errNoSpace is what the system answers on a full disk; SQLite reports it as
// an I/O error when the write-ahead log's shared memory can't grow.
const errNoSpace = syscall.ENOSPC
