package redact

import (
	"bytes"
	"math"
)

// Bounds of a value that is taken for a secret, in bytes.
const (
	minValue = 12
	maxValue = 512
)

// strong reports whether v looks like a random value rather than like a name,
// a path, a version, a date or a sentence. It is only asked about what a
// keyword is assigned. The thresholds come from reading what was found in the
// histories of a few public repositories.
func strong(v []byte) bool {
	if len(v) < minValue || len(v) > maxValue {
		return false
	}
	var count [128]uint16
	var uppers, lowers, digits, groups, signs, words int
	for i := 0; i < len(v); i++ {
		c := v[i]
		if c <= ' ' || c >= 0x7f || c == '\\' {
			return false
		}
		count[c]++
		switch {
		case is(c, upper):
			uppers++
		case is(c, lower):
			lowers++
		case is(c, digit):
			digits++
			if i == 0 || !is(v[i-1], digit) {
				groups++
			}
		case is(c, hard):
			signs++
		}
	}
	words = wordBytes(v)
	n := len(v)
	if (uppers+lowers)*4 < n {
		return false // dates, addresses, numbers
	}
	switch {
	case groups >= 3 && digits*6 >= n: // base36, hex
	case words*4 <= n*3 && digits >= 2 && uppers > 0 && lowers > 0 && signs > 0: // what people make up
	case words*2 > n:
		return false
	case digits >= 2 && (uppers > 0 && lowers > 0 || signs > 0):
	case uppers > 0 && lowers > 0 && signs > 0:
	default:
		return false
	}
	return entropy(&count, n) >= minEntropy(n) && !isUUID(v)
}

// wordBytes counts the bytes of v in runs of at least four letters of one case,
// a leading capital included. Random base64 has few of them.
func wordBytes(v []byte) int {
	total := 0
	for i := 0; i < len(v); {
		j := run(v, i, upper)
		if k := run(v, j, lower); k > j && j-i <= 1 {
			j = k
		}
		if j-i >= 4 {
			total += j - i
		}
		i = max(j, i+1)
	}
	return total
}

// minEntropy is the least Shannon entropy, in bits a byte, of a random value of
// n bytes. Short values can't reach the entropy of long ones; hex ends at 4.
func minEntropy(n int) float64 {
	switch {
	case n < 16:
		return 3.0
	case n < 24:
		return 3.2
	default:
		return 3.3
	}
}

func entropy(count *[128]uint16, n int) float64 {
	h := 0.0
	for _, k := range count {
		if k > 0 {
			p := float64(k) / float64(n)
			h -= p * math.Log2(p)
		}
	}
	return h
}

// isUUID reports whether v is a UUID, with or without braces or a prefix of
// letters.
func isUUID(v []byte) bool {
	v = bytes.Trim(v, "{}")
	if len(v) != 36 {
		return false
	}
	for i, c := range v {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !is(c, lowerHex|upperHex) {
			return false
		}
	}
	return true
}
