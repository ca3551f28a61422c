package live

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"deltui/dlvclient"
	"deltui/internal/debuginfo"
	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Slow motion: an op's thread goes from its entry to its return by single
// instructions, while all others stand still, and what the map runtime writes to
// the map is one step each.
//
//	entry ─ ─ ─ store ─ ─ call out ═══════════ back ─ ─ store ─ ─ RET
//	  instructions ▲   the target runs freely ▲             ▲
//	         its address is in the map?   all is compared    its address is in the map?
//
// A call out is one of what is not of the map runtime: a hasher, the allocator, a
// memory move. It may wait for other threads, so the target runs until it is back,
// on whatever thread; what it has written is one step.
//
// Only memory that belongs to the map is looked at. What an op builds beside it
// (a larger table, new buckets) is the map's from when a pointer leads to it.

// Bounds of one op's slow motion.
const (
	maxWatched  = 256 << 10 // bytes of the map
	maxInstrs   = 20_000
	maxSteps    = 2048
	maxDetailed = 128 // steps; from then on those in the same row are one
	slice       = 512 // instructions between two looks at the commands
)

// stepping is an op in slow motion.
type stepping struct {
	g       goroutine
	watched []trace.Region // by address, not overlapping; their bytes as last seen
	rows    []uint64       // addresses of rows, in order

	instrs int
	given  int         // steps that the sink has
	folded *foldedStep // that it has not

	backAt uint64      // where the call out in progress comes back to, or 0
	caller trace.Frame // that made it
}

// foldedStep is a step to which the next may be added.
type foldedStep struct {
	at     trace.Frame
	stores int
	place  uint64 // the row
}

// slowDown puts an op into slow motion, if it can be: it is at rest at hit, and
// nothing of its map has been changed yet. Of a large map the header is watched
// until its hash leads to more.
func (l *Loop) slowDown(p *pendingOp) error {
	if p.steps != nil || p.before == nil {
		return nil
	}
	if l.stepper == nil {
		s, ok := l.file.Stepper()
		if !ok {
			l.note("slow motion needs a machine whose instructions deltui knows: amd64")
			return nil
		}
		l.stepper = s
	}
	p.steps = &stepping{g: p.g}
	p.steps.watch(p.before.m, p.before.rec.regions)
	return nil
}

// watch adds memory of a map.
func (s *stepping) watch(m *gomap.Map, rs []trace.Region) {
	var all []trace.Region
	for _, r := range rs {
		switch r.Role {
		case gomap.RoleHeader, gomap.RoleDirectory, gomap.RoleTable, gomap.RoleRow:
			r.Data = bytes.Clone(r.Data)
			all = append(all, r)
		}
	}
	s.watched = trace.Regions(trace.NewMemory(append(all, s.watched...))) // what is known wins
	for i := range m.Rows {
		if at, ok := slices.BinarySearch(s.rows, m.Rows[i].Addr); !ok {
			s.rows = slices.Insert(s.rows, at, m.Rows[i].Addr)
		}
	}
}

// due is the op whose turn it is to go on in slow motion, or nil.
func (l *Loop) due() *pendingOp {
	for _, p := range l.inProgress() {
		if p.slow && p.hit != nil {
			return p
		}
	}
	return nil
}

// slowed reports whether an op is, or is going to be, in slow motion.
func (l *Loop) slowed() bool {
	for _, p := range l.pending {
		if p.slow {
			return true
		}
	}
	return l.plan.Steps
}

// stepOn lets an op go on in slow motion for a while. It reports whether a moment
// was seen: the op's after.
func (l *Loop) stepOn(p *pendingOp, m *mode) (seen bool, err error) {
	if err := l.slowDown(p); err != nil {
		return false, err
	}
	if p.steps == nil {
		p.hit = nil
		return false, nil
	}
	for range slice {
		if p.hit == nil {
			return false, nil
		}
		if why := p.steps.tooMuch(); why != "" {
			return false, l.cut(p, why)
		}
		if err := l.stepInstr(p); err != nil {
			return false, err
		}
		if p.hit == nil || p.hit.Addr == 0 {
			continue
		}
		if at := l.stops.at[p.hit.Addr]; at.what == atReturn {
			return l.leave(p.hit, at.ep, m)
		}
	}
	return false, nil
}

