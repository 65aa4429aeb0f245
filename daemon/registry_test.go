package daemon

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/memd-dev/memd/memory"
)

func scratchPaths(t *testing.T) Paths {
	t.Helper()
	dir := t.TempDir()
	return Paths{Data: filepath.Join(dir, "data", "memd"), State: filepath.Join(dir, "state", "memd"), Config: filepath.Join(dir, "config.toml")}
}

// repeatedID makes an object id out of a letter.
func repeatedID(c string) string { return strings.Repeat(c, 40) }

func TestRegistryComesBackAsItWas(t *testing.T) {
	p := scratchPaths(t)
	if r, err := LoadRegistry(p); err != nil || len(r.Entries) != 0 {
		t.Fatalf("without a file: got %v, %v, want an empty registry", r, err)
	}
	want := []Entry{
		{ID: "0123456789abcdef", Path: "/src/é <a>/.git", Device: 1<<64 - 1, Inode: 1<<63 + 1, Fingerprint: []string{repeatedID("a"), repeatedID("b")}, DefaultBranch: "main", EnrolledBy: memory.ActorPerson, EnrolledAt: 1700000000},
		{ID: "0123456789abcde0", Path: "/src/b\xff\xfe/.git", Fingerprint: []string{}, ShallowTip: strings.Repeat("c", 64), EnrolledBy: memory.ActorAgent, EnrolledAt: -1, Parked: true, ParkedAt: 1700000001},
		{ID: "0123456789abcde1", Path: "/src/b\ufffd\ufffd/.git", Fingerprint: []string{}, EnrolledBy: memory.ActorUnknown},
	}
	if err := UpdateRegistry(p, func(r *Registry) error { r.Entries = want; return nil }); err != nil {
		t.Fatal(err)
	}
	got, err := LoadRegistry(p)
	if err != nil || !reflect.DeepEqual(got.Entries, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	data, err := os.ReadFile(p.Registry())
	if err != nil || !json.Valid(data) || !bytes.Contains(data, []byte(`"path_b64": "L3NyYy9i//4vLmdpdA=="`)) || !bytes.Contains(data, []byte(`"/src/é <a>/.git"`)) {
		t.Errorf("file: %v\n%s", err, data)
	}
	if m := modeOf(t, p.Registry()); m != 0o600 {
		t.Errorf("file has mode %o", m)
	}
	if m := modeOf(t, p.Data); m != 0o700 {
		t.Errorf("directory has mode %o", m)
	}
}

func TestUpdateRegistryWritesOnlyWhatChanged(t *testing.T) {
	p := scratchPaths(t)
	put := func(r *Registry) error {
		r.Put(Entry{ID: "0123456789abcdef", Path: "/a"}, 5)
		return nil
	}
	if err := UpdateRegistry(p, put); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(p.Registry())
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("no")
	err = UpdateRegistry(p, func(r *Registry) error { r.Entries = nil; return refused })
	if err != refused {
		t.Errorf("got %v, want the error of the change", err)
	}
	if err := UpdateRegistry(p, put); err != nil {
		t.Fatal(err)
	}
	err = UpdateRegistry(p, func(r *Registry) error {
		r.Entries = append(r.Entries, Entry{ID: "../../etc", Path: "/b"})
		return nil
	})
	if !errors.Is(err, memory.ErrInvalid) {
		t.Errorf("an id that is a path: got %v, want ErrInvalid", err)
	}
	after, err := os.Stat(p.Registry())
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("the file was replaced though nothing changed: %v", err)
	}
}

func TestRegistryPutParksWhatHadThePath(t *testing.T) {
	r := &Registry{}
	r.Put(Entry{ID: "1", Path: "/a"}, 10)
	r.Put(Entry{ID: "2", Path: "/b"}, 20)
	r.Put(Entry{ID: "3", Path: "/a"}, 30)
	if e, ok := r.At("/a"); !ok || e.ID != "3" {
		t.Errorf("At: got %v, %v, want 3", e, ok)
	}
	if parked := r.ParkedAt("/a"); len(parked) != 1 || parked[0].ID != "1" || parked[0].ParkedAt != 30 {
		t.Errorf("ParkedAt: got %+v, want 1 at 30", parked)
	}
	if e, ok := r.ByID("1"); !ok || !e.Parked {
		t.Errorf("ByID: got %+v, %v", e, ok)
	}
	if e, ok := r.At("/b"); !ok || e.ID != "2" {
		t.Errorf("another path was touched: %+v, %v", e, ok)
	}
}

