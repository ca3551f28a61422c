package gomap

// maxLoad is how many of a group's eight cells a Swiss table fills on average
// before it grows.
const maxLoad = 7

// room is how many cells of a table of that capacity may ever be full or deleted
// at once: runtime's maxGrowthLeft.
func room(capacity uint64) uint64 {
	if capacity <= CellsPerRow {
		return max(capacity, 1) - 1
	}
	return capacity * maxLoad / CellsPerRow
}

// Tombstones is the number of cells in state deleted, in all of the map, whatever
// rows of it were read: a table's header tells, for
//
//	growthLeft = room(capacity) - used - tombstones
//
// holds between any two of its ops. A small map and a classic one never have any.
// Where a table's header was not read, or says what cannot be, its rows that were
// read are counted.
func (m *Map) Tombstones() int {
	if m.Layout == nil || m.Layout.Kind == Classic {
		return 0
	}
	n := 0
	count := make([]bool, len(m.Tables)) // by its rows
	counting := len(m.Tables) == 0
	for i := range m.Tables {
		k, ok := m.Tables[i].Tombstones()
		n += k
		count[i] = !ok
		counting = counting || !ok
	}
	if !counting {
		return n
	}
	for i := range m.Rows {
		if r := &m.Rows[i]; r.Read && (r.Where.Table < 0 || count[r.Where.Table]) {
			n += r.count(ctrlDeleted)
		}
	}
	return n
}

// Tombstones is how many the table has by its header; ok is false where that was
// not read or says what cannot be.
func (t *Table) Tombstones() (n int, ok bool) {
	capacity, ok1 := t.Field("capacity")
	used, ok2 := t.Field("used")
	left, ok3 := t.Field("growthLeft")
	if !ok1 || !ok2 || !ok3 || used+left > room(capacity) || capacity != t.Groups*CellsPerRow {
		return 0, false
	}
	return int(room(capacity) - used - left), true
}
