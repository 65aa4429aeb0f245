// Package linediff compares two texts line by line, as the line trace needs it:
// hunks without context, with git's counting.
//
//	hunks := linediff.Hunks(old, new)
//
// It is Myers' algorithm in linear space ("An O(ND) Difference Algorithm and
// Its Variations", 1986), with the common ends cut off first and groups of
// changed lines slid down afterwards, as git does, so that both choose the
// same place for a repeated line in nearly all cases.
package linediff

import "bytes"

// Hunk is one run of replaced lines. Lines count from 1; with no lines on a
// side its start is the line before, as in git's hunk headers.
type Hunk struct {
	OldStart, OldLines int
	NewStart, NewLines int
}

// maxCost bounds the search: texts that differ in more lines than this over a
// stretch are taken as wholly replaced there. git has a bound of the same kind.
const maxCost = 4000

// Lines splits a text into lines without their newlines. A text that ends in a
// newline has no empty line behind it.
func Lines(text []byte) [][]byte {
	if len(text) == 0 {
		return nil
	}
	lines := bytes.Split(text, []byte{'\n'})
	if len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// Hunks gives the differences in ascending order, nil for equal texts.
func Hunks(old, new []byte) []Hunk {
	a, b := Lines(old), Lines(new)
	// A last line without a newline differs from the same line with one.
	openA := len(old) > 0 && old[len(old)-1] != '\n'
	openB := len(new) > 0 && new[len(new)-1] != '\n'
	ids := make(map[string]int32)
	number := func(lines [][]byte, open bool) []int32 {
		out := make([]int32, len(lines))
		for i, l := range lines {
			key := string(l)
			if open && i == len(lines)-1 {
				key += "\n"
			}
			id, ok := ids[key]
			if !ok {
				id = int32(len(ids))
				ids[key] = id
			}
			out[i] = id
		}
		return out
	}
	d := &differ{a: number(a, openA), b: number(b, openB)}
	d.removed = make([]bool, len(a))
	d.added = make([]bool, len(b))
	d.compare(0, len(a), 0, len(b))
	slide(d.a, d.removed, d.added)
	slide(d.b, d.added, d.removed)
	return d.hunks()
}

type differ struct {
	a, b           []int32
	removed, added []bool
	forward, back  []int // furthest x by diagonal, kept over calls
}

// compare marks the differences between a[x0:x1] and b[y0:y1].
func (d *differ) compare(x0, x1, y0, y1 int) {
	for {
		for x0 < x1 && y0 < y1 && d.a[x0] == d.b[y0] {
			x0, y0 = x0+1, y0+1
		}
		for x0 < x1 && y0 < y1 && d.a[x1-1] == d.b[y1-1] {
			x1, y1 = x1-1, y1-1
		}
		if x0 == x1 || y0 == y1 {
			break
		}
		x, y, ok := d.middle(x0, x1, y0, y1)
		if !ok {
			break
		}
		d.compare(x0, x, y0, y)
		x0, y0 = x, y
	}
	for x := x0; x < x1; x++ {
		d.removed[x] = true
	}
	for y := y0; y < y1; y++ {
		d.added[y] = true
	}
}

// middle finds a point on a shortest edit path, from both ends at once. ok is
// false when the texts have nothing in common within maxCost.
func (d *differ) middle(x0, x1, y0, y1 int) (x, y int, ok bool) {
	n, m := x1-x0, y1-y0
	size := 2*(n+m) + 3
	if cap(d.forward) < size {
		d.forward, d.back = make([]int, size), make([]int, size)
	}
	f, r := d.forward[:size], d.back[:size]
	off := size / 2
	delta := n - m
	f[off+1], r[off+1] = 0, 0
	for cost := 0; cost <= (n+m+1)/2; cost++ {
		if cost > maxCost {
			return 0, 0, false
		}
		for k := -cost; k <= cost; k += 2 {
			if k < -m || k > n {
				continue
			}
			var px int
			if k == -cost || k != cost && f[off+k-1] < f[off+k+1] {
				px = f[off+k+1]
			} else {
				px = f[off+k-1] + 1
			}
			py := px - k
			if px > n || py > m || py < 0 {
				f[off+k] = px
				continue
			}
			for px < n && py < m && d.a[x0+px] == d.b[y0+py] {
				px, py = px+1, py+1
			}
			f[off+k] = px
			if back := delta - k; delta&1 == 1 && back >= -(cost-1) && back <= cost-1 && px+r[off+back] >= n {
				return d.inside(x0, x1, y0, y1, x0+px, y0+py)
			}
		}
		for k := -cost; k <= cost; k += 2 {
			if k < -m || k > n {
				continue
			}
			var px int
			if k == -cost || k != cost && r[off+k-1] < r[off+k+1] {
				px = r[off+k+1]
			} else {
				px = r[off+k-1] + 1
			}
			py := px - k
			if px > n || py > m || py < 0 {
				r[off+k] = px
				continue
			}
			for px < n && py < m && d.a[x1-1-px] == d.b[y1-1-py] {
				px, py = px+1, py+1
			}
			r[off+k] = px
			if front := delta - k; delta&1 == 0 && front >= -cost && front <= cost && px+f[off+front] >= n {
				return d.inside(x0, x1, y0, y1, x1-px, y1-py)
			}
		}
	}
	return 0, 0, false
}

// inside refuses a point that would not make the problem smaller.
func (d *differ) inside(x0, x1, y0, y1, x, y int) (int, int, bool) {
	if x == x0 && y == y0 || x == x1 && y == y1 || x < x0 || x > x1 || y < y0 || y > y1 {
		return 0, 0, false
	}
	return x, y, true
}

// slide moves each group of changed lines down as far as the lines around it
// allow, where nothing stands against it on the other side; groups that meet
// become one. Of several equally short descriptions git prefers that one.
func slide(lines []int32, changed, other []bool) {
	o := 0 // position in the other text that stands beside i
	for i := 0; i < len(lines); {
		if !changed[i] {
			for o < len(other) && other[o] {
				o++
			}
			i, o = i+1, o+1
			continue
		}
		end := i
		for end < len(lines) && changed[end] {
			end++
		}
		against := o < len(other) && other[o]
		for !against && end < len(lines) && lines[i] == lines[end] && !changed[end] {
			// The line that leaves the group is unchanged now; the one that
			// enters must not have changes of the other side before it.
			changed[i], changed[end] = false, true
			i, end = i+1, end+1
			o++
			for end < len(lines) && changed[end] {
				end++
			}
			against = o < len(other) && other[o]
		}
		i = end
	}
}

func (d *differ) hunks() []Hunk {
	var list []Hunk
	x, y := 0, 0
	for x < len(d.a) || y < len(d.b) {
		if x < len(d.a) && !d.removed[x] && y < len(d.b) && !d.added[y] {
			x, y = x+1, y+1
			continue
		}
		x0, y0 := x, y
		for x < len(d.a) && d.removed[x] {
			x++
		}
		for y < len(d.b) && d.added[y] {
			y++
		}
		if x == x0 && y == y0 {
			break // unreachable: unchanged lines pair up
		}
		h := Hunk{OldStart: x0 + 1, OldLines: x - x0, NewStart: y0 + 1, NewLines: y - y0}
		if h.OldLines == 0 {
			h.OldStart--
		}
		if h.NewLines == 0 {
			h.NewStart--
		}
		list = append(list, h)
	}
	return list
}
