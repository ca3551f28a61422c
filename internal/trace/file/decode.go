package file

import (
	"time"

	"deltui/internal/gomap"
	"deltui/internal/trace"
	"deltui/internal/visible"
)

// parser decodes the records of one block.
type parser struct {
	block
	texts   []string
	frames  []trace.Frame
	stacks  [][]trace.Frame
	refs    []trace.MapRef
	clock   int64
	keyAddr uint64
	roots   map[int]uint64
	// How much of what is bounded the block holds so far.
	spans, stacked, textBytes int
}

// parseBlock decodes records, of which there should be as many begins and ends
// as the digest says. With an error it returns what came before it.
func parseBlock(raw []byte, d *digest) (*block, error) {
	p := &parser{block: block{firstID: d.firstID, firstSeq: d.FirstSeq, firstSurvey: d.firstSurvey, raw: raw}, roots: map[int]uint64{}}
	most := min(len(raw)/16, maxBlockOps) // the digest may lie
	p.ops = make([]trace.Op, 0, min(d.begun, most))
	p.ends = make([]end, 0, min(len(d.Marks), most))
	p.reads = make([]read, 0, min(2*d.begun, most))
	return p.parse()
}

func (p *parser) parse() (*block, error) {
	raw := p.raw
	d := decoder{b: raw}
	for d.left() > 0 {
		kind := d.byte()
		n := d.count(1)
		at := d.off
		if d.take(n); d.err != nil {
			return &p.block, d.err
		}
		r := decoder{b: raw[:at+n], off: at}
		switch kind {
		case recBegin:
			p.begin(&r)
		case recRead:
			p.read(&r)
		case recEnd:
			p.end(&r)
		case recSurvey:
			p.survey(&r)
		case recLeftOut:
			p.leftOut(&r)
		case recStep:
			p.step(&r)
		}
		if r.err == nil && p.tooMuch() {
			r.fail()
		}
		if r.err != nil {
			return &p.block, r.err
		}
	}
	return &p.block, nil
}

func (p *parser) tooMuch() bool {
	return len(p.ops) > maxBlockOps || len(p.ends) > maxBlockEnds || len(p.reads)+len(p.surveys)+len(p.steps) > maxBlockReads || p.spans > maxBlockSpans ||
		p.stacked > maxBlockFrames || p.textBytes > maxBlockText || len(p.texts) > maxBlockTexts
}

// plain reads a text that is not numbered.
func (p *parser) plain(d *decoder) string {
	s := visible.String(string(d.take(d.small(maxText))))
	p.textBytes += len(s)
	return s
}

func (p *parser) text(d *decoder) string {
	n := d.uint()
	if n == 0 {
		s := p.plain(d)
		p.texts = append(p.texts, s)
		return s
	}
	if n-1 >= uint64(len(p.texts)) {
		d.fail()
		return ""
	}
	return p.texts[n-1]
}

func (p *parser) frame(d *decoder) trace.Frame {
	n := d.uint()
	if n == 0 {
		f := trace.Frame{Func: p.text(d), File: p.text(d), Line: d.small(1 << 31), PC: d.uint()}
		setFlags(&f, d.byte())
		p.frames = append(p.frames, f)
		return f
	}
	if n-1 >= uint64(len(p.frames)) {
		d.fail()
		return trace.Frame{}
	}
	return p.frames[n-1]
}

func setFlags(f *trace.Frame, flags byte) {
	f.Inlined, f.Runtime, f.Std = flags&1 != 0, flags&2 != 0, flags&4 != 0
}

func (p *parser) stack(d *decoder) []trace.Frame {
	switch n := d.uint(); {
	case n == 1:
		return nil
	case n > 1:
		if n-2 >= uint64(len(p.stacks)) {
			d.fail()
			return nil
		}
		return p.stacks[n-2]
	}
	n := d.count(1)
	if n > maxFrames {
		d.fail()
		return nil
	}
	st := make([]trace.Frame, n)
	for i := range st {
		st[i] = p.frame(d)
	}
	p.stacked += n
	p.stacks = append(p.stacks, st)
	return st
}

func (p *parser) mapRef(d *decoder) trace.MapRef {
	n := d.uint()
	if n == 0 {
		m := trace.MapRef{ID: d.small(1 << 31), Addr: d.uint(), Type: p.text(d), Layout: trace.LayoutID(d.small(1 << 31)), OnStack: d.bool()}
		p.refs = append(p.refs, m)
		return m
	}
	if n-1 >= uint64(len(p.refs)) {
		d.fail()
		return trace.MapRef{}
	}
	return p.refs[n-1]
}

