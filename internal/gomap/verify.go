package gomap

import "fmt"

// Violation is a promise of the runtime that the bytes do not keep.
type Violation struct {
	Where string // table 0 group 3 cell 2, table 0, or "" of the map as a whole
	Addr  uint64 // of the control byte, the row, the table or the header
	What  string
}

// String is where and what.
func (v Violation) String() string {
	if v.Where == "" {
		return v.What
	}
	return v.Where + ": " + v.What
}

// maxViolations bounds what Verify lists of one map.
const maxViolations = 64

// Quiet reports whether no op was under way in the map when it was read. Within
// one, counters and cells do not agree, and need not.
func (m *Map) Quiet() bool {
	if m.Layout != nil && m.Layout.Kind == Classic {
		f, ok := m.Field("flags")
		return ok && f&flagWriting == 0
	}
	w, ok := m.Field("writing")
	return ok && w == 0
}

// Verify recomputes what the runtime promises between any two ops, from the rows
// that were read, and lists what is not so. Where not all of a table or chain was
// read, what needs all of it is not checked. It is empty of a map that is nil or
// not [Map.Quiet].
//
//	swiss    control bytes are full, empty or deleted; used, capacity and growthLeft
//	         agree with the cells; no tombstones in a small map, nor where
//	         tombstonePossible denies them; tables are in as many places of the
//	         directory as their depth says
//	classic  count agrees with the cells; behind emptyRest all is emptyRest; marks of
//	         evacuation are in old buckets alone, and there in whole buckets, and in
//	         all before nevacuate
//
// Whether a full cell can be found by its key is not checked: that needs the hash
// of each key.
func Verify(m *Map) []Violation {
	if m == nil || m.Root == 0 || m.Layout == nil || !m.Quiet() {
		return nil
	}
	v := verifier{Map: m}
	if m.Layout.Kind == Classic {
		v.classic()
	} else {
		v.swiss()
	}
	return v.found
}

type verifier struct {
	*Map
	found []Violation
}

func (v *verifier) say(where string, addr uint64, format string, args ...any) {
	if len(v.found) < maxViolations {
		v.found = append(v.found, Violation{where, addr, fmt.Sprintf(format, args...)})
	}
}

func (v *verifier) cell(r *Row, i int, format string, args ...any) {
	v.say(fmt.Sprintf("%s cell %d", r.Where, i), v.Layout.CtrlAddr(r, i), format, args...)
}

// rowCount is what was counted over rows.
type rowCount struct{ read, full, deleted uint64 }

func (v *verifier) swiss() {
	counts := make([]rowCount, len(v.Tables))
	small := rowCount{}
	for i := range v.Rows {
		r := &v.Rows[i]
		if !r.Read {
			continue
		}
		n := &small
		if r.Where.Table >= 0 {
			n = &counts[r.Where.Table]
		}
		n.read++
		for c, b := range r.Ctrl {
			switch v.Layout.StateOf(b) {
			case Full:
				n.full++
			case Deleted:
				n.deleted++
				if r.Where.Table < 0 {
					v.cell(r, c, "a tombstone, which a small map never has")
				}
			case Unknown:
				v.cell(r, c, "control byte %#02x means nothing", b)
			}
		}
	}
	dir, _ := v.Field("dirLen")
	if dir == 0 {
		if small.read == v.RowsTotal && small.full != v.Used {
			v.say("", v.Root, "used is %d, and %d cells are full", v.Used, small.full)
		}
		return
	}
	depth, ok := v.Field("globalDepth")
	if ok && (depth > 62 || dir != 1<<depth) {
		v.say("", v.Root, "the directory has %d places, and globalDepth is %d", dir, depth)
	}
	used, all := uint64(0), !v.SomeTables && len(v.Tables) > 0
	for i := range v.Tables {
		t := &v.Tables[i]
		n, known := t.Field("used")
		used, all = used+n, all && known
		if known {
			v.table(t, &counts[i], depth)
		}
	}
	if all && used != v.Used {
		v.say("", v.Root, "used is %d, and that of all tables together %d", v.Used, used)
	}
}

func (v *verifier) table(t *Table, n *rowCount, depth uint64) {
	where := fmt.Sprintf("table %d", t.No)
	used, _ := t.Field("used")
	capacity, _ := t.Field("capacity")
	left, _ := t.Field("growthLeft")
	if capacity != t.Groups*CellsPerRow {
		v.say(where, t.Addr, "capacity is %d, and it has %d groups of eight", capacity, t.Groups)
		return
	}
	if used+left > room(capacity) {
		v.say(where, t.Addr, "used %d and growthLeft %d are more than the %d that its capacity of %d allows", used, left, room(capacity), capacity)
	}
	if n.read == t.Groups {
		if used != n.full {
			v.say(where, t.Addr, "used is %d, and %d cells are full", used, n.full)
		}
		if want := room(capacity) - min(n.full+n.deleted, room(capacity)); left != want {
			v.say(where, t.Addr, "growthLeft is %d, and %d full cells and %d tombstones leave %d", left, n.full, n.deleted, want)
		}
	}
	if possible, ok := v.Field("tombstonePossible"); ok && possible == 0 && n.deleted > 0 {
		v.say(where, t.Addr, "it has %d tombstones, and tombstonePossible is false", n.deleted)
	}
	local, ok := t.Field("localDepth")
	if !ok || v.SomeTables || len(t.Dir) == 0 {
		return
	}
	if local > depth || depth > 62 || uint64(len(t.Dir)) != 1<<(depth-local) {
		v.say(where, t.Addr, "it is in %d places of the directory, and its depth is %d of %d", len(t.Dir), local, depth)
	}
	if index, ok := t.Field("index"); ok && index != uint64(t.Dir[0]) {
		v.say(where, t.Addr, "its index is %d, and its first place is %d", int64(index), t.Dir[0])
	}
}

func (v *verifier) classic() {
	next, _ := v.Field("nevacuate")
	full, read := uint64(0), uint64(0)
	chainRest := false // the chain has come to emptyRest
	cut := false       // a row of the chain was not read
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Where.Overflow == 0 {
			chainRest, cut = false, false
		}
		if !r.Read {
			cut = true
			continue
		}
		read++
		marks := 0
		for c := range r.Ctrl {
			st := v.Layout.State(r, c)
			switch st {
			case EvacuatedX, EvacuatedY, EvacuatedEmpty:
				marks++
				if !r.Where.Old {
					v.cell(r, c, "%s, and the bucket is no old one", st)
				}
				continue
			case Full:
				full++
			}
			if chainRest && !cut && st != EmptyRest {
				v.cell(r, c, "%s, behind a cell that is emptyRest", st)
			}
			chainRest = chainRest || st == EmptyRest
		}
		if !r.Where.Old {
			continue
		}
		switch {
		case marks != 0 && marks != CellsPerRow:
			v.say(r.Where.String(), r.Addr, "%d of its cells are marked as evacuated", marks)
		case marks == 0 && r.Where.Overflow == 0 && r.Where.Row < next:
			v.say(r.Where.String(), r.Addr, "it is not evacuated, and nevacuate is %d", next)
		}
	}
	if read == v.RowsTotal && len(v.Partial) == 0 && full != v.Used {
		v.say("", v.Root, "count is %d, and %d cells are full", v.Used, full)
	}
}
