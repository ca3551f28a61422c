package live

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"deltui/dlvclient"
	"deltui/internal/debuginfo"
	"deltui/internal/gomap"
	"deltui/internal/probe"
	"deltui/internal/trace"
)

// pendingOp is an op between its entry and its return.
type pendingOp struct {
	id     trace.OpID
	kind   gomap.OpKind
	ep     *debuginfo.EntryPoint
	g      goroutine
	addr   uint64 // of the header, at entry
	layout *layoutOf
	m      *knownMap // nil for a nil map
	before *reading  // nil where nothing was read
}

// enter deals with a hit at an entry point. It reports whether a moment was
// added: not if the op is hidden.
func (l *Loop) enter(h *dlvclient.Hit, ep *debuginfo.EntryPoint, m *mode) (bool, error) {
	g, err := l.goroutineOf(h)
	if err != nil {
		return false, err
	}
	if old := l.pending[g.id]; old != nil {
		// It left by a panic that was not seen: the goroutine is here again.
		if err := l.endOp(old, trace.Panicked, ""); err != nil {
			return false, err
		}
	}
	arg := func(loc debuginfo.Loc) uint64 { v, _ := h.Reg(loc.Reg); return v }
	if !l.filter.byGoroutine(g.id) {
		return false, nil
	}
	st, err := l.stacks.of(l.proc, h, ep, l.slide, l.plan.Stack)
	if err != nil {
		return false, err
	}
	if st.std && !l.plan.Std || !l.filter.byStack(&st) {
		return false, nil
	}
	lo, err := l.layout(arg(ep.MapType))
	if err != nil {
		return false, fmt.Errorf("finding the map type of %s: %w", ep.Name, err)
	}
	addr := arg(ep.Map)
	var km *knownMap
	if addr != 0 {
		km = l.maps.find(g, addr, lo.Layout)
	}
	if !l.filter.byRegisters(addr, lo.Layout, km) || !l.stops.wanted(ep.Op, km) {
		return false, nil
	}
	rec := &recorder{l: l}
	op := trace.Op{
		Kind: ep.Op, Func: st.fn, Goroutine: g.id, Stack: st.frames, Caller: st.caller, Began: time.Since(l.began),
		Map: trace.MapRef{Addr: addr, Type: lo.Type, Layout: lo.id},
	}
	l.readKey(&op, h, ep, lo, rec)
	if op.Kind != gomap.Clear && !l.filter.byKey(op.KeyText) {
		return false, nil
	}

	p := &pendingOp{kind: ep.Op, ep: ep, g: g, addr: addr, layout: lo}
	var own map[uint64]bool
	if addr != 0 {
		p.m = km
		if lo.id != 0 {
			if own, err = l.readBefore(p, &op, g, rec, m); err != nil {
				return false, err
			}
		}
		op.Map.ID, op.Map.OnStack = p.m.id, p.m.onStack
	}
	l.listings.frames(st.frames)
	if p.id, err = l.sink.Begin(op); err != nil {
		return false, err
	}
	l.pending[g.id] = p
	at := trace.Moment{Op: p.id, Phase: trace.Before}
	if p.before != nil {
		if err := l.sink.Read(at, op.Map.ID, addr, p.before.regions(own)); err != nil {
			return false, err
		}
	} else if len(rec.regions) > 0 {
		if err := l.sink.Read(at, 0, 0, rec.regions); err != nil {
			return false, err
		}
	}
	l.at(at)
	return true, nil
}

// readBefore reads an op's map, and returns the rows that it is about as far as
// that can be told. Where the map cannot be read the op goes on without.
func (l *Loop) readBefore(p *pendingOp, op *trace.Op, g goroutine, rec *recorder, m *mode) (own map[uint64]bool, err error) {
	lo := p.layout
	before, err := gomap.Decode(lo.Layout, p.addr, rec, gomap.Window{})
	if errGone(err) {
		return nil, err
	}
	if err != nil {
		l.note(fmt.Sprintf("the map at %#x cannot be read: %v", p.addr, err))
		return nil, nil
	}
	seed, ok := seedOf(before)
	p.m = l.maps.confirm(p.m, g, lo.Layout, seed, ok)
	l.readShown(lo.Layout, before, rec, l.resting(m))
	keys, elems := cellsLead(lo.Layout)
	if op.Kind != gomap.Clear && (keys || elems || big(lo.Layout, before)) {
		at, rows := l.ownRows(lo.Layout, before, op.Key, rec)
		own = make(map[uint64]bool, len(rows))
		for _, r := range rows {
			own[r.Addr] = true
		}
		l.follow(lo.Layout, rows, at, before, rec)
	}
	p.before = newReading(lo.Layout, before, rec)
	return own, nil
}

