package file

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"deltui/internal/moment"
	"deltui/internal/trace"
)

// Saved is what a copy of a timeline has.
type Saved struct {
	Ops   int
	LetGo uint64 // so many ops from the first were not held any more
	Bytes int64
}

// Save writes a recording of all that is held now to a new file, whatever backs
// the timeline, while its source goes on. An error leaves no file behind.
func (f *File) Save(path string, opts ...Option) (Saved, error) {
	if f.w != nil && path == f.name {
		return Saved{}, fmt.Errorf("saving to %s: the session is being recorded there already", path)
	}
	snap, blocks, err := f.snapshot()
	if err != nil {
		return Saved{}, fmt.Errorf("saving to %s: %w", path, err)
	}
	g, err := Create(path, opts...)
	if err != nil {
		return Saved{}, err
	}
	saved, err := f.copyTo(g, snap, blocks)
	if err = errors.Join(err, g.Close()); err != nil {
		os.Remove(path)
		return Saved{}, fmt.Errorf("saving to %s: %w", path, err)
	}
	if st, err := os.Stat(path); err == nil {
		saved.Bytes = st.Size()
	}
	return saved, nil
}

// snapshot is the timeline as it is now, with all that it has in blocks.
func (f *File) snapshot() (state, []*blockInfo, error) {
	f.wmu.Lock()
	defer f.wmu.Unlock()
	if f.w != nil && !f.closed && f.werr == nil && len(f.enc.raw) > 0 {
		if err := f.seal(); err != nil {
			return state{}, nil, err
		}
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.state
	s.pending, s.layouts, s.tail, s.damage = slices.Clone(s.pending), slices.Clone(s.layouts), slices.Clone(s.tail), nil
	s.types, s.sources = maps.Clone(s.types), maps.Clone(s.sources)
	return s, slices.Clone(s.blocks), nil
}

func (f *File) copyTo(g *File, snap state, blocks []*blockInfo) (Saved, error) {
	saved := Saved{Ops: int(snap.ended), LetGo: snap.first - 1}
	if saved.LetGo > 0 {
		snap.info.Notes = append(slices.Clone(snap.info.Notes), fmt.Sprintf("saved without ops 1 to %d, which were not held any more", saved.LetGo))
	}
	if err := g.copyFacts(snap); err != nil {
		return saved, err
	}
	open := map[trace.OpID]bool{} // begun, and not ended so far
	number := 0
	for n := range blocks {
		info := f.sealed(n)
		if info.letGo || info.missing {
			continue
		}
		b, err := f.load(n, info)
		switch {
		case errors.Is(err, trace.ErrLetGo):
			continue // its place was given to another meanwhile
		case err != nil:
			return saved, err
		}
		d := f.digestOf(b, info, open)
		h := frameHeader{kind: frameBlock, block: uint32(number)}
		number++
		if _, err := g.writeFrame(h, d.append(nil), b.raw); err != nil {
			return saved, err
		}
	}
	return saved, nil
}

// copyFacts begins a copy: what is known of the target as a whole.
func (f *File) copyFacts(snap state) error {
	f.addFact(fact{Info: &snap.info})
	for i, l := range snap.layouts {
		if l != nil && !f.addFact(fact{Layout: l, ID: uint64(i + 1)}) {
			return fmt.Errorf("there is no room for the layout of %s", l.Type)
		}
	}
	for _, addr := range slices.Sorted(maps.Keys(snap.types)) {
		f.addFact(fact{Type: snap.types[addr], ID: addr})
	}
	for _, name := range slices.Sorted(maps.Keys(snap.sources)) {
		for _, src := range stretches(name, snap.sources[name]) {
			f.addFact(fact{Source: &src})
		}
	}
	f.addFact(fact{Fate: &snap.fate})
	f.usage = snap.usage
	for _, l := range snap.tail {
		f.output = f.outputLine(f.output, l)
	}
	for i, text := range snap.partial {
		if text != "" {
			f.output = f.outputLine(f.output, trace.OutputLine{Stream: i + 1, After: snap.ended, Text: text})
		}
	}
	_, err := f.writeFrame(frameHeader{kind: frameFacts}, nil, f.facts)
	f.facts = f.facts[:0]
	return errors.Join(err, f.flushOutput())
}

// stretches parts the lines of a file that are known where others are not.
func stretches(name string, lines map[int]string) []sourceLines {
	var out []sourceLines
	last := -1
	for _, n := range slices.Sorted(maps.Keys(lines)) {
		if len(out) == 0 || n != last+1 || len(out[len(out)-1].Lines) >= 1000 {
			out = append(out, sourceLines{File: name, First: n})
		}
		s := &out[len(out)-1]
		s.Lines, last = append(s.Lines, lines[n]), n
	}
	return out
}

// digestOf is the digest of a whole block, made from its records anew.
func (f *File) digestOf(b *block, info *blockInfo, open map[trace.OpID]bool) digest {
	d := info.empty()
	for i := range b.ops {
		d.begin(&b.ops[i])
		open[b.ops[i].ID] = true
	}
	for i := range b.surveys {
		d.survey(&b.surveys[i])
	}
	for i := range b.reads {
		if o := owner(b.reads[i].at); b.isOther(o) {
			d.other(o)
		}
	}
	for i := range b.steps {
		if o := (trace.Moment{Op: b.steps[i].id}); b.isOther(o) {
			d.other(o)
		}
	}
	touched := info.touched
	for i := range b.ends {
		ts := []moment.Touch{moment.AllTouch(0)}
		if n, size := binary.Uvarint(touched); size > 0 && !info.untracked {
			ts = ts[:0]
			for k := range int(n) {
				ts = append(ts, touchAt(touched[size:], k))
			}
			touched = touched[size+int(n)*touchSize:]
		}
		delete(open, b.ends[i].id)
		op, err := f.endedOp(b, b.firstSeq+uint64(i))
		if err != nil { // it began in a part that is not there
			op = &trace.Op{ID: b.ends[i].id}
			b.ends[i].finish(op, b.firstSeq+uint64(i))
		}
		if info.untracked {
			ts[0] = moment.AllTouch(op.Map.ID)
		}
		d.end(op, ts)
		if o := (trace.Moment{Op: op.ID}); b.isOther(o) {
			d.other(o)
		}
	}
	d.pending = slices.Sorted(maps.Keys(open))
	return d
}
