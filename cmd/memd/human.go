package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
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

// plural gives the form of a verb that a number of things takes.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
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

// skips says what memory lacks the lines of, one reason a line, the most
// frequent first. The keys are those of memory.Status.Skipped: what is counted,
// a colon, and the reason.
func skips(counts map[string]int) []string {
	type lack struct{ files, commits int }
	byReason := make(map[string]lack)
	for key, n := range counts {
		if n < 1 {
			continue
		}
		thing, reason, _ := strings.Cut(key, ": ")
		l := byReason[reason]
		switch thing {
		case "files":
			l.files += n
		case "commits":
			l.commits += n
		default: // not a key that we know: the whole of it is the reason
			reason = key
			l = byReason[reason]
			l.files += n
		}
		byReason[reason] = l
	}
	reasons := slices.Collect(maps.Keys(byReason))
	slices.SortFunc(reasons, func(a, b string) int {
		x, y := byReason[a], byReason[b]
		return cmp.Or(cmp.Compare(y.files, x.files), cmp.Compare(y.commits, x.commits), cmp.Compare(a, b))
	})
	for i, reason := range reasons {
		reasons[i] = skip(reason, byReason[reason].files, byReason[reason].commits)
	}
	return reasons
}

// skip says how much one reason left out.
func skip(reason string, files, commits int) string {
	of := "" // what the commits are like, where that is the reason
	switch {
	case strings.HasPrefix(reason, "more than "):
		of = " of " + reason
	case strings.HasPrefix(reason, "diff over "):
		of = " with a " + reason
	case reason == "missing object":
		reason = "objects are missing"
	}
	var things []string
	if files > 0 {
		things = append(things, count(files, "file"))
	}
	if commits > 0 {
		things = append(things, count(commits, "commit"))
	}
	switch {
	case of != "" && commits == 0:
		return things[0] + " in commits" + of
	case of != "":
		return strings.Join(things, " in ") + of
	}
	return strings.Join(things, " and ") + " without hunks: " + reason
}

// list writes at most limit words and how many more there are.
func list(words []string, limit int) string {
	if len(words) <= limit {
		return strings.Join(words, ", ")
	}
	return strings.Join(words[:limit], ", ") + fmt.Sprintf(" +%d more", len(words)-limit)
}

// days writes two times of git as days of the reader's calendar.
func (e *env) days(oldest, newest int64) string {
	if oldest == 0 {
		return ""
	}
	first, last := e.date(oldest), e.date(newest)
	if first == last {
		return first
	}
	return first + " to " + last
}
