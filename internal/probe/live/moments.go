package live

import (
	"fmt"

	"deltui/dlvclient"
	"deltui/internal/goabi"
	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// What is read of a map does not grow with it. One whose rows all fit into
// wholeMap is read whole at the op's entry and at its return. Of a larger one the
// header is read at the entry; then the target goes on to where the hash of the
// op's key has just been computed and nothing has been changed yet: a third stop.
// The hash leads to the rows that the op works on, and these are read there and at
// the return.
//
//	entry   header, all rows                      header
//	hash    –                                     the table, the path of the probe │ the bucket's chain, what is evacuated
//	return  header, all rows                      header, the same again
//	        ── small ──                           ── large ──
//
// Where there is no such stop (another machine, an assign that hashes without a
// call), a large map is read whole both times and the timeline gets the rows that
// tell (keep.go). A clear changes all rows, so they are all read, up to maxClear.
const (
	wholeMap = 16 << 10 // bytes of rows
	maxClear = 64 << 20
	slowMap  = 4 << 20 // above it reading all rows is felt, and said
)

// readBefore reads an op's map at its entry, and returns the rows that the op is
// about as far as that can be told. Where the map cannot be read the op goes on
// without.
func (l *Loop) readBefore(p *pendingOp, rec *recorder, m *mode) (own map[uint64]bool, err error) {
	lo := p.layout.Layout
	before, err := gomap.Decode(lo, p.addr, rec, gomap.Window{Bytes: wholeMap, Header: true})
	if err == nil && !before.Whole {
		if p.awaits, err = l.stops.await(p.ep); err != nil {
			return nil, err
		}
		switch {
		case p.awaits:
		case p.kind == gomap.Clear:
			if before, err = gomap.Decode(lo, p.addr, rec, gomap.Window{Bytes: maxClear, Header: true}); err == nil && !before.Whole {
				l.note(fmt.Sprintf("what a clear of map #%d changes is not read: its rows take more than %d MiB", p.m.id, maxClear>>20))
			}
		default:
			if before, err = gomap.Decode(lo, p.addr, rec, gomap.Window{}); err == nil && before.RowsTotal*lo.Row.Size > slowMap {
				l.note(fmt.Sprintf("each %s on map #%d reads %d MiB twice, which slows the target: this runtime does not tell the key's hash there; watch deletes alone (--ops delete), or other maps (--map)",
					p.kind, p.m.id, before.RowsTotal*lo.Row.Size>>20))
			}
		}
	}
	if err == nil && !p.awaits {
		err = l.stops.small(p.kind)
	}
	if errGone(err) {
		return nil, err
	}
	if err != nil {
		l.note(fmt.Sprintf("the map at %#x cannot be read: %v", p.addr, err))
		return nil, nil
	}
	seed, ok := seedOf(before)
	p.m = l.maps.confirm(p.m, lo, seed, ok, l.busy(p.m))
	p.before = newReading(lo, before, rec)
	if !p.awaits {
		own = l.readCells(p, m)
	}
	return own, nil
}

// hashed deals with a hit where the hash of an op's key is known. It reports
// whether an op's before is complete now.
func (l *Loop) hashed(h *dlvclient.Hit, m *mode) (bool, error) {
	if len(l.pending) == 0 {
		return false, nil
	}
	g, err := l.goroutineOf(h)
	if err != nil {
		return false, err
	}
	p := l.pending[g.id]
	if p == nil || !p.awaits {
		return false, nil
	}
	p.awaits = false
	p.hash.Value, p.hash.Known = h.Reg(goabi.Of(l.proc.Arch()).Args[0]) // the first result is where the first argument is
	if !p.hash.Known {
		return false, fmt.Errorf("the hash of the key of %s cannot be read", p.ep.Name)
	}
	rec := &recorder{l: l}
	before, err := gomap.Decode(p.layout.Layout, l.addrOf(p, g), rec, l.window(p, m))
	if err != nil {
		if errGone(err) {
			return false, err
		}
		return false, nil
	}
	p.before = newReading(p.layout.Layout, before, rec)
	p.hit = h
	if p.steps != nil {
		p.steps.watch(before, rec.regions)
	}
	own := l.readCells(p, m)
	at := trace.Moment{Op: p.id, Phase: trace.Before}
	if err := l.sink.Read(at, p.m.id, p.addr, p.before.regions(own)); err != nil {
		return false, err
	}
	l.at(at)
	return true, nil
}

// window is what is read of a large map of which the hash is known: for a person
// who is going to look at it, the whole table, and the buckets around.
func (l *Loop) window(p *pendingOp, m *mode) gomap.Window {
	w := gomap.Window{Bytes: wholeMap, Hash: p.hash, Table: p.kind == gomap.Assign}
	if l.resting(m) {
		w.Table, w.Near = true, nearRows
	}
	if p.before != nil {
		w.Evacuating = p.before.m.Evacuating
	}
	return w
}

// nearRows are read on either side of a bucket, at rest.
const nearRows = 32

// readCells reads what the cells of an op's map lead to, as far as the op is
// about them or somebody is going to look at them, and returns the rows that it
// is about.
func (l *Loop) readCells(p *pendingOp, m *mode) (own map[uint64]bool) {
	lo, r := p.layout.Layout, p.before
	l.readShown(lo, r.m, r.rec, l.resting(m))
	keys, elems := cellsLead(lo)
	if p.kind == gomap.Clear || !keys && !elems && !big(lo, r.m) {
		return nil
	}
	at, rows := l.ownRows(lo, r.m, p.key, r.rec)
	own = make(map[uint64]bool, len(rows))
	for _, row := range rows {
		own[row.Addr] = true
	}
	l.follow(lo, rows, at, r.m, r.rec)
	return own
}

// addrOf is where the header of an op's map is now: one on a goroutine's stack
// moves with it, its distance from the stack's upper end stays.
func (l *Loop) addrOf(p *pendingOp, g goroutine) uint64 {
	if p.g.onStack(p.addr) {
		return g.hi - (p.g.hi - p.addr)
	}
	return p.addr
}

// readAfter reads an op's map at its end and hands the sink its after, and of a
// large map's before the rows that tell what the op did.
func (l *Loop) readAfter(p *pendingOp, g goroutine, m *mode) error {
	lo, addr, before := p.layout.Layout, l.addrOf(p, g), p.before
	var w gomap.Window
	switch {
	case before.m.Whole:
	case p.hash.Known:
		w = l.window(p, m)
	case p.awaits || p.kind == gomap.Clear: // it ended before it had a hash; it is too large
		w = gomap.Window{Bytes: wholeMap, Header: true}
	}
	rec := &recorder{l: l}
	after, err := gomap.Decode(lo, addr, rec, w)
	switch {
	case errGone(err):
		return err
	case err != nil:
		return nil //nolint:nilerr // an op whose after cannot be read ends without one
	}
	l.readShown(lo, after, rec, l.resting(m))
	r := newReading(lo, after, rec)
	keys, elems := cellsLead(lo)
	var rows gomap.Rows
	if keys || elems || big(lo, after) || big(lo, before.m) {
		rows = tellingRows(before, r)
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
	if more := before.more(rows[0]); len(more) > 0 {
		if err := l.sink.Read(trace.Moment{Op: p.id, Phase: trace.Before}, p.m.id, p.addr, more); err != nil {
			return err
		}
	}
	p.m.addr = addr
	if seed, ok := seedOf(after); ok {
		p.m.seed, p.m.seeded = seed, true
	}
	return l.sink.Read(trace.Moment{Op: p.id, Phase: trace.After}, p.m.id, addr, r.regions(rows[1]))
}
