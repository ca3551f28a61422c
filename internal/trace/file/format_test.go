package file_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// What follows reads a recording by FORMAT.md and by nothing else of this
// package: where the page says something else than the code does, it fails. Every
// byte must be accounted for.

// cursor reads the page's numbers.
type cursor struct {
	t *testing.T
	b []byte
}

func (c *cursor) take(n int) []byte {
	c.t.Helper()
	if n < 0 || n > len(c.b) {
		c.t.Fatalf("%d bytes are wanted, %d are left", n, len(c.b))
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) byte() byte { c.t.Helper(); return c.take(1)[0] }
func (c *cursor) u16() int   { c.t.Helper(); return int(binary.LittleEndian.Uint16(c.take(2))) }
func (c *cursor) u32() int   { c.t.Helper(); return int(binary.LittleEndian.Uint32(c.take(4))) }
func (c *cursor) u64() int   { c.t.Helper(); return int(binary.LittleEndian.Uint64(c.take(8))) }
func (c *cursor) text() string {
	c.t.Helper()
	return string(c.take(c.uint()))
}

func (c *cursor) uint() int {
	c.t.Helper()
	v, n := binary.Uvarint(c.b)
	c.take(n)
	return int(v)
}

func (c *cursor) int() int {
	c.t.Helper()
	v, n := binary.Varint(c.b)
	c.take(n)
	return int(v)
}

func (c *cursor) want(what string, got, want any) {
	c.t.Helper()
	if !reflect.DeepEqual(got, want) {
		c.t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// pageFrame is a frame with what it unpacks to.
type pageFrame struct {
	at                int
	header            []byte
	kind, part, block int
	meta, data        []byte
}

func pageFrames(t *testing.T, b []byte) (frames []pageFrame, index pageFrame) {
	c := &cursor{t, b}
	c.want("magic", string(c.take(8)), "\x89deltui\n")
	c.want("version", []int{c.u16(), c.u16(), c.u32()}, []int{1, 1, 0})
	sum := func(b []byte) int { return int(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))) }
	for len(c.b) > 24 {
		f := pageFrame{at: len(b) - len(c.b), header: c.b[:44]}
		c.want("magic of a frame", string(c.take(4)), "\xd3TLF")
		f.kind = int(c.byte())
		c.want("reserved", c.byte(), byte(0))
		f.part, f.block = c.u16(), c.u32()
		mn, mr, dn, dr, mc, dc := c.u32(), c.u32(), c.u32(), c.u32(), c.u32(), c.u32()
		c.want("reserved", c.u32(), 0)
		c.want("sum of a header", c.u32(), sum(f.header[:40]))
		unpack := func(n, raw, crc int) []byte {
			stored := c.take(n)
			c.want("sum", sum(stored), crc)
			if n == 0 && raw == 0 {
				return nil
			}
			z, err := zstd.NewReader(nil)
			must(t, err)
			defer z.Close()
			out, err := z.DecodeAll(stored, nil)
			must(t, err)
			c.want("size of a section", len(out), raw)
			return out
		}
		f.meta, f.data = unpack(mn, mr, mc), unpack(dn, dr, dc)
		if f.kind == 4 {
			index = f
			continue
		}
		frames = append(frames, f)
	}
	foot := c.b
	c.want("offset of the index", c.u64(), index.at)
	c.want("reserved", c.u32(), 0)
	c.want("sum of the footer", c.u32(), sum(foot[:12]))
	c.want("end", string(c.take(8)), "\x89deltuE\n")
	return frames, index
}

// page is what the page's reader has found out.
type page struct {
	ops       []trace.Op
	ended     []trace.OpID
	surveys   []trace.Surveyed
	memory    map[where]map[uint64]pageByte
	roots     map[where]int
	leftOut   map[where]bool
	steps     map[trace.OpID][]trace.Stepped
	touched   [][]int // by seq
	blockOps  int     // before the block that is being read
	blockEnds int
	blockSurv int
}

type pageByte struct {
	b    byte
	role gomap.Role
}

// block reads the records of a block.
func (p *page) block(t *testing.T, data []byte) {
	p.blockOps, p.blockEnds, p.blockSurv = len(p.ops), len(p.ended), len(p.surveys)
	var texts []string
	var frames []trace.Frame
	var stacks [][]trace.Frame
	var refs []trace.MapRef
	type region struct {
		addr, n int
		role    gomap.Role
	}
	var shapes [][]region
	known := map[int]map[int][]byte{} // map, first address
	roots := map[int]int{}
	now, keyAddr := 0, 0

	all := &cursor{t, data}
	for len(all.b) > 0 {
		kind := all.byte()
		c := &cursor{t, all.take(all.uint())}
		text := func() string {
			if n := c.uint(); n > 0 {
				return texts[n-1]
			}
			texts = append(texts, c.text())
			return texts[len(texts)-1]
		}
		frame := func() trace.Frame {
			if n := c.uint(); n > 0 {
				return frames[n-1]
			}
			f := trace.Frame{Func: text(), File: text(), Line: c.uint(), PC: uint64(c.uint())}
			flags := c.byte()
			f.Inlined, f.Runtime, f.Std = flags&1 > 0, flags&2 > 0, flags&4 > 0
			frames = append(frames, f)
			return f
		}
		mapRef := func() trace.MapRef {
			if n := c.uint(); n > 0 {
				return refs[n-1]
			}
			m := trace.MapRef{ID: c.uint(), Addr: uint64(c.uint()), Type: text(), Layout: trace.LayoutID(c.uint()), OnStack: c.byte() == 1}
			refs = append(refs, m)
			return m
		}
		clock := func() time.Duration { now += c.int(); return time.Duration(now) }
		op := func() trace.OpID { return trace.OpID(p.blockOps + 1 + len(p.ops) - p.blockOps - c.uint()) }
		at := func() trace.Moment {
			m := trace.Moment{Phase: trace.Phase(c.byte())}
			switch m.Phase {
			case trace.Survey:
				m.Step = len(p.surveys) + 1 - c.uint()
			case trace.Step:
				m.Op, m.Step = op(), c.uint()
			default:
				m.Op = op()
			}
			return m
		}
		switch kind {
		case 1:
			o := trace.Op{ID: trace.OpID(len(p.ops) + 1), Kind: gomap.OpKind(c.byte()), Func: text(), Goroutine: int64(c.int()), Map: mapRef()}
			if n := c.uint(); n > 0 {
				o.Key = bytes.Clone(c.take(n - 1))
			}
			keyAddr += c.int()
			o.KeyAddr, o.KeyText, o.KeyLen = uint64(keyAddr), c.text(), c.uint()
			switch n := c.uint(); n {
			case 0:
				for n := c.uint(); n > 0; n-- {
					o.Stack = append(o.Stack, frame())
				}
				stacks = append(stacks, o.Stack)
			case 1:
			default:
				o.Stack = stacks[n-2]
			}
			if c.byte() == 1 {
				o.Caller = frame()
			}
			o.Began = clock()
			if n := c.uint(); n > 0 {
				o.Since = o.ID - trace.OpID(n)
			}
			p.ops = append(p.ops, o)
		case 2:
			w := where{at: at(), mapID: c.uint()}
			roots[w.mapID] += c.int()
			p.roots[w] = roots[w.mapID]
			var shape []region
			if n := c.uint(); n > 0 {
				shape = shapes[n-1]
			} else {
				next := roots[w.mapID]
				for n := c.uint(); n > 0; n-- {
					r := region{addr: next + c.int(), n: c.uint(), role: gomap.Role(c.byte())}
					next = r.addr + r.n
					shape = append(shape, r)
				}
				shapes = append(shapes, shape)
			}
			if known[w.mapID] == nil {
				known[w.mapID] = map[int][]byte{}
			}
			im := known[w.mapID]
			pos := 0
			for len(c.b) > 0 {
				pos += c.uint()
				run := c.take(c.uint())
				from, of := pos, shape[0]
				for i := 1; from >= of.n; i++ {
					from -= of.n
					of = shape[i]
				}
				for len(im[of.addr]) < from+len(run) {
					im[of.addr] = append(im[of.addr], 0)
				}
				copy(im[of.addr][from:], run)
				pos += len(run)
			}
			if p.memory[w] == nil {
				p.memory[w] = map[uint64]pageByte{}
			}
			for _, r := range shape {
				for i := range r.n {
					p.memory[w][uint64(r.addr+i)] = pageByte{im[r.addr][i], r.role}
				}
			}
		case 3:
			o := &p.ops[op()-1]
			p.ended = append(p.ended, o.ID)
			o.Seq, o.Outcome, o.Message, o.Ended, o.Drift = uint64(len(p.ended)), trace.Outcome(c.byte()), c.text(), clock(), c.uint()
			s := &o.Summary
			s.Mark = trace.Mark(c.byte())
			flags := c.byte()
			s.Found, s.FoundKnown, s.Known, o.TooBig = flags&1 > 0, flags&2 > 0, flags&4 > 0, flags&8 > 0
			s.Used[0] = uint64(c.uint())
			s.Used[1] = s.Used[0] + uint64(c.int())
			s.Tombstones[0] = c.uint()
			s.Tombstones[1] = s.Tombstones[0] + c.int()
			s.Rule = text()
			for n := c.uint(); n > 0; n-- {
				s.Events = append(s.Events, gomap.Event(text()))
			}
			s.Changes, s.Unexplained = c.uint(), c.uint()
			for n := c.uint(); n > 0; n-- {
				s.To = append(s.To, gomap.State(c.byte()))
			}
		case 4:
			p.surveys = append(p.surveys, trace.Surveyed{Number: len(p.surveys) + 1, Map: mapRef(), Time: clock(), After: uint64(len(p.ended))})
		case 5:
			p.leftOut[where{at: at(), mapID: c.uint()}] = true
		case 6:
			id, s := op(), trace.Stepped{Number: c.uint()}
			s.At = trace.Frame{Func: c.text(), File: c.text(), Line: c.uint(), PC: uint64(c.uint())}
			flags := c.byte()
			s.At.Inlined, s.At.Runtime, s.At.Std = flags&1 > 0, flags&2 > 0, flags&4 > 0
			s.Stores, s.Cut = c.uint(), c.text()
			p.steps[id] = append(p.steps[id], s)
		default:
			t.Fatalf("a record of kind %d", kind)
		}
		if len(c.b) > 0 {
			t.Fatalf("%d bytes of a record of kind %d say what the page does not", len(c.b), kind)
		}
	}
}

// digest holds a part's digest against the ops that it is of: those from the
// given numbers on.
func (p *page) digest(t *testing.T, meta []byte, firstOp, firstEnd, firstSurvey int, maps map[int]*trace.MapSeen) {
	c := &cursor{t, meta}
	ended := p.ended[firstEnd:]
	c.want("first ID, begins", []int{c.uint(), c.uint()}, []int{firstOp + 1, len(p.ops) - firstOp})
	c.want("first seq, ends", []int{c.uint(), c.uint()}, []int{firstEnd + 1, len(ended)})
	var set struct{ kinds, outcomes, found, states, events int }
	var high [4]int
	var mapIDs [4]int
	var low, top [2]int
	names, keys := map[string]bool{}, []string{}
	for i, id := range ended {
		o := &p.ops[id-1]
		s := &o.Summary
		c.want("mark", trace.Mark(c.byte()), s.Mark)
		set.kinds |= 1 << o.Kind
		set.outcomes |= 1 << o.Outcome
		switch {
		case !s.FoundKnown:
			set.found |= 4
		case s.Found:
			set.found |= 1
		default:
			set.found |= 2
		}
		for _, st := range s.To {
			set.states |= 1 << st
		}
		for _, e := range s.Events {
			set.events |= 1 << slices.Index([]gomap.Event{gomap.Grow, gomap.SameSizeGrow, gomap.Evacuate, gomap.Split, gomap.Rehash, gomap.Prune, gomap.Reseed}, e)
		}
		for k, v := range []int{s.Tombstones[1], s.Changes, o.Drift, s.Unexplained} {
			high[k] = max(high[k], v)
		}
		mapIDs[o.Map.ID%4] |= 1 << (o.Map.ID / 4 % 64)
		for k, v := range []int{int(s.Used[1]), int(o.Goroutine)} {
			if i == 0 {
				low[k], top[k] = v, v
			}
			low[k], top[k] = min(low[k], v), max(top[k], v)
		}
		for _, n := range []string{o.Func, o.Caller.Func, o.Map.Type, s.Rule} {
			names[n] = true
		}
		keys = append(keys, o.KeyText)
		if plain, err := strconv.Unquote(o.KeyText); err == nil {
			keys = append(keys, plain)
		}
	}
	c.want("first survey, surveys", []int{c.uint(), c.uint()}, []int{firstSurvey + 1, len(p.surveys) - firstSurvey})
	for range 3 { // others, pending, other surveys: held against the readers by the other tests
		for n := c.uint(); n > 0; n-- {
			c.uint()
		}
	}
	c.want("sets", []int{c.uint(), c.uint(), c.uint(), c.uint(), c.uint()}, []int{set.kinds, set.outcomes, set.found, set.states, set.events})
	c.want("highest", [4]int{c.uint(), c.uint(), c.uint(), c.uint()}, high)
	c.want("maps", [4]int{c.uint(), c.uint(), c.uint(), c.uint()}, mapIDs)
	c.want("lowest and highest", [4]int{c.int(), c.int(), c.int(), c.int()}, [4]int{low[0], top[0], low[1], top[1]})
	var sorted []string
	for n := c.uint(); n > 0; n-- {
		sorted = append(sorted, c.text())
	}
	c.want("names are in order", slices.IsSorted(sorted), true)
	c.want("number of names", len(sorted), len(names))
	for _, n := range sorted {
		c.want("name "+n, names[n], true)
	}
	filters := c.uint()
	c.want("filters", filters, min(len(keys), 1))
	if filters > 0 {
		bloom := c.take(c.uint())
		for _, k := range keys {
			h := fnv.New64a()
			h.Write([]byte(k))
			a, b := h.Sum64()>>32, h.Sum64()&0xffffffff
			for i := range uint64(4) {
				bit := (a + i*b) % uint64(8*len(bloom))
				c.want("key "+k, bloom[bit/8]>>(bit%8)&1, byte(1))
			}
		}
	}
	for n := c.uint(); n > 0; n-- {
		m := trace.MapRef{ID: c.uint(), Addr: uint64(c.uint())}
		if i := c.uint(); i > 0 {
			m.Type = sorted[i-1]
		} else {
			m.Type = c.text()
		}
		m.Layout, m.OnStack = trace.LayoutID(c.uint()), c.byte() == 1
		if maps[m.ID] == nil {
			maps[m.ID] = &trace.MapSeen{}
		}
		seen := maps[m.ID]
		seen.MapRef = m
		seen.Ops += c.uint()
		seen.Last = max(seen.Last, trace.OpID(c.uint()))
	}
	touched := &cursor{t, c.take(c.uint())}
	for range ended {
		var ts []int
		for n := touched.uint(); n > 0; n-- {
			ts = append(ts, int(touched.byte())|int(touched.byte())<<8|int(touched.byte())<<16)
		}
		p.touched = append(p.touched, ts)
	}
	c.want("rest of what is touched", len(touched.b), 0)
	c.want("rest of the digest", len(c.b), 0)
}

// TestFormat reads recordings by FORMAT.md, and finds in them what the package
// does.
func TestFormat(t *testing.T) {
	for name, write := range map[string]func(*testing.T, *file.File){
		"maps": func(t *testing.T, f *file.File) {
			s := &flushing{f.Sink(), f, newRand(), 40}
			must(t, tracetest.Fill(s, tracetest.Options{Ops: 700, Keys: 40, Pending: true}))
		},
		"anything": func(t *testing.T, f *file.File) {
			newDriver(t, f.Sink(), 5).run(600)
		},
		"steps": func(t *testing.T, f *file.File) {
			s := f.Sink()
			for n := range 40 {
				id, err := s.Begin(trace.Op{Kind: gomap.Delete, Map: trace.MapRef{ID: 1, Addr: 0x1000}})
				must(t, err)
				for i := range n % 3 {
					at := trace.Stepped{Number: i + 1, Stores: n, At: trace.Frame{Func: "runtime.f", File: "map.go", Line: n, PC: uint64(n), Inlined: i == 0, Std: true}}
					must(t, s.Step(id, at))
					must(t, s.Read(at.Moment(id), 0, 0x1000, []trace.Region{{Addr: 0x1000, Data: []byte{byte(n)}}}))
				}
				must(t, s.Step(id, trace.Stepped{Number: 9, Cut: "too long"}))
				must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
			}
		},
		"left out": func(t *testing.T, f *file.File) {
			ref := trace.MapRef{ID: 1, Addr: 0x1000}
			id, err := f.Sink().Begin(trace.Op{Kind: gomap.Clear, Map: ref})
			must(t, err)
			must(t, f.Sink().Read(trace.Moment{Op: id}, 0, 0x1000, []trace.Region{{Addr: 0x2000, Data: make([]byte, 257<<20)}}))
			must(t, f.Sink().End(id, trace.Ending{Outcome: trace.Returned}))
		},
	} {
		t.Run(name, func(t *testing.T) { holdFormat(t, write) })
	}
}

func holdFormat(t *testing.T, write func(*testing.T, *file.File)) {
	path := filepath.Join(t.TempDir(), "x.deltui")
	f, err := file.Create(path)
	must(t, err)
	write(t, f)
	must(t, f.Close())
	b, err := os.ReadFile(path)
	must(t, err)
	frames, index := pageFrames(t, b)

	p := &page{memory: map[where]map[uint64]pageByte{}, roots: map[where]int{}, leftOut: map[where]bool{}, steps: map[trace.OpID][]trace.Stepped{}}
	maps := map[int]*trace.MapSeen{}
	facts := map[string]int{}
	var output []trace.OutputLine
	wantIndex := []byte(nil)
	for i, fr := range frames {
		wantIndex = binary.AppendUvarint(wantIndex, uint64(fr.at))
		wantIndex = append(wantIndex, fr.header...)
		wantIndex = append(binary.AppendUvarint(wantIndex, uint64(len(fr.meta))), fr.meta...)
		switch fr.kind {
		case 1:
			if fr.part > 0 {
				continue // with the first
			}
			// A block's parts are read together, and each digest held against
			// what its part adds.
			data := bytes.Clone(fr.data)
			firstOp, firstEnd, firstSurvey := len(p.ops), len(p.ended), len(p.surveys)
			whole := *p
			p.block(t, data)
			p.digest(t, fr.meta, firstOp, firstEnd, firstSurvey, maps)
			for part, next := 1, i+1; next < len(frames); next++ {
				n := frames[next]
				if n.kind != 1 || n.block != fr.block {
					continue
				}
				if n.part != part {
					t.Fatalf("part %d of block %d follows part %d", n.part, n.block, part-1)
				}
				part++
				firstOp, firstEnd, firstSurvey := len(p.ops), len(p.ended), len(p.surveys)
				data = append(data, n.data...)
				p.ops, p.ended, p.surveys = slices.Clone(whole.ops), whole.ended, whole.surveys
				p.block(t, data)
				p.digest(t, n.meta, firstOp, firstEnd, firstSurvey, maps)
			}
		case 2:
			for _, line := range bytes.Split(bytes.TrimSuffix(fr.data, []byte("\n")), []byte("\n")) {
				var v map[string]json.RawMessage
				must(t, json.Unmarshal(line, &v))
				for k := range v {
					facts[k]++
				}
			}
		case 3:
			for c := (&cursor{t, fr.data}); len(c.b) > 0; {
				output = append(output, trace.OutputLine{Stream: int(c.byte()), After: uint64(c.uint()), Text: c.text()})
			}
		default:
			t.Fatalf("a frame of kind %d", fr.kind)
		}
	}
	if !bytes.Equal(index.data, wantIndex) || len(index.meta) > 0 {
		t.Error("the index is another")
	}
	for k := range facts {
		if !slices.Contains([]string{"info", "fate", "usage", "layout", "type", "source", "id"}, k) {
			t.Errorf("the page knows no fact %q", k)
		}
	}

	g, err := file.Open(path)
	must(t, err)
	defer g.Close()
	if len(p.ops) == 0 || g.Len() != len(p.ended) || g.Surveys() != len(p.surveys) || !reflect.DeepEqual(g.Output(1<<20), output) {
		t.Fatalf("%d ops and %d surveys, the page has %d and %d; or other output", g.Len(), g.Surveys(), len(p.ended), len(p.surveys))
	}
	for i := range p.ops {
		op, err := g.Op(p.ops[i].ID)
		must(t, err)
		if op.Outcome == trace.Running {
			op.Drift = 0 // is not in the file yet
		}
		if !reflect.DeepEqual(*op, p.ops[i]) {
			t.Fatalf("op %d is\n%+v, by the page\n%+v", i+1, *op, p.ops[i])
		}
	}
	for i, ts := range p.touched {
		op, err := g.Seq(uint64(i) + 1)
		must(t, err)
		a, err := moment.Of(g, op)
		must(t, err)
		if !a.Compared() {
			continue
		}
		all := pageTouch(op.Map.ID, 0, 0)
		for _, ch := range a.Delta.Changes {
			if op.Map.OnStack {
				continue
			}
			if !slices.Contains(ts, all) && !slices.Contains(ts, pageTouch(op.Map.ID, 2, ch.Addr)) {
				t.Fatalf("op %d changed the control byte at %#x, and does not touch it: %x", i+1, ch.Addr, ts)
			}
		}
	}
	for i, want := range p.surveys {
		if got, err := g.Survey(i + 1); err != nil || got != want {
			t.Fatalf("survey %d is %+v, by the page %+v", i+1, got, want)
		}
	}
	for _, m := range g.Maps() {
		if maps[m.ID] == nil || *maps[m.ID] != m {
			t.Fatalf("map %d is %+v, by the page %+v", m.ID, m, maps[m.ID])
		}
	}
	for w, bytes := range p.memory {
		mem, _, root, err := g.Memory(w.at, w.mapID)
		must(t, err)
		n := 0
		for _, r := range trace.Regions(mem) {
			for i, b := range r.Data {
				n++
				if got := (pageByte{b, r.Role}); bytes[r.Addr+uint64(i)] != got {
					t.Fatalf("%+v: %#x is %v, by the page %v", w, r.Addr+uint64(i), got, bytes[r.Addr+uint64(i)])
				}
			}
		}
		if n != len(bytes) || root != uint64(p.roots[w]) {
			t.Fatalf("%+v: %d bytes from %#x, by the page %d from %#x", w, n, root, len(bytes), p.roots[w])
		}
	}
	for i := range p.ops {
		if got, err := g.Steps(p.ops[i].ID); err != nil || !reflect.DeepEqual(got, p.steps[p.ops[i].ID]) {
			t.Fatalf("steps of op %d: %+v, %v, want %+v", p.ops[i].ID, got, err, p.steps[p.ops[i].ID])
		}
	}
	for w := range p.leftOut {
		mem, _, _, err := g.Memory(w.at, w.mapID)
		if err != nil || fmt.Sprintf("%T", mem) == "trace.memory" {
			t.Fatalf("%+v was left out, but there is %T, %v", w, mem, err)
		}
	}
}

func pageTouch(mapID int, what byte, addr uint64) int {
	b := append(binary.LittleEndian.AppendUint64(nil, uint64(mapID)), what)
	h := fnv.New64a()
	h.Write(binary.LittleEndian.AppendUint64(b, addr))
	return int((h.Sum64()>>40 ^ h.Sum64()) & 0xffffff)
}
