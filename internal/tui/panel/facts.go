package panel

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// fullness tells how full a row is, and what that means for a search: the same
// in fewer and fewer words.
func fullness(l *gomap.Layout, row *gomap.Row, small bool) []string {
	if !row.Read {
		return []string{"not read"}
	}
	n := make(map[gomap.State]int, 8)
	for c := range gomap.CellsPerRow {
		n[l.State(row, c)]++
	}
	full, empty, dead := n[gomap.Full], n[gomap.Empty], n[gomap.Deleted]
	holds := count(full, "key")
	if dead > 0 {
		holds += " + " + count(dead, "tombstone")
	}
	switch {
	case l.Kind == gomap.Classic:
		return classicFullness(n, row)
	case small && empty == 0:
		return []string{"FULL: " + holds + ", small map", "FULL: " + holds, "FULL"}
	case small:
		free := fmt.Sprintf("%s, %d empty", holds, empty)
		return []string{free + ": a small map, no probing", free, fmt.Sprintf("%d empty", empty)}
	case empty == gomap.CellsPerRow:
		return []string{"empty: a probe ends here", "empty"}
	case empty > 0:
		some := fmt.Sprintf("%s, %d empty", holds, empty)
		return []string{some + ": a probe ends here", some, fmt.Sprintf("%d empty", empty)}
	}
	return []string{"FULL: " + holds + ", 0 empty: a probe goes on", "FULL: " + holds, "FULL"}
}

func classicFullness(n map[gomap.State]int, row *gomap.Row) []string {
	if moved := n[gomap.EvacuatedX] + n[gomap.EvacuatedY] + n[gomap.EvacuatedEmpty]; moved > 0 {
		return []string{fmt.Sprintf("evacuated: %d to X, %d to Y", n[gomap.EvacuatedX], n[gomap.EvacuatedY]), "evacuated"}
	}
	one, rest := n[gomap.EmptyOne], n[gomap.EmptyRest]
	holds, free := count(n[gomap.Full], "key"), fmt.Sprintf("%d empty", one+rest)
	next := ""
	if row.Next != 0 {
		next = ", overflow follows"
	}
	switch {
	case one+rest == 0:
		return []string{"FULL: " + holds + next, "FULL: " + holds, "FULL"}
	case rest == gomap.CellsPerRow:
		return []string{"empty, and nothing after", "empty"}
	case rest > 0:
		some := holds
		if one > 0 {
			some += fmt.Sprintf(", %d emptyOne", one)
		}
		some += fmt.Sprintf(", %d emptyRest", rest)
		return []string{some + ": a search ends here", some, holds + ", " + free, free}
	}
	return []string{fmt.Sprintf("%s, %d emptyOne: more may follow", holds, one) + next, holds + ", " + free, free}
}

// allTables reports whether it is known how many rows the map has: of a large one
// a table or two are looked at.
func allTables(m *gomap.Map) bool {
	return !m.SomeTables && !slices.ContainsFunc(m.Tables, func(t gomap.Table) bool { return t.Groups == 0 })
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// legend draws, above line bottom, what the glyphs of this layout mean, and
// returns the number of lines it took.
func legend(a canvas.Area, bottom int, e *Env) int {
	g := e.G
	entry := func(st gomap.State, b byte, text string) []span {
		return []span{{cellStyle(st), g.Cell(st, b)}, {look.Faint, " " + text}}
	}
	var groups [][]span
	if e.Scene.Layout.Kind == gomap.Classic {
		groups = [][]span{
			{{look.Full, "hex"}, {look.Faint, " full (tophash)"}},
			entry(gomap.EmptyRest, 0, "emptyRest 0"), entry(gomap.EmptyOne, 1, "emptyOne 1"),
		}
		if e.Scene.Shown().Sum.Old {
			groups = append(groups, entry(gomap.EvacuatedX, 2, "to X"), entry(gomap.EvacuatedY, 3, "to Y"),
				entry(gomap.EvacuatedEmpty, 4, "evacuated, was empty"))
		}
	} else {
		groups = [][]span{
			{{look.Full, "hex"}, {look.Faint, " full (h2)"}},
			entry(gomap.Empty, 0x80, "empty 80"), entry(gomap.Deleted, 0xfe, "tombstone fe"),
		}
	}
	groups = append(groups, []span{{look.Gone, "key"}, {look.Faint, " deleted"}}, entry(gomap.Unknown, 0, "not read"))
	if len(e.Scene.Drift) > 0 {
		groups = slices.Insert(groups, 1, []span{{look.Drift, "~"}, {look.Faint, " drift"}})
	}
	flow(a, 0, bottom-1, a.W, 3, 1, groups)
	return 1
}

// shortFunc is a function's name without its package's path and its type
// arguments: (*cache).evict.
func shortFunc(name string, g *look.Glyphs) string {
	return strings.TrimPrefix(moment.ShortName(name, g.Dots), "main.")
}

// callerName is a caller's name with what passed its op on before it:
//
//	maps.DeleteFunc[…] ▸ (*cache).evict
//
// Where that takes more than room columns, the caller's package goes first, then
// all of what passed it on but what called the entry point, then that, too.
func callerName(a canvas.Area, through []trace.Frame, name string, room int, g *look.Glyphs) string {
	if len(through) == 0 {
		return name
	}
	sep := " " + g.Mark + " "
	all := ""
	for i := range through {
		all += shortFunc(through[i].Func, g) + sep
	}
	bare := name
	if pkg, rest, ok := strings.Cut(name, "."); ok && !strings.ContainsAny(pkg, "()[") {
		bare = rest
	}
	first := shortFunc(through[0].Func, g) + sep
	if len(through) > 1 {
		first += g.Dots + sep
	}
	for _, text := range []string{all + name, all + bare, first + bare} {
		if a.Width(text) <= room {
			return text
		}
	}
	return g.Dots + sep + name
}

func baseLine(f *trace.Frame) string { return fmt.Sprintf("%s:%d", path.Base(f.File), f.Line) }