func TestDamagedRegistryIsLeftAloneAndNamed(t *testing.T) {
	entry := func(id, more string) string {
		return `{"id":"` + id + `","path":"/a","device":1,"inode":2,"fingerprint":[],"enrolled_by":"person","enrolled_at":1` + more + `}`
	}
	file := func(entries ...string) string {
		return `{"version":1,"repositories":[` + strings.Join(entries, ",") + `]}`
	}
	const id = "0123456789abcdef"
	for name, test := range map[string]struct {
		text string
		want error
	}{
		"empty":             {"", memory.ErrCorrupt},
		"zeros":             {strings.Repeat("\x00", 300), memory.ErrCorrupt},
		"cut":               {file(entry(id, ""))[:60], memory.ErrCorrupt},
		"not an object":     {"[]", memory.ErrCorrupt},
		"no version":        {"{}", memory.ErrCorrupt},
		"version 0":         {`{"version":0}`, memory.ErrCorrupt},
		"wrong type":        {file(entry(id, `,"parked":"yes"`)), memory.ErrCorrupt},
		"bad base64":        {file(`{"id":"` + id + `","path_b64":"?"}`), memory.ErrCorrupt},
		"two values":        {file() + file(), memory.ErrCorrupt},
		"id is a path":      {file(entry("../../../../etc/", "")), memory.ErrCorrupt},
		"same id":           {file(entry(id, `,"parked":true`), entry(id, "")), memory.ErrCorrupt},
		"path of two":       {file(entry(id, ""), entry("0123456789abcde0", "")), memory.ErrCorrupt},
		"relative path":     {file(`{"id":"` + id + `","path":"a"}`), memory.ErrCorrupt},
		"no path":           {file(`{"id":"` + id + `"}`), memory.ErrCorrupt},
		"both paths":        {file(entry(id, `,"path_b64":"L2E="`)), memory.ErrCorrupt},
		"not an object id":  {file(entry(id, `,"shallow_tip":"HEAD"`)), memory.ErrCorrupt},
		"newer":             {`{"version":2,"repositories":{"changed":true}}`, memory.ErrForeign},
		"unknown field":     {file(entry(id, `,"colour":"red"`)), memory.ErrForeign},
		"longer than 16 MB": {strings.Repeat(" ", maxRegistry+1), memory.ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			p := scratchPaths(t)
			if err := MakeDir(p.Data); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(p.Registry(), []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			check := func(what string, err error) {
				t.Helper()
				if !errors.Is(err, test.want) || !strings.Contains(err.Error(), p.Registry()) {
					t.Errorf("%s: got %v, want %v that names the file", what, err, test.want)
				}
			}
			_, err := LoadRegistry(p)
			check("load", err)
			check("update", UpdateRegistry(p, func(r *Registry) error {
				t.Error("change ran on a registry that was not read")
				return nil
			}))
			seen := Seen{Path: "/src/a/.git", Roots: []string{repeatedID("a")}}
			_, err = Locate(p, seen)
			check("locate", err)
			_, err = Enrol(p, DefaultConfig(), seen, memory.ActorPerson, true)
			check("enrol", err)
			if got, err := os.ReadFile(p.Registry()); err != nil || string(got) != test.text {
				t.Errorf("the file was changed: %v", err)
			}
			if entries, _ := os.ReadDir(p.Data); len(entries) != 2 { // and its lock
				t.Errorf("left behind: %v", entries)
			}
		})
	}
}

func TestRegistryLosesNothingUnderManyWriters(t *testing.T) {
	const processes, each = 20, 5
	const variable = "DAEMON_TEST_REGISTRY"
	enrolAll := func(p Paths, writer int) {
		var wg sync.WaitGroup
		for i := range each {
			wg.Go(func() {
				seen := Seen{
					Path:  fmt.Sprintf("/src/%d-%d/.git", writer, i),
					Roots: []string{fmt.Sprintf("%020x%020x", writer, i)},
				}
				if _, err := Enrol(p, DefaultConfig(), seen, memory.ActorPerson, false); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	if value := os.Getenv(variable); value != "" {
		var dir string
		var writer int
		if _, err := fmt.Sscanf(value, "%d:%s", &writer, &dir); err != nil {
			t.Fatal(err)
		}
		enrolAll(Paths{Data: dir + "/data", State: dir + "/state"}, writer)
		return
	}
	dir := t.TempDir()
	p := Paths{Data: dir + "/data", State: dir + "/state"}
	var children []*exec.Cmd
	var outputs []*bytes.Buffer
	for i := range processes - 1 {
		child, out := rerun(t, fmt.Sprintf("%s=%d:%s", variable, i, dir)), new(bytes.Buffer)
		child.Stdout, child.Stderr = out, out
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		children, outputs = append(children, child), append(outputs, out)
	}
	enrolAll(p, processes-1)
	for i, child := range children {
		if err := child.Wait(); err != nil {
			t.Errorf("%v\n%s", err, outputs[i])
		}
	}
	r, err := LoadRegistry(p)
	if err != nil || len(r.Entries) != processes*each {
		t.Fatalf("got %d entries, %v, want %d", len(r.Entries), err, processes*each)
	}
	for _, e := range r.Entries {
		if _, err := LoadKeys(p.Keys(e.ID), false); err != nil {
			t.Error(err)
		}
	}
	entries, err := os.ReadDir(p.Data)
	if err != nil || len(entries) != processes*each+2 { // the registry and its lock
		t.Errorf("%d names in the data directory, want %d: %v", len(entries), processes*each+2, err)
	}
}
