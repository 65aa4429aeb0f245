package main

import (
	"testing"
	"time"
)

func TestWhen(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	now := time.Date(2026, 3, 16, 12, 30, 15, 0, zone)
	for _, tt := range []struct{ text, since, until string }{
		{"now", "2026-03-16 12:30:15", "2026-03-16 12:30:15"},
		{"today", "2026-03-16 00:00:00", "2026-03-16 23:59:59"},
		{"yesterday", "2026-03-15 00:00:00", "2026-03-15 23:59:59"},
		{"30min", "2026-03-16 12:00:15", ""},
		{"5h", "2026-03-16 07:30:15", ""},
		{"3d", "2026-03-13 12:30:15", "2026-03-13 12:30:15"},
		{"2w", "2026-03-02 12:30:15", ""},
		{"2 weeks", "2026-03-02 12:30:15", ""},
		{"2 weeks ago", "2026-03-02 12:30:15", ""},
		{"a week ago", "2026-03-09 12:30:15", ""},
		{"an hour ago", "2026-03-16 11:30:15", ""},
		{"last month", "2026-02-16 12:30:15", ""},
		{"3m", "2025-12-16 12:30:15", ""},
		{"3 months", "2025-12-16 12:30:15", ""},
		{" 3 Months Ago ", "2025-12-16 12:30:15", ""},
		{"2y", "2024-03-16 12:30:15", ""},
		{"2026-01-02", "2026-01-02 00:00:00", "2026-01-02 23:59:59"},
		{"2026/01/02", "2026-01-02 00:00:00", "2026-01-02 23:59:59"},
		{"2026-02", "2026-02-01 00:00:00", "2026-02-28 23:59:59"},
		{"2024", "2024-01-01 00:00:00", "2024-12-31 23:59:59"},
		{"2026-01-02 15:04", "2026-01-02 15:04:00", "2026-01-02 15:04:59"},
		{"2026-01-02T15:04:05", "2026-01-02 15:04:05", "2026-01-02 15:04:05"},
		{"2026-01-02T15:04:05Z", "2026-01-02 16:04:05", "2026-01-02 16:04:05"},
		{"2026-01-02T15:04:05+03:00", "2026-01-02 13:04:05", ""},
	} {
		for at, want := range map[edge]string{firstSecond: tt.since, lastSecond: tt.until} {
			if want == "" {
				continue
			}
			got, err := when(tt.text, now, at)
			if s := time.Unix(got, 0).In(zone).Format(time.DateTime); err != nil || s != want {
				t.Errorf("when(%q, %d) = %s, %v, want %s", tt.text, at, s, err, want)
			}
		}
	}
	for _, text := range []string{"", "soon", "2026-13-01", "2026-02-30", "5 fortnights", "-2w", "99999999999w", "2w3d"} {
		if got, err := when(text, now, firstSecond); exitStatus(err) != exitUsage {
			t.Errorf("when(%q) = %d, %v, want a usage error", text, got, err)
		}
	}
	if got, err := when("1960", now, firstSecond); err != nil || got != 1 {
		t.Errorf("when(1960) = %d, %v, want 1: 0 would mean no date", got, err)
	}
}
