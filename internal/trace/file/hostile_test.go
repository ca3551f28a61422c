package file

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/moment"
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

// use does with a timeline what screens and printers do.
func use(f *File) {
	f.Info()
	f.Fate()
	f.Usage()
	f.Maps()
	f.Output(1 << 20)
	f.Types().TypeAt(1)
	f.Source("x.go")
	f.Pending()
	n := uint64(f.Len())
	f.Marks(1, min(n, 1000))
	f.Marks(n, n)
	for _, seq := range []uint64{1, 2, n / 2, n} {
		if op, err := f.Seq(seq); err == nil {
			_ = fmt.Sprint(*op)
			_, _ = moment.Of(f, op)
			_, _ = moment.Drift(f, op)
		}
	}
	for id := range trace.OpID(20) {
		for ph := trace.Before; ph <= trace.Survey; ph++ {
			_, _ = moment.At(f, trace.Moment{Op: id, Phase: ph}, int(id)%3)
		}
	}
	for _, q := range []string{"op=delete key=k", "func~a", "used>0", ""} {
		q, _ := trace.Parse(q)
		_, _ = f.Find(q, 0, false)
		_, _ = f.Find(q, n+1, true)
	}
	f.Damage()
}

// small makes a short recording.
func small(tb testing.TB) []byte {
	path := filepath.Join(tb.TempDir(), "x.deltui")
	f, err := Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	s := f.Sink()
	l := &gomap.Layout{
		Kind: gomap.Swiss, Type: "map[uint64]int", Key: &gomap.Type{Name: "uint64", Size: 8}, Elem: &gomap.Type{Name: "int", Size: 8},
		Header:     []gomap.Field{{Name: "used", Size: 8}, {Name: "dirPtr", Off: 16, Size: 8}, {Name: "dirLen", Off: 24, Size: 8}},
		HeaderSize: 48, Row: gomap.RowLayout{Size: 136, Keys: 8, KeyStride: 16, Elems: 16, ElemStride: 16},
		Table: gomap.TableLayout{Size: 32, GroupsData: 16, LengthMask: 24},
	}
	lid, err := s.Layout(l)
	if err != nil {
		tb.Fatal(err)
	}
	s.Info(trace.Info{Target: "x", GoVersion: "go1.26.8"})
	head, row := make([]byte, 48), bytes.Repeat([]byte{0x80}, 136)
	head[17] = 0x20
	for i := range 8 {
		id, _ := s.Begin(trace.Op{
			Kind: gomap.OpKind(1 + i%3), Func: "runtime.mapdelete", KeyText: fmt.Sprint("k", i), Key: []byte{byte(i)},
			Map: trace.MapRef{ID: 1, Addr: 0x1000, Type: "map[uint64]int", Layout: lid}, Stack: []trace.Frame{{Func: "main.f", File: "x.go", Line: i}},
		})
		head[0], row[i] = byte(i), byte(i)
		s.Read(trace.Moment{Op: id}, 0, 0x1000, []trace.Region{{Addr: 0x1000, Role: gomap.RoleHeader, Data: head}, {Addr: 0x2000, Role: gomap.RoleRow, Data: row}})
		row[i] = 0xfe
		s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, 0x1000, []trace.Region{{Addr: 0x1000, Role: gomap.RoleHeader, Data: head}, {Addr: 0x2000, Role: gomap.RoleRow, Data: row}})
		s.Output(1, []byte("hello\n"))
		if i == 4 {
			f.Flush()
		}
		if i != 6 {
			s.End(id, trace.Ending{Outcome: trace.Returned})
		}
	}
	s.Source("x.go", 1, []string{"package x"})
	s.Fate(trace.Fate{Ended: true})
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// FuzzOpen opens any bytes at all.
func FuzzOpen(f *testing.F) {
	b := small(f)
	f.Add(b)
	f.Add(b[:len(b)/2])
	f.Add(fileHeader())
	f.Fuzz(func(t *testing.T, b []byte) {
		tl, err := OpenReader(bytes.NewReader(b), int64(len(b)))
		if err == nil {
			use(tl)
		}
	})
}