func (s *stepping) tooMuch() string {
	n := 0
	for _, r := range s.watched {
		n += len(r.Data)
	}
	switch {
	case n > maxWatched:
		return fmt.Sprintf("the op may write to %d KiB of the map, and slow motion follows %d", n>>10, maxWatched>>10)
	case s.instrs >= maxInstrs:
		return fmt.Sprintf("it took more than %d instructions", maxInstrs)
	case s.given >= maxSteps:
		return fmt.Sprintf("it took more than %d steps", maxSteps)
	}
	return ""
}

// stepInstr lets an op in slow motion execute one instruction, or begin a call
// out: then its hit is nil until it is back.
func (l *Loop) stepInstr(p *pendingOp) error {
	s, h := p.steps, p.hit
	pc := h.PC() - l.slide
	if !l.stepper.Inside(pc) {
		return l.cut(p, fmt.Sprintf("it left the map runtime by a jump, to %#x", h.PC()))
	}
	in, err := l.stepper.At(pc)
	if err != nil {
		return l.cut(p, err.Error())
	}
	if in.Leaves {
		if s.caller, err = l.frameAt(h); err != nil {
			return err
		}
		l.stops.slow = true
		if err := l.stops.set(in.Next, stop{what: atBack}); err != nil {
			return err
		}
		s.backAt, p.hit = in.Next+l.slide, nil
		return nil
	}
	lo, hi, meets := s.meets(h, in)
	var at trace.Frame
	if meets {
		if at, err = l.frameAt(h); err != nil {
			return err
		}
	}
	s.instrs++
	if p.hit, err = l.proc.Step(h); err != nil {
		p.hit = nil
		if errGone(err) || l.dead() {
			return nil // the next stop tells
		}
		return l.cut(p, err.Error())
	}
	if meets {
		return l.look(p, at, lo, hi)
	}
	return nil
}

// meets reports whether an instruction is about to write to the map: between lo
// and hi, as far as that is known.
func (s *stepping) meets(h *dlvclient.Hit, in debuginfo.Instr) (lo, hi uint64, meets bool) {
	if !in.Writes {
		return 0, 0, false
	}
	if in.Size == 0 {
		return 0, ^uint64(0), true
	}
	lo = uint64(in.Disp)
	if in.Base >= 0 {
		v, ok := h.Reg(in.Base)
		if !ok {
			return 0, ^uint64(0), true
		}
		lo += v
	}
	if in.Index >= 0 {
		v, ok := h.Reg(in.Index)
		if !ok {
			return 0, ^uint64(0), true
		}
		lo += v * uint64(in.Scale)
	}
	hi = lo + uint64(in.Size)
	for _, r := range s.watched {
		if lo < r.Addr+uint64(len(r.Data)) && r.Addr < hi {
			return lo, hi, true
		}
	}
	return lo, hi, false
}

// cameBack deals with a hit where an op's call out comes back to: what it has
// written is a step, and the op can go on. Of any other hit it does nothing.
func (l *Loop) cameBack(h *dlvclient.Hit) error {
	waits := false
	for _, p := range l.pending {
		waits = waits || p.steps != nil && p.steps.backAt == h.Addr
	}
	if !waits {
		return nil
	}
	g, err := l.goroutineOf(h)
	if err != nil {
		return nil //nolint:nilerr // not one of Go's goroutines, so not the op's
	}
	p := l.pending[g.id]
	if p == nil || p.steps == nil || p.steps.backAt != h.Addr {
		return nil
	}
	p.steps.backAt, p.hit = 0, h
	p.steps.moved(g)
	return l.look(p, p.steps.caller, 0, ^uint64(0))
}

// moved shifts what is watched in a goroutine's stack where that has moved to.
func (s *stepping) moved(g goroutine) {
	if g.hi == s.g.hi {
		return
	}
	for i := range s.watched {
		if r := &s.watched[i]; s.g.onStack(r.Addr) {
			r.Addr = g.hi - (s.g.hi - r.Addr)
		}
	}
	slices.SortFunc(s.watched, func(a, b trace.Region) int { return cmp.Compare(a.Addr, b.Addr) })
	for i, addr := range s.rows {
		if s.g.onStack(addr) {
			s.rows[i] = g.hi - (s.g.hi - addr)
		}
	}
	slices.Sort(s.rows)
	s.g = g
}

