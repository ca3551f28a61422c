package debuginfo

import (
	"bytes"
	"debug/dwarf"
	"encoding/binary"
	"fmt"
)

// Attributes that Go adds to DWARF.
const (
	attrGoKind        dwarf.Attr = 0x2900 // a reflect.Kind
	attrGoKey         dwarf.Attr = 0x2901 // a map's key type
	attrGoElem        dwarf.Attr = 0x2902 // a map's elem type
	attrGoRuntimeType dwarf.Attr = 0x2904 // offset of the descriptor from runtime.types
)

// The forms of DWARF 2 to 5 that have no name in debug/dwarf.
const (
	formAddr          = 0x01
	formBlock2        = 0x03
	formBlock4        = 0x04
	formData2         = 0x05
	formData4         = 0x06
	formData8         = 0x07
	formString        = 0x08
	formBlock         = 0x09
	formBlock1        = 0x0a
	formData1         = 0x0b
	formFlag          = 0x0c
	formSdata         = 0x0d
	formStrp          = 0x0e
	formUdata         = 0x0f
	formRefAddr       = 0x10
	formRef1          = 0x11
	formRef2          = 0x12
	formRef4          = 0x13
	formRef8          = 0x14
	formRefUdata      = 0x15
	formSecOffset     = 0x17
	formExprloc       = 0x18
	formFlagPresent   = 0x19
	formStrx          = 0x1a
	formAddrx         = 0x1b
	formRefSup4       = 0x1c
	formStrpSup       = 0x1d
	formData16        = 0x1e
	formLineStrp      = 0x1f
	formRefSig8       = 0x20
	formImplicitConst = 0x21
	formLoclistx      = 0x22
	formRnglistx      = 0x23
	formRefSup8       = 0x24
	formStrx1         = 0x25
	formStrx2         = 0x26
	formStrx3         = 0x27
	formStrx4         = 0x28
	formAddrx1        = 0x29
	formAddrx2        = 0x2a
	formAddrx3        = 0x2b
	formAddrx4        = 0x2c
)

// A unit is one compile unit: in Go, one package.
type unit struct {
	off      uint64 // of its header in .debug_info
	root     uint64 // of its first entry
	end      uint64
	version  uint16
	dwarf64  bool
	addrSize uint64
	abbrevs  []abbrev // by code

	name     string
	goLang   bool
	lowPC    uint64
	addrBase uint64 // of its part of .debug_addr
	listBase uint64 // of its part of .debug_loclists
	lines    uint64 // of its part of .debug_line
}

type abbrev struct {
	tag      dwarf.Tag
	children bool
	fields   []abbrevField
}

type abbrevField struct {
	attr dwarf.Attr
	form uint32
	impl int64 // of formImplicitConst
}

// A die is what the index wants of one debug information entry. The scanner
// reuses it from entry to entry.
type die struct {
	off    uint64
	tag    dwarf.Tag
	depth  int // the unit itself is 0
	name   []byte
	kind   uint64 // go_kind
	rtype  uint64 // go_runtime_type
	lowPC  uint64
	hasPC  bool
	origin uint64 // abstract_origin, a section offset

	// Of a unit only.
	lang               uint64
	addrBase, listBase uint64
	lines              uint64
	pcIndex            uint64
	pcIndexed          bool
}

// A scanner walks all entries of a unit. debug/dwarf does the same, but makes
// an Entry of each: ten times as slow, and a big program has millions. It is
// used for the few that are really read.
type scanner struct {
	info  *stream
	abbr  []byte
	addr  []byte // .debug_addr
	order binary.ByteOrder
	tabs  map[uint64][]abbrev
	next  uint64 // offset of the next unit
}

// badDWARF is thrown inside the scanner; guard makes an error of it.
func badDWARF(off uint64, format string, args ...any) {
	panic(fmt.Sprintf("debug information at %#x: %s", off, fmt.Sprintf(format, args...)))
}

// bytes is .debug_info, at least as far as end.
func (s *scanner) bytes(end uint64) []byte {
	b, err := s.info.upTo(end)
	if err != nil {
		badDWARF(uint64(len(b)), "%v", err)
	}
	return b
}

