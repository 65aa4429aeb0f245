package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// thousands writes 60749 as 60,749.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count writes a number of things: "1 commit", "3,100 commits".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return thousands(n) + " " + thing + "s"
}

// size writes a number of bytes in units of a thousand: "212 MB".
func size(n int64) string {
	v, units := float64(n), []string{"bytes", "kB", "MB", "GB", "TB"}
	for v >= 999.5 && len(units) > 1 {
		v, units = v/1000, units[1:]
	}
	if v < 9.95 && units[0] != "bytes" {
		return fmt.Sprintf("%.1f %s", v, units[0])
	}
	return fmt.Sprintf("%.0f %s", v, units[0])
}

// seconds writes a duration in seconds for one who waits or has waited.
func seconds(s float64) string {
	switch {
	case s < 0.0995:
		return fmt.Sprintf("%.0f ms", s*1000)
	case s < 9.95:
		return fmt.Sprintf("%.1f s", s)
	case s < 119.5:
		return fmt.Sprintf("%.0f s", s)
	case s < 119.5*60:
		return fmt.Sprintf("%.0f min", s/60)
	}
	return fmt.Sprintf("%.0f h", s/3600)
}

// date writes a time of git as a day of the reader's calendar.
func (e *env) date(t int64) string {
	return time.Unix(t, 0).In(e.now().Location()).Format(time.DateOnly)
}

// tally writes counted reasons, the most frequent first: "30 too large, 8 binary".
func tally(counts map[string]int) string {
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := names[i], names[j]
		if counts[a] != counts[b] {
			return counts[a] > counts[b]
		}
		return a < b
	})
	for i, name := range names {
		names[i] = thousands(counts[name]) + " " + name
	}
	return strings.Join(names, ", ")
}

// list writes at most limit words and how many more there are.
func list(words []string, limit int) string {
	if len(words) <= limit {
		return strings.Join(words, ", ")
	}
	return strings.Join(words[:limit], ", ") + fmt.Sprintf(" +%d more", len(words)-limit)
}