// look reads what is watched between lo and hi again, and makes a step of what
// differs.
func (l *Loop) look(p *pendingOp, at trace.Frame, lo, hi uint64) error {
	s := p.steps
	type change struct {
		to   []byte // of what is watched
		data []byte
	}
	var changes []change
	var first uint64
	leads := false
	for i := range s.watched {
		r := &s.watched[i]
		from, to := max(lo, r.Addr), min(hi, r.Addr+uint64(len(r.Data)))
		if from >= to {
			continue
		}
		now := make([]byte, to-from)
		if err := l.read(now, from); err != nil {
			if errGone(err) {
				return err
			}
			return l.cut(p, err.Error())
		}
		was := r.Data[from-r.Addr : to-r.Addr]
		if bytes.Equal(was, now) {
			continue
		}
		if len(changes) == 0 {
			first = from + uint64(differ(was, now))
		}
		changes = append(changes, change{was, now})
		leads = leads || r.Role != gomap.RoleRow || p.layout.Kind == gomap.Classic
	}
	if len(changes) == 0 {
		return nil
	}
	place := s.rowOf(first)
	if f := s.folded; f != nil && f.place != place {
		if err := l.giveStep(p); err != nil {
			return err
		}
	}
	for _, c := range changes {
		copy(c.to, c.data)
	}
	if leads {
		l.watchMore(p)
	}
	if s.folded == nil {
		s.folded = &foldedStep{at: at, place: place}
	}
	s.folded.stores++
	if s.given < maxDetailed {
		return l.giveStep(p)
	}
	return nil
}

// differ is the first index at which two slices of the same length differ.
func differ(a, b []byte) int {
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return 0
}

// rowOf is the address of the row that an address is in; 0 where it is in none.
func (s *stepping) rowOf(addr uint64) uint64 {
	i, ok := slices.BinarySearch(s.rows, addr)
	switch {
	case ok:
		return addr
	case i == 0:
		return 0
	}
	return s.rows[i-1]
}

// watchMore looks where the map's pointers lead now: to what the op has added. In
// the midst of an op they may lead nowhere.
func (l *Loop) watchMore(p *pendingOp) {
	w := gomap.Window{Bytes: wholeMap, Header: true}
	if p.hash.Known {
		w.Hash, w.Table, w.Evacuating = p.hash, p.kind == gomap.Assign, p.before.m.Evacuating
	}
	rec := &recorder{l: l}
	m, err := gomap.Decode(p.layout.Layout, l.addrOf(p, p.steps.g), rec, w)
	if err == nil {
		p.steps.watch(m, rec.regions)
	}
}

// giveStep hands the sink the step that it has not got yet.
func (l *Loop) giveStep(p *pendingOp) error {
	s := p.steps
	if s == nil || s.folded == nil {
		return nil
	}
	f := s.folded
	s.folded = nil
	s.given++
	step := trace.Stepped{Number: s.given, At: f.at, Stores: f.stores}
	if err := l.sink.Step(p.id, step); err != nil {
		return err
	}
	return l.sink.Read(step.Moment(p.id), p.m.id, l.addrOf(p, s.g), s.watched)
}

// cut ends an op's slow motion; the op goes on.
func (l *Loop) cut(p *pendingOp, why string) error {
	at := trace.Frame{}
	if p.hit != nil {
		var err error
		if at, err = l.frameAt(p.hit); err != nil {
			return err
		}
	}
	if err := l.giveStep(p); err != nil {
		return err
	}
	p.hit, p.slow = nil, false
	n := p.steps.given + 1
	p.steps = nil
	return l.sink.Step(p.id, trace.Stepped{Number: n, At: at, Cut: why})
}

// frameAt is where in the source a hit is, an inlined call if it is in one.
func (l *Loop) frameAt(h *dlvclient.Hit) (trace.Frame, error) {
	if f, ok := l.frames[h.PC()]; ok {
		return f, nil
	}
	f := trace.Frame{Func: "?", PC: h.PC(), Runtime: true, Std: true}
	fs, err := l.proc.Stack(h, 1)
	if errGone(err) {
		return f, err
	}
	if err == nil && len(fs) > 0 {
		facts := l.stacks.facts(fs[0].Func, fs[0].File)
		f = trace.Frame{
			Func: fs[0].Func, File: fs[0].File, Line: fs[0].Line, PC: h.PC(),
			Inlined: fs[0].Inlined, Runtime: facts.runtime, Std: facts.std,
		}
	}
	if l.frames == nil {
		l.frames = make(map[uint64]trace.Frame)
	}
	l.frames[h.PC()] = f
	l.listings.frames([]trace.Frame{f})
	return f, nil
}