// FuzzFrames opens files whose checksums are right but whose contents are not:
// what a checksum would keep FuzzOpen from reaching.
func FuzzFrames(f *testing.F) {
	b := small(f)
	tl, err := OpenReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		f.Fatal(err)
	}
	for off := int64(fileHeaderSize); off < int64(len(b))-footerSize; {
		h, err := parseFrameHeader(b[off:])
		if err != nil {
			f.Fatal(err)
		}
		meta, _ := readSection(tl.r, off+frameHeaderSize, h.meta, h.metaCRC)
		data, _ := readSection(tl.r, off+frameHeaderSize+int64(h.meta.n), h.data, h.dataCRC)
		f.Add(h.kind, h.part, meta, data)
		off += h.size()
	}
	facts := b[fileHeaderSize:]
	h, _ := parseFrameHeader(facts)
	facts = facts[:h.size()]
	f.Fuzz(func(t *testing.T, kind byte, part uint16, meta, data []byte) {
		file := forge(facts, sealFrame(frameHeader{kind: kind, part: part}, meta, data))
		if kind == frameIndex {
			file = append(file, footer(int64(fileHeaderSize+len(facts)))...)
		}
		tl, err := OpenReader(bytes.NewReader(file), int64(len(file)))
		if err == nil {
			use(tl)
		}
	})
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
		e := newEncoder(1, 1)
		e.begin(trace.Op{})
		return e.raw
	}()
	second := func() []byte {
		e := newEncoder(1, 1)
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
		{"ops", forge(forgeBlock(0, digest{firstID: 1, Bounds: trace.Bounds{FirstSeq: 1}, begun: 3 << 20}, append(bytes.Clone(begin), fill(second, 60<<20)...)))},
		{"regions", forge(forgeBlock(0, digest{firstID: 1, Bounds: trace.Bounds{FirstSeq: 1}, begun: 1}, append(bytes.Clone(begin), read(fill([]byte{0, 1, 0}, 60<<20), 20<<20, nil)...)))},
		{"shapes", forge(forgeBlock(0, digest{firstID: 1, Bounds: trace.Bounds{FirstSeq: 1}, begun: 1}, append(bytes.Clone(begin), fill(read([]byte{0, 0xff, 0xff, 0xff, 0x0f, 0}, 1, nil), 60<<20)...)))},
		{"memory", forge(forgeBlock(0, digest{firstID: 1, Bounds: trace.Bounds{FirstSeq: 1}, begun: 1}, append(bytes.Clone(begin), fill(read([]byte{0, 100, 0}, 1, append([]byte{0, 100}, make([]byte, 100)...)), 60<<20)...)))},
		{"texts", forge(forgeBlock(0, digest{firstID: 1, Bounds: trace.Bounds{FirstSeq: 1}, begun: 1}, record(recBegin, append(append([]byte{1, 0}, appendUint(nil, 60<<20)...), make([]byte, 60<<20)...))))},
		{"escapes", forge(sealFrame(frameHeader{kind: frameOutput}, nil, append(append([]byte{1, 0}, appendUint(nil, 1<<19)...), make([]byte, 1<<19)...)))},
		{"much output", forge(sealFrame(frameHeader{kind: frameOutput}, nil, make([]byte, 60<<20)))},
		{"lines", forge(sealFrame(frameHeader{kind: frameOutput}, nil, fill([]byte{1, 0, 0}, 1<<20)))},
		{"facts", forge(fill(sealFrame(frameHeader{kind: frameFacts}, nil, fill([]byte("{}\n"), 3<<20)), 16<<10))},
		{"fields", forge(sealFrame(frameHeader{kind: frameFacts}, nil, jsonOf(m{"layout": m{"Header": make([]m, 200000)}})))},
		{"deep type", forge(sealFrame(frameHeader{kind: frameFacts}, nil, []byte(`{"type":`+strings.Repeat(`{"Elem":`, 9000)+`{}`+strings.Repeat(`}`, 9001))))},
		{"digest", forge(fill(sealFrame(frameHeader{kind: frameBlock}, make([]byte, maxMeta), []byte{0}), 16<<10))},
		{"others", forge(fill(sealFrame(frameHeader{kind: frameBlock}, (&digest{firstID: 1, Bounds: trace.Bounds{FirstSeq: 1}, others: make([]trace.OpID, 1<<16)}).append(nil), []byte{0}), 16<<10))},
		{"gap", forge(forgeBlock(0, digest{firstID: maxNumber - 1, Bounds: trace.Bounds{FirstSeq: maxNumber - 1, Marks: []trace.Mark{'d'}}, begun: 1}, begin))},
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
