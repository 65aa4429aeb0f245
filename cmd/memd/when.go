package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// edge says which end of a day, month or year a date stands for.
type edge int

// The edges.
const (
	firstSecond edge = iota // for --since
	lastSecond              // for --until
)

// whenHint names the dates that when reads.
const whenHint = `dates read like 2w, "3 months", yesterday, 2026-01-02 or "2026-01-02 15:04"`

var (
	agoPattern = regexp.MustCompile(`^(\d{1,4}|an?|last)\s*([a-z]+?)s?(\s+ago)?$`)

	// dateLayouts are the absolute dates, with the length of what they name.
	dateLayouts = []struct {
		layout              string
		years, months, days int
		length              time.Duration
	}{
		{layout: "2006-01-02", days: 1},
		{layout: "2006/01/02", days: 1},
		{layout: "2006-01", months: 1},
		{layout: "2006", years: 1},
		{layout: "2006-01-02 15:04", length: time.Minute},
		{layout: "2006-01-02T15:04", length: time.Minute},
		{layout: "2006-01-02 15:04:05", length: time.Second},
		{layout: "2006-01-02T15:04:05", length: time.Second},
		{layout: time.RFC3339, length: time.Second},
	}
)

// when reads a date as people write it, in the zone of now, as seconds since
// 1970 (at least 1, for 0 is no date). A unit m is a month; a minute is min.
func when(text string, now time.Time, at edge) (int64, error) {
	t, err := parseWhen(strings.ToLower(strings.TrimSpace(text)), now, at)
	if err != nil {
		return 0, usage(whenHint, "can't read the date %q", text)
	}
	return max(1, t.Unix()), nil
}

func parseWhen(text string, now time.Time, at edge) (time.Time, error) {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	day := func(t time.Time) time.Time {
		if at == lastSecond {
			return t.AddDate(0, 0, 1).Add(-time.Second)
		}
		return t
	}
	switch text {
	case "now":
		return now, nil
	case "today":
		return day(midnight), nil
	case "yesterday":
		return day(midnight.AddDate(0, 0, -1)), nil
	}

	if m := agoPattern.FindStringSubmatch(text); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			n = 1 // a, an, last
		}
		switch m[2] {
		case "min", "minute":
			return now.Add(-time.Duration(n) * time.Minute), nil
		case "h", "hour":
			return now.Add(-time.Duration(n) * time.Hour), nil
		case "d", "day":
			return now.AddDate(0, 0, -n), nil
		case "w", "week":
			return now.AddDate(0, 0, -7*n), nil
		case "m", "mo", "month":
			return now.AddDate(0, -n, 0), nil
		case "y", "year":
			return now.AddDate(-n, 0, 0), nil
		}
	}

	for _, l := range dateLayouts {
		t, err := time.ParseInLocation(l.layout, strings.ToUpper(text), now.Location())
		if err != nil {
			continue
		}
		if at == lastSecond {
			t = t.AddDate(l.years, l.months, l.days).Add(l.length - time.Second)
		}
		return t, nil
	}
	return time.Time{}, fmt.Errorf("no date: %q", text)
}