// readKey reads the key of an op, from registers or memory.
func (l *Loop) readKey(op *trace.Op, h *dlvclient.Hit, ep *debuginfo.EntryPoint, lo *layoutOf, rec *recorder) {
	if ep.Op == gomap.Clear || len(ep.Key) == 0 {
		return
	}
	if lo.Key == nil {
		op.KeyText = "??"
		return
	}
	size := min(lo.Key.Size, trace.MaxKey)
	if ep.KeyByAddr {
		addr, _ := h.Reg(ep.Key[0].Reg)
		key := make([]byte, size)
		if err := rec.ReadAt(key, addr, gomap.RoleArgument); err != nil {
			op.KeyText = "??"
			return
		}
		op.Key, op.KeyAddr = key, addr
	} else {
		var key []byte
		for _, loc := range ep.Key {
			v, _ := h.Reg(loc.Reg)
			key = binary.LittleEndian.AppendUint64(key, v)
		}
		if uint64(len(key)) < size {
			op.KeyText = "??"
			return
		}
		op.Key = key[:size]
	}
	var whole int
	op.KeyText, whole = gomap.Format(lo.Key, op.Key, gomap.As(rec, gomap.RoleArgument), l.types, trace.MaxKeyText)
	if whole > len(op.KeyText) {
		op.KeyLen = whole
	}
}

// leave deals with a hit at a return.
func (l *Loop) leave(h *dlvclient.Hit, ep *debuginfo.EntryPoint, m *mode) (bool, error) {
	if len(l.pending) == 0 {
		return false, nil // of an op that was hidden
	}
	g, err := l.goroutineOf(h)
	if err != nil {
		return false, err
	}
	p := l.pending[g.id]
	if p == nil || p.ep != ep && p.ep.Name != ep.Name {
		return false, nil
	}
	return true, l.finish(p, g, trace.Returned, "", m)
}

// finish reads an op's after, and ends it.
func (l *Loop) finish(p *pendingOp, g goroutine, o trace.Outcome, msg string, m *mode) error {
	if p.before != nil {
		addr := p.addr
		if p.g.onStack(addr) {
			addr = g.hi - (p.g.hi - addr)
		}
		rec := &recorder{l: l}
		after, err := gomap.Decode(p.layout.Layout, addr, rec, gomap.Window{})
		switch {
		case errGone(err):
			return err
		case err == nil:
			l.readShown(p.layout.Layout, after, rec, l.resting(m))
			if err := l.giveAfter(p, addr, after, rec); err != nil {
				return err
			}
			p.m.addr = addr
			if seed, ok := seedOf(after); ok {
				p.m.seed, p.m.seeded = seed, true
			}
		}
	}
	if err := l.endOp(p, o, msg); err != nil {
		return err
	}
	l.at(trace.Moment{Op: p.id, Phase: trace.After})
	if !m.until.Empty() && !m.rest {
		return l.checkUntil(p.id, m)
	}
	return nil
}

// giveAfter hands the sink an op's after, and of a big map the rows of its before
// that tell what the op did.
func (l *Loop) giveAfter(p *pendingOp, addr uint64, after *gomap.Map, rec *recorder) error {
	lo := p.layout.Layout
	r := newReading(lo, after, rec)
	keys, elems := cellsLead(lo)
	var rows gomap.Rows
	if keys || elems || big(lo, after) || big(lo, p.before.m) {
		rows = tellingRows(p.before, r)
	}
	if keys || elems {
		told := make([]*gomap.Row, 0, maxLeadRows)
		for i := range after.Rows {
			if rows[1][after.Rows[i].Addr] && len(told) < maxLeadRows {
				told = append(told, &after.Rows[i])
			}
		}
		l.follow(lo, told, gomap.Place{Row: -1}, after, rec)
	}
	if more := p.before.more(rows[0]); len(more) > 0 {
		if err := l.sink.Read(trace.Moment{Op: p.id, Phase: trace.Before}, p.m.id, p.addr, more); err != nil {
			return err
		}
	}
	return l.sink.Read(trace.Moment{Op: p.id, Phase: trace.After}, p.m.id, addr, r.regions(rows[1]))
}

// endOp ends an op on the timeline.
func (l *Loop) endOp(p *pendingOp, o trace.Outcome, msg string) error {
	delete(l.pending, p.g.id)
	l.ended++
	if err := l.sink.End(p.id, trace.Ending{Outcome: o, Message: msg, Ended: int64(time.Since(l.began))}); err != nil {
		return fmt.Errorf("writing the timeline: %w", err)
	}
	return nil
}

// inProgress lists the pending ops in the order of their beginning.
func (l *Loop) inProgress() []*pendingOp {
	ps := make([]*pendingOp, 0, len(l.pending))
	for _, p := range l.pending {
		ps = append(ps, p)
	}
	slices.SortFunc(ps, func(a, b *pendingOp) int { return cmp.Compare(a.id, b.id) })
	return ps
}

// resting reports whether the target will rest at the next moment.
func (l *Loop) resting(m *mode) bool { return m.next || m.rest || !m.until.Empty() || m.speed > 0 }

func (l *Loop) at(m trace.Moment) {
	l.setState(probe.State{Doing: l.State().Doing, At: m})
}
