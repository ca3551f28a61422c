package file

import (
	"bytes"
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// forge makes a file of frames whose checksums are right, whatever is in them.
func forge(frames ...[]byte) []byte {
	b := fileHeader()
	for _, f := range frames {
		b = append(b, f...)
	}
	return b
}

func forgeBlock(n uint32, d digest, raw []byte) []byte {
	return sealFrame(frameHeader{kind: frameBlock, block: n}, d.append(nil), raw)
}

// TestLaterRole: a role of a later version is read as unknown, and nothing else of
// the region is another.
func TestLaterRole(t *testing.T) {
	raw := func(role gomap.Role) []byte {
		e := newEncoder(nil)
		e.begin(trace.Op{Map: trace.MapRef{ID: 1}})
		e.read(trace.Moment{Op: 1}, 1, 0x1000, []trace.Region{{Addr: 0x1000, Role: role, Data: []byte{7, 8}}})
		return e.raw
	}
	a, b := raw(gomap.RoleRow), raw(gomap.RoleKey)
	at := -1
	for i := range a {
		if a[i] != b[i] {
			if at >= 0 {
				t.Fatal("two roles differ in more than a byte")
			}
			at = i
		}
	}
	for role, want := range map[byte]gomap.Role{byte(gomap.RoleRow): gomap.RoleRow, 99: gomap.RoleUnknown} {
		a[at] = role
		parsed, err := parseBlock(a, &digest{firstID: 1, begun: 1, firstSurvey: 1, Bounds: trace.Bounds{FirstSeq: 1}})
		if err != nil {
			t.Fatal(err)
		}
		r := replayed{}
		if err := parsed.replay(&r, trace.Moment{Op: 1}, 1); err != nil {
			t.Fatal(err)
		}
		if len(r.regions) != 1 || r.regions[0].Role != want || r.regions[0].Addr != 0x1000 || !bytes.Equal(r.regions[0].Data, []byte{7, 8}) {
			t.Errorf("role %d: %+v", role, r.regions)
		}
	}
}

// Files of a few KB that claim or unpack to gigabytes.
func TestBombs(t *testing.T) {
	type m = map[string]any
	jsonOf := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	begin := func() []byte { // the least that an op can be
		e := newEncoder(nil)
		e.begin(trace.Op{})
		return e.raw
	}()
	second := func() []byte {
		e := newEncoder(nil)
		e.begin(trace.Op{})
		n := len(e.raw)
		e.begin(trace.Op{})
		return e.raw[n:]
	}()
	fill := func(b []byte, n int) []byte { return bytes.Repeat(b, n/len(b)) }
	record := func(kind byte, payload []byte) []byte {
		return append(appendUint([]byte{kind}, uint64(len(payload))), payload...)
	}
	read := func(shape []byte, n int, patch []byte) []byte {
		p := append([]byte{0, byte(trace.Before), 1, 0, 0}, appendUint(nil, uint64(n))...)
		return record(recRead, append(append(p, shape...), patch...))
	}
	for _, tt := range []struct {
		name string
		file []byte
	}{
		{"ops", forge(forgeBlock(0, digest{firstID: 1, firstSurvey: 1, Bounds: trace.Bounds{FirstSeq: 1}, begun: 3 << 20}, append(bytes.Clone(begin), fill(second, 60<<20)...)))},
		{"regions", forge(forgeBlock(0, digest{firstID: 1, firstSurvey: 1, Bounds: trace.Bounds{FirstSeq: 1}, begun: 1}, append(bytes.Clone(begin), read(fill([]byte{0, 1, 0}, 60<<20), 20<<20, nil)...)))},
		{"shapes", forge(forgeBlock(0, digest{firstID: 1, firstSurvey: 1, Bounds: trace.Bounds{FirstSeq: 1}, begun: 1}, append(bytes.Clone(begin), fill(read([]byte{0, 0xff, 0xff, 0xff, 0x0f, 0}, 1, nil), 60<<20)...)))},
		{"memory", forge(forgeBlock(0, digest{firstID: 1, firstSurvey: 1, Bounds: trace.Bounds{FirstSeq: 1}, begun: 1}, append(bytes.Clone(begin), fill(read([]byte{0, 100, 0}, 1, append([]byte{0, 100}, make([]byte, 100)...)), 60<<20)...)))},
		{"texts", forge(forgeBlock(0, digest{firstID: 1, firstSurvey: 1, Bounds: trace.Bounds{FirstSeq: 1}, begun: 1}, record(recBegin, append(append([]byte{1, 0}, appendUint(nil, 60<<20)...), make([]byte, 60<<20)...))))},
		{"escapes", forge(sealFrame(frameHeader{kind: frameOutput}, nil, append(append([]byte{1, 0}, appendUint(nil, 1<<19)...), make([]byte, 1<<19)...)))},
		{"much output", forge(sealFrame(frameHeader{kind: frameOutput}, nil, make([]byte, 60<<20)))},
		{"lines", forge(sealFrame(frameHeader{kind: frameOutput}, nil, fill([]byte{1, 0, 0}, 1<<20)))},
		{"facts", forge(fill(sealFrame(frameHeader{kind: frameFacts}, nil, fill([]byte("{}\n"), 3<<20)), 16<<10))},
		{"fields", forge(sealFrame(frameHeader{kind: frameFacts}, nil, jsonOf(m{"layout": m{"Header": make([]m, 200000)}})))},
		{"deep type", forge(sealFrame(frameHeader{kind: frameFacts}, nil, []byte(`{"type":`+strings.Repeat(`{"Elem":`, 9000)+`{}`+strings.Repeat(`}`, 9001))))},
		{"digest", forge(fill(sealFrame(frameHeader{kind: frameBlock}, make([]byte, maxMeta), []byte{0}), 16<<10))},
		{"others", forge(fill(sealFrame(frameHeader{kind: frameBlock}, (&digest{firstID: 1, firstSurvey: 1, Bounds: trace.Bounds{FirstSeq: 1}, others: make([]trace.OpID, 1<<16)}).append(nil), []byte{0}), 16<<10))},
		{"gap", forge(forgeBlock(0, digest{firstID: maxNumber - 1, firstSurvey: 1, Bounds: trace.Bounds{FirstSeq: maxNumber - 1, Marks: []trace.Mark{'d'}}, begun: 1}, begin))},
		{"index", append(forge(sealFrame(frameHeader{kind: frameIndex}, nil, make([]byte, maxIndex))), footer(fileHeaderSize)...)},
		{"header", forge((&frameHeader{kind: frameFacts, data: section{1 << 31, 1 << 31}}).append(nil))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			f, err := OpenReader(bytes.NewReader(tt.file), int64(len(tt.file)))
			if err != nil {
				t.Fatal(err)
			}
			use(f)
			runtime.ReadMemStats(&after)
			held := int64(after.HeapSys) - int64(before.HeapSys)
			t.Logf("a file of %d bytes: heap grew by %d MB, %d MB allocated in all, damage %.200q",
				len(tt.file), held>>20, (after.TotalAlloc-before.TotalAlloc)>>20, f.Damage())
			if held > 300<<20 {
				t.Errorf("a file of %d bytes made the heap grow by %d MB", len(tt.file), held>>20)
			}
		})
	}
}
