package file

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
)

// The seeds are as small as can be, and each target comes to what it is about
// without a file, a compressor or a goroutine: what runs thousands of times a
// second finds more than what runs ten times.

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

// small makes a recording of some ops.
func small(tb testing.TB, ops int) []byte {
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
	for i := range ops {
		id, _ := s.Begin(trace.Op{
			Kind: gomap.OpKind(1 + i%3), Func: "runtime.mapdelete", KeyText: fmt.Sprint("k", i), Key: []byte{byte(i)},
			Map: trace.MapRef{ID: 1, Addr: 0x1000, Type: "map[uint64]int", Layout: lid}, Stack: []trace.Frame{{Func: "main.f", File: "x.go", Line: i}},
		})
		head[0], row[i%8] = byte(i), byte(i)
		s.Read(trace.Moment{Op: id}, 0, 0x1000, []trace.Region{{Addr: 0x1000, Role: gomap.RoleHeader, Data: head}, {Addr: 0x2000, Role: gomap.RoleRow, Data: row}})
		row[i%8] = 0xfe
		s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, 0x1000, []trace.Region{{Addr: 0x1000, Role: gomap.RoleHeader, Data: head}, {Addr: 0x2000, Role: gomap.RoleRow, Data: row}})
		s.Output(1, []byte("hello\n"))
		if i == 4 {
			f.Flush()
		}
		if i != 6 {
			s.End(id, trace.Ending{Outcome: trace.Returned})
		}
	}
	m, _ := s.Survey(trace.MapRef{ID: 2, Addr: 0x3000}, 1)
	s.Read(m, 0, 0x3000, []trace.Region{{Addr: 0x3000, Data: []byte{1}}})
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
	f.Add(fileHeader())
	f.Add(append(fileHeader(), stored(frameHeader{kind: frameOutput}, nil, []byte{1, 0, 0})...))
	f.Add(append(fileHeader(), footer(0)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		tl, err := OpenReader(bytes.NewReader(b), int64(len(b)))
		if err == nil {
			use(tl)
		}
	})
}

// stored is a frame whose sums are right, whatever is in it, and whose sections
// are zstd frames that compress nothing.
func stored(h frameHeader, meta, data []byte) []byte {
	plain := func(b []byte) []byte {
		if len(b) == 0 {
			return nil
		}
		out := binary.LittleEndian.AppendUint32([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xa0}, uint32(len(b)))
		for last := uint32(0); last == 0; {
			n := min(len(b), 128<<10)
			if n == len(b) {
				last = 1
			}
			block := last | uint32(n)<<3
			out = append(append(out, byte(block), byte(block>>8), byte(block>>16)), b[:n]...)
			b = b[n:]
		}
		return out
	}
	m, d := plain(meta), plain(data)
	h.meta, h.data = section{uint32(len(m)), uint32(len(meta))}, section{uint32(len(d)), uint32(len(data))}
	h.metaCRC, h.dataCRC = checksum(m), checksum(d)
	return append(append(h.append(nil), m...), d...)
}

// sections calls add with the sections of a small recording's frames.
func sections(f *testing.F, ops int, add func(h frameHeader, meta, data []byte)) {
	b := small(f, ops)
	r := bytes.NewReader(b)
	for off := int64(fileHeaderSize); off < int64(len(b))-footerSize; {
		h, err := parseFrameHeader(b[off:])
		if err != nil {
			f.Fatal(err)
		}
		meta, _ := readSection(r, off+frameHeaderSize, h.meta, h.metaCRC)
		data, _ := readSection(r, off+frameHeaderSize+int64(h.meta.n), h.data, h.dataCRC)
		add(h, meta, data)
		off += h.size()
	}
}

// FuzzFrames opens files whose sums are right but whose contents are not: what a
// sum would keep FuzzOpen from reaching.
func FuzzFrames(f *testing.F) {
	sections(f, 1, func(h frameHeader, meta, data []byte) { f.Add(h.kind, h.part, meta, data) })
	f.Fuzz(func(t *testing.T, kind byte, part uint16, meta, data []byte) {
		file := append(fileHeader(), stored(frameHeader{kind: kind, part: part}, meta, data)...)
		if kind == frameIndex {
			file = append(file, footer(fileHeaderSize)...)
		}
		tl, err := OpenReader(bytes.NewReader(file), int64(len(file)))
		if err == nil {
			use(tl)
		}
	})
}

// FuzzRecords reads any bytes as a block's records, and asks for each of its
// moments.
func FuzzRecords(f *testing.F) {
	for _, ops := range []int{1, 3} {
		sections(f, ops, func(h frameHeader, _, data []byte) {
			if h.kind == frameBlock {
				f.Add(data)
			}
		})
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := parseBlock(raw, &digest{firstID: 1, firstSurvey: 1, Bounds: trace.Bounds{FirstSeq: 1}})
		if b == nil {
			t.Fatalf("no block, %v", err)
		}
		for i := range b.ops {
			op := b.ops[i]
			b.finish(&op)
			if op.Since >= op.ID || len(op.Key) > trace.MaxKey {
				t.Fatalf("%+v", op)
			}
		}
		for i := range b.reads[:min(len(b.reads), 8)] {
			rd := &b.reads[i]
			var r replayed
			if b.replay(&r, rd.at, rd.mapID) != nil {
				continue
			}
			n, leftOut := b.sizeAt(rd.at, rd.mapID)
			if !r.found || r.tooBig != leftOut || !leftOut && (n != r.size || len(r.regions) != n.spans) {
				t.Fatalf("%+v: %+v of %+v", rd, r, n)
			}
			trace.NewMemory(r.regions)
		}
		b.held()
	})
}

// FuzzDigest reads any bytes as a digest; one that is sound says the same when it
// is written and read again.
func FuzzDigest(f *testing.F) {
	sections(f, 2, func(h frameHeader, meta, _ []byte) { f.Add(meta) })
	q, err := trace.Parse("op=delete key=k func~a used>0 drift>0")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d, again digest
		if d.parse(b) != nil {
			return
		}
		q.MayMatch(&d.Bounds, d.hasKey)
		if d.untracked {
			return // of format 1.0, which nobody writes any more
		}
		if err := again.parse(d.append(nil)); err != nil || !reflect.DeepEqual(again, d) {
			t.Fatalf("%+v\nis read again as\n%+v, %v", d, again, err)
		}
	})
}

// FuzzFacts reads any bytes as facts, and as output.
func FuzzFacts(f *testing.F) {
	sections(f, 1, func(h frameHeader, _, data []byte) {
		if h.kind == frameFacts || h.kind == frameOutput {
			f.Add(data)
		}
	})
	f.Fuzz(func(t *testing.T, b []byte) {
		tl := newFile("x", nil)
		_ = tl.addFacts(b)
		_ = tl.addReadOutput(b)
		tl.Info()
		tl.Output(100)
		tl.Source("x.go")
	})
}
