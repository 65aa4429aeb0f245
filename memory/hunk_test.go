package memory

import "testing"

func TestHunkIDIsOfTheTextAlone(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	h := Hunk{OldStart: 7, OldLines: 1, NewStart: 7, NewLines: 2, Removed: []uint32{1}, Added: []uint32{2, 3}}
	moved := h
	moved.OldStart, moved.NewStart, moved.Symbols = 90, 95, []string{"f"}
	if h.ID(key) != moved.ID(key) || len(h.ID(key)) != 16 {
		t.Errorf("got %q and %q, want the same 16 digits", h.ID(key), moved.ID(key))
	}
	other := h
	other.OldLines, other.Removed, other.NewLines, other.Added = 2, []uint32{1, 2}, 1, []uint32{3}
	if h.ID(key) == other.ID(key) {
		t.Error("a line that changes sides must change the id")
	}
	if h.ID(key) == h.ID([]byte("another key")) {
		t.Error("another key must give another id")
	}
	if id := (Hunk{OldLines: 1}).ID(key); id != "" {
		t.Errorf("without line hashes: got %q", id)
	}
}
