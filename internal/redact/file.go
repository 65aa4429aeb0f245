package redact

import "strings"

// File redacts the lines of one file, or the added or the removed lines of its
// diff, in their order. It carries what one line says about the next: a private
// key spans lines, and a diff may cut off its header or its end. A key whose
// BEGIN line is cut off is known by its first line or by the file's name (.pem,
// .key, id_rsa and the like); of a piece out of the middle of a key in another
// file the first full line stays, because nothing tells it from other base64,
// and the lines after it go. Two hunks of a file may be fed to one File.
//
// Make one with [Redactor.File]. One goroutine at a time may use it.
type File struct {
	redactor    *Redactor
	pem         pem
	assignments bool
}

// File returns a File for the file at path, of which only the name and the
// ending matter: in lock and sum files, what keywords are assigned is left alone.
func (r *Redactor) File(path string) *File {
	f := &File{redactor: r}
	f.Reset(path)
	return f
}

// Reset makes f ready for another file. It does not allocate.
func (f *File) Reset(path string) {
	f.pem = pem{keyFile: isKeyFile(path), certFile: hasSuffix(base(path), ".crt", ".cer", ".cert", ".csr", ".crl", ".pub")}
	f.assignments = !isLockFile(path)
}

// Line redacts one line, given without its line end. It returns b itself and
// false, without allocating, when there was nothing to redact, else a new slice
// and true. It never writes into b.
func (f *File) Line(b []byte) ([]byte, bool) {
	return f.redactor.rounds(b, f.assignments, &f.pem)
}

func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// isLockFile reports whether a file is one that a package manager writes, full
// of checksums.
func isLockFile(path string) bool {
	switch name := base(path); name {
	case "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "packages.lock.json",
		"Package.resolved", "go.sum", "go.work.sum", "SHA256SUMS", "SHA512SUMS", "MODULE.bazel.lock":
		return true
	default:
		return hasSuffix(name, ".lock", ".sum", ".lockfile", ".lockb", ".sha256", ".sha512", ".md5", "-lock.json", "-lock.yaml", ".lock.hcl")
	}
}

// isKeyFile reports whether a file's name says that it holds a private key.
func isKeyFile(path string) bool {
	name := base(path)
	if strings.HasPrefix(name, "id_") && !strings.HasSuffix(name, ".pub") && !strings.Contains(name, ".") {
		return true
	}
	return hasSuffix(name, ".key", ".pem", ".p8", ".ppk", "_rsa", "_ed25519", "_ecdsa", "_dsa")
}

func hasSuffix(name string, suffixes ...string) bool {
	for _, s := range suffixes {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	return false
}
