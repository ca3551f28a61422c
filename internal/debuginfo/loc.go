package debuginfo

import (
	"debug/dwarf"
)

// DWARF operations that say where an argument is.
const (
	opReg0    = 0x50
	opReg31   = 0x6f
	opRegx    = 0x90
	opFbreg   = 0x91
	opPiece   = 0x93
	opCallCFA = 0x9c
)

// locate evaluates a location attribute at a pc: the words that the argument
// is in; none if it is nowhere, or in a way that Go does not use. Call it with
// mu held.
func (f *File) locate(u *unit, fd *dwarf.Field, pc uint64) ([]Loc, error) {
	expr, ok := fd.Val.([]byte)
	if !ok {
		var err error
		if expr, err = f.locList(u, fd, pc); err != nil {
			return nil, err
		}
	}
	return words(expr), nil
}

// words parts a location expression in its pieces.
func words(expr []byte) []Loc {
	var locs []Loc
	l := Loc{Size: ptrSize}
	for len(expr) > 0 {
		op := expr[0]
		expr = expr[1:]
		switch {
		case op >= opReg0 && op <= opReg31:
			l.Reg, l.Known = int(op-opReg0), true
		case op == opRegx:
			var r uint64
			r, expr = uleb(expr)
			l.Reg, l.Known = int(r), true
		case op == opFbreg:
			l.Reg, l.Known = -1, true
			l.CFA, expr = sleb(expr)
		case op == opCallCFA:
			l.Reg, l.CFA, l.Known = -1, 0, true
		case op == opPiece:
			l.Size, expr = uleb(expr)
			locs = append(locs, l)
			l = Loc{Size: ptrSize}
		default:
			return nil
		}
	}
	if l.Known {
		locs = append(locs, l)
	}
	return locs
}

// maxList is how far a list is read; the runtime's are much shorter.
const maxList = 1 << 16

// locList finds the expression that holds at pc in a list of locations.
func (f *File) locList(u *unit, fd *dwarf.Field, pc uint64) ([]byte, error) {
	var off uint64
	switch v := fd.Val.(type) {
	case int64:
		off = uint64(v)
	case uint64:
		off = v
	default:
		return nil, nil
	}
	name := "debug_loc"
	if u.version >= 5 {
		name = "debug_loclists"
	}
	if f.lists == nil {
		var err error
		if f.lists, err = f.c.section(name); err != nil {
			return nil, f.malformed("%v", err)
		}
	}
	if fd.Class == dwarf.ClassLocList { // an index, into the table of offsets at listBase
		at := u.listBase + off*4
		b, err := f.lists.upTo(at + 4)
		if err != nil {
			return nil, f.malformed("section %s: %v", name, err)
		}
		if off > uint64(len(b)) || at+4 > uint64(len(b)) {
			return nil, nil
		}
		off = u.listBase + uint64(f.scan.order.Uint32(b[at:]))
	}
	b, err := f.lists.upTo(off + maxList)
	if err != nil {
		return nil, f.malformed("section %s: %v", name, err)
	}
	if off >= uint64(len(b)) {
		return nil, nil
	}
	if u.version >= 5 {
		return f.locList5(u, b[off:], pc), nil
	}
	return f.locList4(u, b[off:], pc), nil
}

func (f *File) locList4(u *unit, b []byte, pc uint64) []byte {
	base := u.lowPC
	for len(b) >= 16 {
		lo, hi := f.scan.order.Uint64(b), f.scan.order.Uint64(b[8:])
		b = b[16:]
		switch {
		case lo == ^uint64(0):
			base = hi
			continue
		case lo == 0 && hi == 0:
			return nil
		case len(b) < 2:
			return nil
		}
		n := int(f.scan.order.Uint16(b))
		if b = b[2:]; n > len(b) {
			return nil
		}
		if base+lo <= pc && pc < base+hi {
			return b[:n]
		}
		b = b[n:]
	}
	return nil
}

// Kinds of entries of .debug_loclists.
const (
	lleEnd          = 0
	lleBaseAddressx = 1
	lleStartxEndx   = 2
	lleStartxLength = 3
	lleOffsetPair   = 4
	lleDefault      = 5
	lleBaseAddress  = 6
	lleStartEnd     = 7
	lleStartLength  = 8
)

func (f *File) locList5(u *unit, b []byte, pc uint64) []byte {
	base := u.lowPC
	addr := func() (a uint64) { a, b = f.scan.order.Uint64(b), b[8:]; return }
	num := func() (v uint64) { v, b = uleb(b); return }
	addrx := func() uint64 { a, _ := f.scan.addrx(u, num()); return a }
	for {
		kind := b[0]
		b = b[1:]
		var lo, hi uint64
		switch kind {
		case lleBaseAddressx:
			base = addrx()
			continue
		case lleBaseAddress:
			base = addr()
			continue
		case lleStartxEndx:
			lo, hi = addrx(), addrx()
		case lleStartxLength:
			lo = addrx()
			hi = lo + num()
		case lleOffsetPair:
			lo = base + num()
			hi = base + num()
		case lleDefault:
			lo, hi = 0, ^uint64(0)
		case lleStartEnd:
			lo, hi = addr(), addr()
		case lleStartLength:
			lo = addr()
			hi = lo + num()
		default: // lleEnd, or unknown
			return nil
		}
		n := num()
		if n > uint64(len(b)) {
			return nil
		}
		if lo <= pc && pc < hi {
			return b[:n]
		}
		b = b[n:]
	}
}
