package main

import (
	"runtime"
	"strconv"
	"strings"
	"unsafe"
)

// minor is N of the Go 1.N that built this.
var minor = func() int {
	s := strings.TrimPrefix(runtime.Version(), "go1.")
	if i := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		s = s[:i]
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}()

// classic reports whether maps are buckets with overflow chains.
var classic = minor < 24 || strings.Contains(runtime.Version(), "noswissmap")

// header takes a map apart: its type's and its header's address.
func header(m any) (typ, hdr unsafe.Pointer) {
	w := *(*[2]unsafe.Pointer)(unsafe.Pointer(&m))
	return w[0], w[1]
}

func at(p unsafe.Pointer, off uintptr) unsafe.Pointer { return unsafe.Add(p, off) }
func u8(p unsafe.Pointer, off uintptr) uint8          { return *(*uint8)(at(p, off)) }
func u16(p unsafe.Pointer, off uintptr) uint16        { return *(*uint16)(at(p, off)) }
func u64(p unsafe.Pointer, off uintptr) uint64        { return *(*uint64)(at(p, off)) }
func ptr(p unsafe.Pointer, off uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(at(p, off))
}

// cell is one of the 8 places of a bucket or group.
type cell struct {
	ctrl      *byte // tophash or control byte
	key, elem unsafe.Pointer
	unit      unsafe.Pointer // its bucket or group
	root      unsafe.Pointer // classic: the bucket that starts its chain; Swiss: its table
}

func (c cell) full() bool {
	if classic {
		return *c.ctrl >= 5
	}
	return *c.ctrl < 0x80
}

// peek lists a map's cells in memory order, overflow buckets after their
// bucket. Classic old buckets are not listed; ask growing first.
func peek(m any) []cell {
	typ, h := header(m)
	var cs []cell
	if classic {
		buckets, n := ptr(h, 16), uintptr(1)<<u8(h, 9)
		if buckets == nil {
			return nil
		}
		size := uintptr(u16(typ, 82))
		for i := uintptr(0); i < n; i++ {
			root := at(buckets, i*size)
			for b := root; b != nil; b = ptr(b, size-8) {
				cs = append(cs, bucket(typ, b, root)...)
			}
		}
		return cs
	}
	dir, dirLen := ptr(h, 16), *(*int)(at(h, 24))
	if dir == nil {
		return nil
	}
	if dirLen == 0 {
		return group(typ, dir, nil)
	}
	var last unsafe.Pointer
	for i := 0; i < dirLen; i++ {
		t := ptr(dir, uintptr(i)*8)
		if t == last {
			continue
		}
		last = t
		data, mask := ptr(t, 16), u64(t, 24)
		for g := uint64(0); g <= mask; g++ {
			cs = append(cs, group(typ, at(data, uintptr(g)*uintptr(u64(typ, 80))), t)...)
		}
	}
	return cs
}

func bucket(typ, b, root unsafe.Pointer) []cell {
	key, elem := uintptr(u8(typ, 80)), uintptr(u8(typ, 81))
	var cs []cell
	for i := uintptr(0); i < 8; i++ {
		cs = append(cs, cell{(*byte)(at(b, i)), at(b, 8+i*key), at(b, 8+8*key+i*elem), b, root})
	}
	return cs
}

func group(typ, g, table unsafe.Pointer) []cell {
	keys, keyStride := uintptr(8), uintptr(u64(typ, 88))
	elems, elemStride := 8+uintptr(u64(typ, 96)), uintptr(u64(typ, 88))
	if minor >= 27 {
		keys, keyStride = uintptr(u64(typ, 88)), uintptr(u64(typ, 96))
		elems, elemStride = uintptr(u64(typ, 104)), uintptr(u64(typ, 112))
	}
	var cs []cell
	for i := uintptr(0); i < 8; i++ {
		cs = append(cs, cell{(*byte)(at(g, i)), at(g, keys+i*keyStride), at(g, elems+i*elemStride), g, table})
	}
	return cs
}

// growing reports whether a classic map is moving from old buckets to new.
func growing(m any) bool {
	_, h := header(m)
	return classic && ptr(h, 24) != nil
}

// picture is a map's memory, header and cells, as bytes to compare.
func picture(m any) string {
	typ, h := header(m)
	var s strings.Builder
	n, unit := uintptr(48), uintptr(0)
	if classic {
		unit = uintptr(u16(typ, 82))
	} else {
		unit = uintptr(u64(typ, 80))
	}
	write := func(p unsafe.Pointer, n uintptr) { s.Write(unsafe.Slice((*byte)(p), n)) }
	write(h, n)
	var last, lastRoot unsafe.Pointer
	for _, c := range peek(m) {
		if !classic && c.root != nil && c.root != lastRoot {
			lastRoot = c.root
			write(c.root, 32)
		}
		if c.unit != last {
			last = c.unit
			write(c.unit, unit)
		}
	}
	return s.String()
}

// units lists the addresses of a map's buckets or groups.
func units(m any) string {
	var s strings.Builder
	var last unsafe.Pointer
	for _, c := range peek(m) {
		if c.unit != last {
			last = c.unit
			s.WriteString(strconv.FormatUint(uint64(uintptr(c.unit)), 16) + " ")
		}
	}
	return s.String()
}

// settle makes a classic map finish growing, by writes that change nothing.
func settle(m map[uint64]uint64) {
	for k := range m {
		for growing(m) {
			m[k] = m[k]
		}
		return
	}
}
