package redact

// class is a set of byte classes.
type class uint16

const (
	upper class = 1 << iota
	lower
	digit
	lowerHex // 0-9a-f
	upperHex // 0-9A-F
	under    // _
	dash     // -
	dot      // .
	plus     // + and /
	equals   // =
	hard     // a sign that names, paths and versions do without
	blank    // space, tab, carriage return
	base32   // 2-7, the digits of base32

	alnum     = upper | lower | digit
	word      = alnum | under
	urlSafe   = word | dash
	base64Set = alnum | plus | equals
)

// classes holds the classes of each byte.
var classes = func() (t [256]class) {
	set := func(chars string, c class) {
		for i := range len(chars) {
			t[chars[i]] |= c
		}
	}
	set("ABCDEFGHIJKLMNOPQRSTUVWXYZ", upper)
	set("abcdefghijklmnopqrstuvwxyz", lower)
	set("0123456789", digit|lowerHex|upperHex)
	set("234567", base32)
	set("abcdef", lowerHex)
	set("ABCDEF", upperHex)
	set("_", under)
	set("-", dash)
	set(".", dot)
	set("+/", plus)
	set("=", equals)
	set("!@#$%^&*?~+=|", hard)
	set(" \t\r", blank)
	return t
}()

// is reports whether c is in one of the classes.
func is(c byte, in class) bool { return classes[c]&in != 0 }

// maxRun bounds how far a token is followed. Longer runs are data, and the
// bound keeps hostile text linear.
const maxRun = 8192

// run returns the end of the run of bytes of the classes that begins at i.
func run(b []byte, i int, in class) int {
	stop := min(len(b), i+maxRun)
	for i < stop && classes[b[i]]&in != 0 {
		i++
	}
	return i
}

// runBack returns the start of the run of at most n bytes of the classes that
// ends before i.
func runBack(b []byte, i, n int, in class) int {
	stop := max(0, i-n)
	for i > stop && classes[b[i-1]]&in != 0 {
		i--
	}
	return i
}

// boundary reports whether a token may begin at i: the byte before is of none
// of the classes, or ends an escape such as \n or %3D.
func boundary(b []byte, i int, in class) bool {
	if i == 0 || !is(b[i-1], in) {
		return true
	}
	if i >= 2 && b[i-2] == '\\' && (b[i-1] == 'n' || b[i-1] == 't' || b[i-1] == 'r') {
		return true
	}
	return i >= 3 && b[i-3] == '%' && is(b[i-2], upperHex|lowerHex) && is(b[i-1], upperHex|lowerHex)
}
