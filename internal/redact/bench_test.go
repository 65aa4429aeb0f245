package redact

import (
	"strings"
	"testing"
)

// sourceLines are ordinary lines of code, prose and configuration, some of
// which hold keywords and none a secret.
var sourceLines = strings.Split(`func (s *Server) handle(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	token := parser.Next()
	for i, name := range names {
		out = append(out, strings.TrimSpace(name))
// Close waits for all requests and returns the first error. It may be called twice.
def __init__(self, import_name: str, static_url_path: str | None = None):
    password: str
    self.secret_key = os.environ.get("SECRET_KEY")
    app.config.from_mapping(DEBUG=True, TESTING=False)
  const { data, error, isLoading } = useQuery(['todos', page], () => fetchTodos(page))
    "description": "Fast, unopinionated, minimalist web framework",
See https://example.org/docs/install.html for the details of the installation.
- name: build and test
  uses: actions/checkout@v4
    let mut wtr = csv::Writer::from_writer(io::stdout());

}
        assert_eq!(expected, matcher.find_at(haystack.as_bytes(), 0).unwrap());
	mux.HandleFunc("/v0/recall", s.recall) // see the table in wire.go
| name | type | default | meaning |
	key-value pairs are sorted by key, then written in one transaction`, "\n")

// BenchmarkLine is the figure that counts: File.Line over lines without secrets.
func BenchmarkLine(b *testing.B) {
	f := New(make([]byte, 32)).File("main.go")
	var lines [][]byte
	total := 0
	for _, l := range sourceLines {
		lines = append(lines, []byte(l))
		total += len(l)
	}
	b.SetBytes(int64(total))
	b.ReportAllocs()
	for b.Loop() {
		for _, l := range lines {
			if _, found := f.Line(l); found {
				b.Fatalf("redacted %q", l)
			}
		}
	}
}

func BenchmarkText(b *testing.B) {
	r := New(make([]byte, 32))
	text := strings.Repeat(strings.Join(sourceLines, "\n"), 10)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r.Text(text)
	}
}
