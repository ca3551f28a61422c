package gomap

import (
	"encoding/binary"
	"slices"
)

// Where a hash leads. The runtime uses the two ends of a key's hash for different
// things:
//
//	classic   low B bits    the bucket
//	          top byte      tophash, 5 added where it is a mark (0 … 4)
//	swiss     top bits      the directory's place: as many as its length, a power of 2, has
//	          bits 7 and up h1: the table's group at which the probe begins, modulo their number
//	          low 7 bits    h2, the control byte
//
// A probe of a Swiss table goes on by 1, 2, 3 … groups, modulo their number, which
// is a power of 2, so that it meets each group once; it ends at the first that has
// an empty cell.

// directoryPlace is the place in a directory of n that a hash leads to.
func directoryPlace(hash, n uint64) uint64 {
	if n <= 1 {
		return 0
	}
	return hash >> (64 - log2(n))
}

// h1 and h2 are the parts of a hash that a Swiss table uses.
func h1(hash uint64) uint64 { return hash >> 7 }
func h2(hash uint64) byte   { return byte(hash & 0x7f) }

// topHash is the control byte of a full classic cell.
func topHash(hash uint64) byte {
	top := byte(hash >> 56)
	if top < minTopHash {
		top += minTopHash
	}
	return top
}

// ControlByte is the control byte of a full cell whose key has that hash.
func (l *Layout) ControlByte(hash uint64) byte {
	if l.Kind == Classic {
		return topHash(hash)
	}
	return h2(hash)
}

// probe goes over the groups of a table in the order in which a search for a key
// of that hash looks at them, until visit says that it ends there.
func probe(hash, groups uint64, visit func(group uint64) bool) {
	at := h1(hash) & (groups - 1)
	for n := uint64(1); n <= groups; n++ {
		if visit(at) {
			return
		}
		at = (at + n) & (groups - 1)
	}
}

// hashed decodes the tables and groups that an op on a key of the window's hash
// works on, of a directory of n places: one table, and in it the probe's path, or
// all of it if the window says so. The directory is read whole as long as it is
// small: then a table is known by its number among all.
func (d *decoder) hashed(dir uint64, n int) {
	at := directoryPlace(d.w.Hash.Value, uint64(n))
	if at >= uint64(n) {
		d.partial("directory: the hash leads to place %d of %d", at, n)
		return
	}
	if n <= wholeDirectory {
		addrs := d.directory(dir, n)
		d.SomeTables = slices.Contains(addrs, 0)
		d.places(addrs)
		for i := range d.Tables {
			if d.Tables[i].Addr == addrs[at] {
				d.table(i)
				d.onTable(i)
			}
		}
		return
	}
	d.SomeTables = true
	d.partial("directory: 1 of %d places was looked at", n)
	b, err := d.r.at(dir+8*at, 8, RoleDirectory)
	if err != nil {
		d.partial("directory: place %d could not be read", at)
		return
	}
	d.Tables = []Table{{Addr: binary.LittleEndian.Uint64(b), Dir: []int{int(at)}}}
	d.table(0)
	d.numbered(0)
	d.onTable(0)
}

// wholeDirectory is how many places a directory may have to be read whole for the
// sake of its tables' numbers.
const wholeDirectory = 512

// onTable decodes what the window's hash leads to in table i.
func (d *decoder) onTable(i int) {
	t := &d.Tables[i]
	if t.Groups == 0 {
		return
	}
	if t.Groups&(t.Groups-1) != 0 || t.Groups > maxGroups {
		d.partial("table %d at %#x has %d groups, which cannot be", t.No, t.Addr, t.Groups)
		return
	}
	if d.w.Table {
		d.Whole = true
		d.groups(i)
		d.Whole = false
		return
	}
	d.RowsTotal += t.Groups
	probe(d.w.Hash.Value, t.Groups, func(g uint64) bool {
		row := Row{Where: Where{Table: i, No: t.No, Row: g}, Addr: t.Data + g*d.l.Row.Size}
		rows := []Row{row}
		d.fill(rows)
		d.Rows = append(d.Rows, rows[0])
		return !rows[0].Read || rows[0].has(ctrlEmpty) || len(d.Rows) >= d.w.MaxRows
	})
	sortRows(d.Rows)
	d.partial("table %d: %d of %d rows were looked at", t.No, len(d.Rows), t.Groups)
}

// maxGroups bounds the groups of a table: the runtime splits one of 128.
const maxGroups = 1 << 20

// Evacuating is the buckets that an op on a growing classic map evacuates before
// it does anything else.
type Evacuating struct {
	Of      uint64 // the number of buckets of the array that they are in
	Buckets []uint64
}

// hashedBuckets decodes the chains that an op on a key of the window's hash works
// on: its bucket's, and those that it evacuates, with the new buckets that their
// entries go to.
func (d *decoder) hashedBuckets(buckets, exp, old, oldExp uint64) {
	n, m := arrayLen(exp), arrayLen(oldExp)
	at := d.w.Hash.Value & (n - 1)
	fresh := []uint64{at}
	e := d.w.Evacuating
	switch {
	case e.Of > 0: // as known from the look before
	case old != 0:
		e = Evacuating{m, d.inTurn(old, at&(m-1), d.field("nevacuate"), m)}
	case d.w.Table:
		// An assign may begin a growth, and then evacuates at once.
		e = Evacuating{n, d.inTurn(0, at, 0, n)}
	}
	d.Map.Evacuating = e
	for _, o := range e.Buckets {
		fresh = append(fresh, o, o+e.Of)
	}
	d.RowsTotal = n
	if old != 0 {
		d.RowsTotal += m
	}
	d.some(buckets, n, fresh, false)
	if old != 0 {
		d.some(old, m, e.Buckets, true)
	}
}

// inTurn lists the old buckets that an op evacuates: the one that its hash leads
// to, and the next in turn; that is, were they the same, the first after it that
// is not evacuated.
func (d *decoder) inTurn(old, first, next, n uint64) []uint64 {
	if next == first {
		next++
		if old != 0 {
			next = d.unevacuated(old, next, n)
		}
	}
	if next < n && next != first {
		return []uint64{first, next}
	}
	return []uint64{first}
}

// some decodes some buckets of an array.
func (d *decoder) some(addr, n uint64, which []uint64, old bool) {
	w := Window{MaxRows: d.w.MaxRows, MaxTables: d.w.MaxTables}
	for _, i := range which {
		if i < n {
			w.Rows = append(w.Rows, addr+i*d.l.Row.Size)
		}
	}
	d.w.Rows = w.Rows
	total := d.RowsTotal
	d.buckets(addr, log2(n), old)
	d.RowsTotal = total
}

func log2(n uint64) (exp uint64) {
	for ; n > 1; n >>= 1 {
		exp++
	}
	return exp
}

// maxSkip is how far evacuation looks for the next bucket in turn.
const maxSkip = 1024

// unevacuated is the first old bucket from on that is not evacuated, as far as
// the runtime looks for it.
func (d *decoder) unevacuated(old, from, n uint64) uint64 {
	for i := from; i < n && i < from+maxSkip; i++ {
		b, err := d.r.at(old+i*d.l.Row.Size+d.l.Row.Ctrl, 1, RoleRow)
		if err != nil || b[0] < evacuatedX || b[0] > evacuatedEmpty {
			return i
		}
	}
	return n
}
