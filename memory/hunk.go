package memory

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// ID gives the hunk id: 16 hex digits, keyed, over the hashes of the removed
// and of the added lines. It is the same wherever the same text replaces the
// same text, whatever the line numbers, the indentation or the name of the
// file; who compares commits compares the files' lineages beside it. Derived
// from the line hashes on demand, so that nothing more is stored, and "" where
// those are missing.
func (h Hunk) ID(key []byte) string {
	if len(h.Removed) != h.OldLines || len(h.Added) != h.NewLines || h.OldLines+h.NewLines == 0 {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	var b [4]byte
	for _, side := range [][]uint32{h.Removed, h.Added} {
		binary.LittleEndian.PutUint32(b[:], uint32(len(side)))
		mac.Write(b[:])
		for _, v := range side {
			binary.LittleEndian.PutUint32(b[:], v)
			mac.Write(b[:])
		}
	}
	return hex.EncodeToString(mac.Sum(nil)[:8])
}