// unit reads the next unit's header and own entry; nil after the last one.
func (s *scanner) unit() *unit {
	off := s.next
	const most = 40 // of a header
	if off+most/2 > s.info.size {
		return nil
	}
	b := s.bytes(off + most)[off:]
	u := &unit{off: off, addrSize: 8}
	n, p := uint64(s.order.Uint32(b)), uint64(4)
	if n == 0xffffffff {
		u.dwarf64, n, p = true, s.order.Uint64(b[4:]), 12
	}
	if n < 8 || n > s.info.size-off-p {
		badDWARF(off, "unit of length %d", n)
	}
	u.end = off + p + n
	s.next = u.end
	u.version = s.order.Uint16(b[p:])
	p += 2
	skip := uint64(0)
	if u.version >= 5 {
		u.addrSize = uint64(b[p+1])
		switch b[p] { // DW_UT_…
		case 4, 5: // skeleton, split
			skip = 8
		case 2, 6: // type units
			skip = 8 + s.offSize(u)
		}
		p += 2
	}
	tab := uint64(s.order.Uint32(b[p:]))
	if u.dwarf64 {
		tab = s.order.Uint64(b[p:])
	}
	p += s.offSize(u)
	if u.version < 5 {
		u.addrSize = uint64(b[p])
		p++
	}
	if u.version < 2 || u.version > 5 || u.addrSize != 8 {
		badDWARF(off, "unit of version %d with addresses of %d bytes", u.version, u.addrSize)
	}
	u.root = off + p + skip
	if u.root >= u.end {
		badDWARF(off, "unit of length %d", n)
	}
	u.abbrevs = s.table(tab)
	s.root(u)
	return u
}

func (s *scanner) offSize(u *unit) uint64 {
	if u.dwarf64 {
		return 8
	}
	return 4
}

// table decodes the abbreviations at an offset, once.
func (s *scanner) table(off uint64) []abbrev {
	if t, ok := s.tabs[off]; ok {
		return t
	}
	if off >= uint64(len(s.abbr)) {
		badDWARF(off, "abbreviations outside of their section")
	}
	b := s.abbr[off:]
	var t []abbrev
	for {
		var code, v uint64
		code, b = uleb(b)
		if code == 0 {
			break
		}
		if code > 1<<16 {
			badDWARF(off, "abbreviation code %d", code)
		}
		var a abbrev
		v, b = uleb(b)
		a.tag = dwarf.Tag(v)
		a.children = b[0] != 0
		b = b[1:]
		for {
			var at, form uint64
			at, b = uleb(b)
			form, b = uleb(b)
			f := abbrevField{attr: dwarf.Attr(at), form: uint32(form)}
			if form == formImplicitConst {
				f.impl, b = sleb(b)
			}
			if at == 0 && form == 0 {
				break
			}
			a.fields = append(a.fields, f)
		}
		for uint64(len(t)) <= code {
			t = append(t, abbrev{})
		}
		t[code] = a
	}
	if s.tabs == nil {
		s.tabs = map[uint64][]abbrev{}
	}
	s.tabs[off] = t
	return t
}

// goLanguage is DW_LANG_Go.
const goLanguage = 0x16

// root reads a unit's own entry. A unit that it cannot read is not Go's: C code
// brings its own kinds of DWARF.
func (s *scanner) root(u *unit) {
	defer func() {
		if recover() != nil {
			u.goLang = false
		}
	}()
	s.scan(u, func(d *die) bool {
		u.goLang = d.tag == dwarf.TagCompileUnit && d.lang == goLanguage
		u.name = string(d.name)
		u.addrBase, u.listBase, u.lowPC, u.lines = d.addrBase, d.listBase, d.lowPC, d.lines
		if d.pcIndexed {
			u.lowPC, _ = s.addrx(u, d.pcIndex)
		}
		return false
	})
}

// scan calls visit for each entry of a unit in order. visit returning false
// ends it.
func (s *scanner) scan(u *unit, visit func(*die) bool) {
	b := s.bytes(u.end)[:u.end]
	pos := u.root
	depth := 0
	var d die
	for pos < u.end {
		off := pos
		code := uint64(b[pos])
		pos++
		if code >= 0x80 {
			code, pos = ulebAt(b, off)
		}
		if code == 0 {
			if depth--; depth <= 0 {
				return
			}
			continue
		}
		if code >= uint64(len(u.abbrevs)) || u.abbrevs[code].tag == 0 {
			badDWARF(off, "unknown abbreviation %d", code)
		}
		a := &u.abbrevs[code]
		d = die{off: off, tag: a.tag, depth: depth}
		for i := range a.fields {
			pos = s.field(u, &d, &a.fields[i], b, pos)
		}
		if pos > u.end {
			badDWARF(off, "entry runs over its unit")
		}
		if !visit(&d) {
			return
		}
		if a.children {
			depth++
		} else if depth == 0 {
			return
		}
	}
}