func (p *parser) begin(d *decoder) {
	op := trace.Op{ID: p.firstID + trace.OpID(len(p.ops)), Kind: gomap.OpKind(d.byte())}
	op.Func = p.text(d)
	op.Goroutine = d.int()
	op.Map = p.mapRef(d)
	if n := d.small(trace.MaxKey + 1); n > 0 {
		op.Key = d.take(n - 1)
	}
	op.KeyAddr = p.keyAddr + uint64(d.int())
	op.KeyText = p.plain(d)
	op.KeyLen = d.small(1 << 62)
	op.Stack = p.stack(d)
	if d.bool() {
		op.Caller = p.frame(d)
	}
	op.Began = time.Duration(p.clock + d.int())
	if n := trace.OpID(d.small(maxNumber)); n > 0 && n < op.ID {
		op.Since = op.ID - n
	}
	p.keyAddr, p.clock = op.KeyAddr, int64(op.Began)
	if d.err == nil {
		p.ops = append(p.ops, op)
	}
}

func (p *parser) backRef(d *decoder) trace.OpID {
	last := uint64(p.firstID) + uint64(len(p.ops))
	n := d.uint()
	if n > last {
		d.fail()
		return 0
	}
	return trace.OpID(last - n)
}

// moment reads a moment: its phase, and whose it is.
func (p *parser) moment(d *decoder) trace.Moment {
	m := trace.Moment{Phase: trace.Phase(d.byte())}
	switch m.Phase {
	case trace.Survey:
		next := p.firstSurvey + len(p.surveys)
		if m.Step = next - d.small(maxNumber); m.Step < 1 || m.Step >= next {
			d.fail()
		}
	case trace.Step:
		m.Op = p.backRef(d)
		m.Step = d.small(1 << 31)
	default:
		m.Op = p.backRef(d)
	}
	return m
}

func (p *parser) survey(d *decoder) {
	s := trace.Surveyed{Number: p.firstSurvey + len(p.surveys), After: p.firstSeq + uint64(len(p.ends)) - 1, Map: p.mapRef(d)}
	s.Time = time.Duration(p.clock + d.int())
	p.clock = int64(s.Time)
	if d.err == nil {
		p.surveys = append(p.surveys, s)
	}
}

func (p *parser) leftOut(d *decoder) {
	r := read{at: p.moment(d), mapID: d.small(1 << 31), leftOut: true}
	if d.err == nil {
		p.reads = append(p.reads, r)
	}
}

func (p *parser) step(d *decoder) {
	s := step{id: p.backRef(d), at: trace.Stepped{Number: d.small(1 << 31)}}
	f := &s.at.At
	f.Func, f.File, f.Line, f.PC = p.plain(d), p.plain(d), d.small(1<<31), d.uint()
	setFlags(f, d.byte())
	s.at.Stores = d.small(1 << 31)
	s.at.Cut = p.plain(d)
	if d.err == nil {
		p.steps = append(p.steps, s)
	}
}

func (p *parser) read(d *decoder) {
	r := read{at: p.moment(d)}
	r.mapID = d.small(1 << 31)
	r.root = p.roots[r.mapID] + uint64(d.int())
	p.roots[r.mapID] = r.root
	if n := d.uint(); n > 0 {
		if n-1 >= uint64(len(p.shapes)) {
			d.fail()
			return
		}
		r.shape = int(n - 1)
	} else {
		r.shape = len(p.shapes)
		shape := make([]span, min(d.count(3), maxSpans))
		p.spans += len(shape)
		next, total := r.root, 0
		for i := range shape {
			s := span{addr: next + uint64(d.int()), n: d.small(maxRead)}
			if s.role = gomap.Role(d.byte()); !s.role.Known() {
				s.role = gomap.RoleUnknown
			}
			next = s.addr + uint64(s.n)
			if total += s.n; s.n == 0 || total > maxRead || next < s.addr {
				d.fail()
				return
			}
			shape[i] = s
		}
		p.shapes = append(p.shapes, shape)
	}
	r.from, r.to = d.off, len(d.b)
	if d.err == nil {
		p.reads = append(p.reads, r)
	}
}

func (p *parser) end(d *decoder) {
	e := end{id: p.backRef(d)}
	e.ending.Outcome = trace.Outcome(d.byte())
	e.ending.Message = p.plain(d)
	e.ending.Ended = p.clock + d.int()
	p.clock = e.ending.Ended
	e.drift = d.small(1 << 31)
	s := &e.summary
	s.Mark = trace.Mark(d.byte())
	if s.Mark != 0 && (s.Mark < 0x20 || s.Mark > 0x7e) {
		s.Mark = '?'
	}
	flags := d.byte()
	s.Found, s.FoundKnown, s.Known, e.tooBig = flags&1 != 0, flags&2 != 0, flags&4 != 0, flags&8 != 0
	s.Used[0] = d.uint()
	s.Used[1] = s.Used[0] + uint64(d.int())
	s.Tombstones[0] = d.small(1 << 40)
	s.Tombstones[1] = s.Tombstones[0] + int(d.int())
	s.Rule = p.text(d)
	for n := d.small(maxListed); n > 0; n-- {
		s.Events = append(s.Events, gomap.Event(p.text(d)))
	}
	s.Changes = d.small(1 << 40)
	s.Unexplained = d.small(1 << 40)
	for n := d.small(maxListed); n > 0; n-- {
		s.To = append(s.To, gomap.State(d.byte()))
	}
	if d.err == nil {
		p.ends = append(p.ends, e)
	}
}
