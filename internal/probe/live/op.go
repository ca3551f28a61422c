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
	key    []byte    // as in trace.Op
	// awaits the stop at which its key's hash is known: then its map is read.
	awaits bool
	hash   gomap.Hash

	slow  bool           // it is to be seen in slow motion
	hit   *dlvclient.Hit // where its thread stands, until the target runs
	steps *stepping      // its slow motion, once it has begun
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
		l.meter.hidden++
		return false, nil
	}
	st, err := l.stacks.of(l.proc, h, ep, l.plan.Stack, l.plan.Std)
	if err != nil {
		return false, err
	}
	if st.std && !l.plan.Std {
		return false, nil
	}
	if !l.filter.byStack(&st) {
		l.meter.hidden++
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
	if !l.stops.wanted(ep.Op, km) {
		return false, nil
	}
	if !l.filter.byRegisters(addr, lo.Layout, km) {
		l.meter.hidden++
		return false, nil
	}
	rec := &recorder{l: l}
	op := trace.Op{
		Kind: ep.Op, Func: st.fn, Goroutine: g.id, Stack: st.frames, Caller: st.caller, Began: time.Since(l.began),
		Map: trace.MapRef{Addr: addr, Type: lo.Type, Layout: lo.id},
	}
	l.readKey(&op, h, ep, lo, rec)
	if op.Kind != gomap.Clear && !l.filter.byKey(op.KeyText) {
		l.meter.hidden++
		return false, nil
	}

	p := &pendingOp{kind: ep.Op, ep: ep, g: g, addr: addr, layout: lo, key: op.Key, slow: l.plan.Steps, hit: h}
	var own map[uint64]bool
	if addr != 0 {
		p.m = km
		if lo.id != 0 {
			if own, err = l.readBefore(p, rec, m); err != nil {
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
	return !p.awaits, nil
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
	if err := l.giveStep(p); err != nil {
		return err
	}
	if p.before != nil {
		if err := l.readAfter(p, g, m); err != nil {
			return err
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

// endOp ends an op on the timeline.
func (l *Loop) endOp(p *pendingOp, o trace.Outcome, msg string) error {
	delete(l.pending, p.g.id)
	l.ended++
	if l.stops.slow && !l.slowed() {
		if err := l.stops.unslow(); err != nil && !errGone(err) {
			return err
		}
	}
	if err := l.sink.End(p.id, trace.Ending{Outcome: o, Message: msg, Ended: int64(time.Since(l.began))}); err != nil {
		return fmt.Errorf("writing the timeline: %w", err)
	}
	return nil
}

// busy reports whether an op on a map is pending.
func (l *Loop) busy(m *knownMap) bool {
	for _, p := range l.pending {
		if p.m == m {
			return true
		}
	}
	return false
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