// field reads or skips one attribute.
func (s *scanner) field(u *unit, d *die, f *abbrevField, b []byte, pos uint64) uint64 {
	var v uint64
	switch f.form {
	case formString:
		n := bytes.IndexByte(b[pos:], 0)
		if n < 0 {
			badDWARF(pos, "unterminated string")
		}
		if f.attr == dwarf.AttrName {
			d.name = b[pos : pos+uint64(n)]
		}
		return pos + uint64(n) + 1
	case formAddr, formData8, formRef8, formRefSig8, formRefSup8:
		v, pos = s.order.Uint64(b[pos:]), pos+8
	case formData4, formRef4, formRefSup4, formStrx4:
		v, pos = uint64(s.order.Uint32(b[pos:])), pos+4
	case formData1, formRef1, formFlag, formStrx1, formAddrx1:
		v, pos = uint64(b[pos]), pos+1
	case formData2, formRef2, formStrx2, formAddrx2:
		v, pos = uint64(s.order.Uint16(b[pos:])), pos+2
	case formStrx3, formAddrx3:
		v, pos = uint64(b[pos])|uint64(b[pos+1])<<8|uint64(b[pos+2])<<16, pos+3
	case formAddrx4:
		v, pos = uint64(s.order.Uint32(b[pos:])), pos+4
	case formUdata, formRefUdata, formSdata, formStrx, formAddrx, formLoclistx, formRnglistx:
		v, pos = ulebAt(b, pos)
	case formRefAddr, formSecOffset, formStrp, formLineStrp, formStrpSup:
		if u.dwarf64 {
			v, pos = s.order.Uint64(b[pos:]), pos+8
		} else {
			v, pos = uint64(s.order.Uint32(b[pos:])), pos+4
		}
	case formExprloc, formBlock:
		v, pos = ulebAt(b, pos)
		pos = within(b, pos, v)
	case formBlock1:
		pos = within(b, pos+1, uint64(b[pos]))
	case formBlock2:
		pos = within(b, pos+2, uint64(s.order.Uint16(b[pos:])))
	case formBlock4:
		pos = within(b, pos+4, uint64(s.order.Uint32(b[pos:])))
	case formData16:
		pos += 16
	case formFlagPresent:
	case formImplicitConst:
		v = uint64(f.impl)
	default:
		badDWARF(pos, "unknown form %#x", f.form)
	}
	switch f.attr {
	case attrGoKind:
		d.kind = v
	case attrGoRuntimeType:
		d.rtype = v
	case dwarf.AttrLowpc:
		d.hasPC = true
		switch f.form {
		case formAddr:
			d.lowPC = v
		case formAddrx, formAddrx1, formAddrx2, formAddrx3, formAddrx4:
			if d.depth == 0 { // addr_base comes later in the same entry
				d.pcIndex, d.pcIndexed = v, true
			} else {
				d.lowPC, d.hasPC = s.addrx(u, v)
			}
		}
	case dwarf.AttrAbstractOrigin:
		d.origin = v
		if f.form != formRefAddr {
			d.origin += u.off
		}
	case dwarf.AttrLanguage:
		d.lang = v
	case dwarf.AttrStmtList:
		d.lines = v
	case dwarf.AttrAddrBase:
		d.addrBase = v
	case dwarf.AttrLoclistsBase:
		d.listBase = v
	}
	return pos
}

// addrx is the address with a number in the unit's part of .debug_addr.
func (s *scanner) addrx(u *unit, i uint64) (uint64, bool) {
	off := u.addrBase + i*8
	if i > uint64(len(s.addr)) || off > uint64(len(s.addr)) || uint64(len(s.addr))-off < 8 {
		return 0, false
	}
	return s.order.Uint64(s.addr[off:]), true
}

func within(b []byte, pos, n uint64) uint64 {
	if n > uint64(len(b)) || pos+n > uint64(len(b)) {
		badDWARF(pos, "block of %d bytes", n)
	}
	return pos + n
}

func uleb(b []byte) (uint64, []byte) {
	v, n := ulebAt(b, 0)
	return v, b[n:]
}

func ulebAt(b []byte, pos uint64) (uint64, uint64) {
	var v uint64
	for shift := uint(0); ; shift += 7 {
		c := b[pos]
		pos++
		if shift < 64 {
			v |= uint64(c&0x7f) << shift
		}
		if c < 0x80 {
			return v, pos
		}
	}
}

func sleb(b []byte) (int64, []byte) {
	var v int64
	for i, shift := 0, uint(0); ; i++ {
		c := b[i]
		if shift < 64 {
			v |= int64(c&0x7f) << shift
			shift += 7
		}
		if c < 0x80 {
			if c&0x40 != 0 && shift < 64 {
				v |= -1 << shift
			}
			return v, b[i+1:]
		}
	}
}
