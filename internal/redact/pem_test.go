package redact

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// pemLines returns the lines of a block with n full lines and a short one.
func pemLines(label string, n int) []string {
	lines := []string{"-----BEGIN " + label + "-----"}
	for i := range n {
		lines = append(lines, strings.Repeat(base62, 3)[i+1:i+65])
	}
	return append(lines, "k9Xw2==", "-----END "+label+"-----")
}

// fileLines feeds lines to one File and says of each whether it was replaced:
// x if so, a dot if not.
func fileLines(path string, lines []string) string {
	f := testRedactor().File(path)
	var b strings.Builder
	for _, l := range lines {
		if _, found := f.Line([]byte(l)); found {
			b.WriteByte('x')
		} else {
			b.WriteByte('.')
		}
	}
	return b.String()
}

func indent(prefix, suffix string, lines []string) []string {
	var out []string
	for _, l := range lines {
		out = append(out, prefix+l+suffix)
	}
	return out
}

func TestPEM(t *testing.T) {
	const rsa, plain, ec, openssh = "RSA PRIV" + "ATE KEY", "PRIV" + "ATE KEY", "EC PRIV" + "ATE KEY", "OPENSSH PRIV" + "ATE KEY"
	key := pemLines(rsa, 4)
	first := "MIIEp" + "AIBAAKCAQEA" + rnd(48)
	encrypted := slices.Concat([]string{key[0], "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC," + strings.ToUpper(rndHex(32)), ""}, key[1:])
	pgp := slices.Concat([]string{"-----BEGIN PGP PRIV" + "ATE KEY BLOCK-----", "Version: 1", ""}, key[1:6], []string{"=aB3d", "-----END PGP PRIV" + "ATE KEY BLOCK-----"})
	code := []string{"func main() {", "	return", "}"}
	tests := []struct {
		name  string
		path  string
		lines []string
		file  string // by File.Line
		text  string // by Text of all lines; empty: the same
	}{
		{"whole", "a.go", key, ".xxxxx.", ""},
		{"pkcs8", "a.go", pemLines(plain, 2), ".xxx.", ""},
		{"elliptic", "a.go", pemLines(ec, 1), ".xx.", ""},
		{"openssh", "a.go", pemLines(openssh, 3), ".xxxx.", ""},
		{"encrypted", "a.go", encrypted, "....xxxxx.", ""},
		{"pgp", "a.go", pgp, "...xxxxxx.", ""},
		{"quoted", "a.go", indent(`	"`, `\n" +`, key), ".xxxxx.", ""},
		{"commented", "a.go", indent("# ", "", key), ".xxxxx.", ""},
		{"yaml", "a.yml", indent("    ", "", key), ".xxxxx.", ""},
		{"crlf", "a.go", indent("", "\r", key), ".xxxxx.", ""},
		{"then code", "a.go", slices.Concat(key, code), ".xxxxx....", ""},
		{"end cut off", "a.go", slices.Concat(key[:4], code), ".xxx...", ""},
		{"header in code", "a.go", append([]string{"const h = \"" + key[0] + "\""}, code...), "....", ""},
		{"certificate", "a.go", pemLines("CERTIFICATE", 4), ".......", ""},
		{"public key", "a.go", pemLines("PUBLIC KEY", 4), ".......", ""},
		{"certificate, then key", "a.go", slices.Concat(pemLines("CERTIFICATE", 3), key), ".......xxxxx.", ""},
		{"begin cut off, first line there", "a.go", append([]string{first}, key[2:]...), "xxxxx.", ""},
		{"begin cut off, key file", "id_rsa", key[1:], "xxxxx.", "xxxxx."},
		{"begin cut off", "a.go", key[1:], ".xxxx.", "xxxxx."},
		{"middle", "a.go", key[2:5], ".xx", "..."},
		{"middle, key file", "deploy.pem", key[2:5], "xxx", "..."},
		{"one line of base64", "a.go", []string{"x", key[2], "y"}, "...", ""},
		{"a certificate's middle, certificate file", "ca.crt", key[2:5], "...", ""},
		{"a certificate's middle with a name", "a.go", []string{"MTAwMDAwMFowFDESMBAGA1UE" + rnd(40), key[2], key[3]}, "...", ""},
		{"checksums", "a.txt", []string{rndHex(64), rndHex(64), rndHex(64)}, "...", ""},
	}
	for _, tt := range tests {
		if got := fileLines(tt.path, tt.lines); got != tt.file {
			t.Errorf("%s: File replaced %s, want %s", tt.name, got, tt.file)
		}
		want := tt.text
		if want == "" {
			want = tt.file
		}
		out := testRedactor().Text(strings.Join(tt.lines, "\n"))
		var got strings.Builder
		for i, l := range strings.Split(out, "\n") {
			if l == tt.lines[i] {
				got.WriteByte('.')
			} else {
				got.WriteByte('x')
			}
		}
		if got.String() != want {
			t.Errorf("%s: Text replaced %s, want %s\n%s", tt.name, got.String(), want, out)
		}
		if again := testRedactor().Text(out); again != out {
			t.Errorf("%s: not idempotent:\n%s\n%s", tt.name, out, again)
		}
	}
}

func TestResetForgetsThePEMState(t *testing.T) {
	key := pemLines("RSA PRIV"+"ATE KEY", 4)
	f := testRedactor().File("a.go")
	f.Line([]byte(key[0]))
	f.Reset("b.go")
	if out, found := f.Line([]byte(key[1])); found {
		t.Errorf("a new file begins inside a key: %q", out)
	}
}

// Text made to be hostile must not take more than linear time.
func TestHostileTextIsLinear(t *testing.T) {
	r := testRedactor()
	for _, unit := range []string{
		"github" + "_pat_", "eyJ", "eyJ.", "://a:b", "tokentoken", "token=", "-----BEGIN ", "-----BEGIN PRIV" + "ATE KEY-----",
		"-----END PRIV" + "ATE KEY-----\n", "MIIEp" + "AIBAAKCAQEA" + rnd(48) + "\n", "<secret:jwt#0000>", "authorization: bearer ", "sk-" + "AI" + "za",
		"gh" + "p_" + rnd(36), "S" + "K" + rndHex(32),
	} {
		text := strings.Repeat(unit, (1<<19)/len(unit))
		start := time.Now()
		out := r.Text(text)
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%d bytes of %q took %v", len(text), unit, d)
		}
		if again := r.Text(out); again != out {
			t.Errorf("%q repeated: not idempotent", unit)
		}
	}
}
