package tui

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// shotDeleted is a delete of a key that is wider than a cell, whose bytes the
// runtime clears or leaves.
func shotDeleted(t *testing.T, o Options, w, h int, key uint64, cleared bool) *driver {
	t.Helper()
	f, s, m := handmade(t)
	bytes := binary.LittleEndian.AppendUint64(nil, key)
	before := smallMap(3, 0x11, 0x22, 0x33)
	copy(before[1].Data[8+16:], bytes)
	after := smallMap(2, 0x11, 0x80, 0x33)
	clear(after[1].Data[8+16 : 8+32])
	if !cleared {
		copy(after[1].Data[8+16:], bytes)
	}
	id, err := s.Begin(trace.Op{Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Map: m, Key: bytes, KeyText: fmt.Sprint(key)})
	must(t, err)
	must(t, s.Read(trace.Moment{Op: id}, 0, m.Addr, before))
	must(t, s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, m.Addr, after))
	must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
	return drive(t, Config{Session: &Session{Timeline: f}, Options: o}, w, h).Press("right")
}

// TestDeletedKey: the key that an op deleted stands below its cell, whole, whether
// or not the runtime cleared it, and the legend says what it is.
func TestDeletedKey(t *testing.T) {
	for _, size := range [][2]int{{200, 60}, {160, 48}, {120, 40}, {80, 24}} {
		for _, cleared := range []bool{false, true} {
			for _, key := range []uint64{1007, 1234567, 12345678901234} {
				d := shotDeleted(t, Options{}, size[0], size[1], key, cleared)
				d.See("key deleted").Miss(fmt.Sprintf("(%d", key))
				below := false
				for _, line := range strings.Split(d.Screen(), "\n") {
					head, rest, ok := strings.Cut(line, " key  ")
					below = below || ok && strings.Trim(head, " │") == "" && strings.Contains(rest, fmt.Sprint(key))
				}
				if !below {
					t.Errorf("%v, cleared %v: %d is not whole below its cell:\n%s", size, cleared, key, d.Screen())
				}
			}
		}
	}
}

// shotPrefix is a delete from a map whose keys are long and begin alike.
func shotPrefix(t *testing.T, o Options, w, h int) *driver {
	t.Helper()
	f, s, m := handmade(t)
	const first = 90000000001300
	keys := func(rs []trace.Region) []trace.Region {
		for i := range 7 {
			binary.LittleEndian.PutUint64(rs[1].Data[8+16*i:], first+uint64(i)*11)
		}
		return rs
	}
	key := binary.LittleEndian.AppendUint64(nil, first+11)
	id, err := s.Begin(trace.Op{Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Map: m, Key: key, KeyText: fmt.Sprint(first + 11)})
	must(t, err)
	must(t, s.Read(trace.Moment{Op: id}, 0, m.Addr, keys(smallMap(7, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77))))
	must(t, s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, m.Addr, keys(smallMap(6, 0x11, 0x80, 0x33, 0x44, 0x55, 0x66, 0x77))))
	must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
	return drive(t, Config{Session: &Session{Timeline: f}, Options: o}, w, h).Press("right")
}
