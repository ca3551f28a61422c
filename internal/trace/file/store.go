package file

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"deltui/internal/trace"
)

// write appends to the file. If that fails it cuts the file back to its last
// whole frame, and nothing more is written.
func (f *File) write(b []byte) error {
	if f.werr != nil {
		return f.werr
	}
	if _, err := f.w.WriteAt(b, f.off); err != nil {
		f.w.Truncate(f.off)
		f.werr = fmt.Errorf("writing the timeline to %s: %w; what was seen before is kept", f.name, err)
		return f.werr
	}
	f.off += int64(len(b))
	return nil
}

func (f *File) writeFrame(h frameHeader, meta, data []byte) (place, error) {
	b := sealFrame(h, meta, data)
	sealed, _ := parseFrameHeader(b)
	at := f.off
	if err := f.write(b); err != nil {
		return place{}, err
	}
	f.frames = append(f.frames, at)
	return place{at + frameHeaderSize + int64(sealed.meta.n), sealed.data, sealed.dataCRC}, nil
}

// flush brings what was added to the file. It is called with wmu held.
func (f *File) flush() error {
	if f.ring != nil {
		// Only blocks are read again from a file that nobody will open.
		f.facts, f.output = f.facts[:0], f.output[:0]
		return nil
	}
	if f.usageSeen != f.usage && (f.closed || time.Since(f.usageAt) > 10*time.Second) {
		f.usageSeen, f.usageAt = f.usage, time.Now()
		_ = f.addFact(fact{Usage: &f.usageSeen}) // may be left out
	}
	if len(f.facts) > 0 {
		if _, err := f.writeFrame(frameHeader{kind: frameFacts}, nil, f.facts); err != nil {
			return err
		}
		f.facts = f.facts[:0]
	}
	if err := f.flushOutput(); err != nil {
		return err
	}
	if f.from == len(f.enc.raw) {
		return nil
	}
	f.part.pending = f.pending
	h := frameHeader{kind: frameBlock, part: uint16(len(f.parts)), block: uint32(len(f.blocks))}
	p, err := f.writeFrame(h, f.part.append(nil), f.enc.raw[f.from:])
	if err != nil {
		return err
	}
	f.addPart(p)
	return nil
}

// addPart counts what was written as a part of the open block.
func (f *File) addPart(p place) {
	if len(f.parts) == 0 {
		f.whole = f.part.empty()
	}
	next := f.part.after()
	f.whole.merge(&f.part)
	f.parts = append(f.parts, p)
	f.part, f.from = next, len(f.enc.raw)
}

// seal ends the open block and begins another.
func (f *File) seal() error {
	if err := f.flush(); err != nil {
		return err
	}
	if f.ring != nil && f.from < len(f.enc.raw) {
		f.sealInRing()
	}
	if len(f.parts) == 0 {
		return nil
	}
	if len(f.blocks) >= maxBlocks {
		return fmt.Errorf("the timeline %s is full", f.name)
	}
	f.whole.interned(f.digestTexts)
	info := &blockInfo{digest: f.whole, parts: f.parts}
	old := f.enc.block
	f.enc = newEncoder(&old)
	// The next block will be about as large.
	f.enc.raw = make([]byte, 0, min(len(old.raw), 1<<20))
	f.enc.ops, f.enc.ends = make([]trace.Op, 0, len(old.ops)), make([]end, 0, len(old.ends))
	f.enc.reads = make([]read, 0, len(old.reads))
	f.parts, f.from = nil, 0

	if info.parts[0].off == 0 { // there is no room for it
		f.letGo([]int{len(f.blocks)}, info)
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.blockCache.put(len(f.blocks), &old)
	f.blocks = append(f.blocks, info)
	f.open = f.enc.block
	return nil
}

// sealInRing writes the open block to a bounded timeline. One that cannot be
// written is let go, and no error.
func (f *File) sealInRing() {
	var p place
	b := sealFrame(frameHeader{kind: frameBlock, block: uint32(len(f.blocks))}, f.part.append(nil), f.enc.raw)
	for range 2 {
		at, gone, ok := f.ring.place(len(f.blocks), int64(len(b)))
		f.letGo(gone, nil)
		if !ok {
			break
		}
		if _, err := f.w.WriteAt(b, at); err != nil {
			f.ring.full()
			f.sayBounded(fmt.Sprintf("the temporary timeline cannot grow beyond %d KiB (%v): its oldest ops are let go", (f.ring.size+1023)>>10, pathless(err)))
			continue
		}
		f.ring.written()
		h, _ := parseFrameHeader(b)
		p = place{at + frameHeaderSize + int64(h.meta.n), h.data, h.dataCRC}
		break
	}
	f.addPart(p)
}

// pathless is an error without the name of a file that nobody has chosen.
func pathless(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// sayBounded tells once that ops are let go, and why first.
func (f *File) sayBounded(text string) {
	if !f.ring.said {
		f.ring.said = true
		f.note(text)
	}
}

// letGo gives up blocks of a bounded timeline; unwritten is one that follows the
// last and was never written. Their numbers and marks are all that is kept.
func (f *File) letGo(blocks []int, unwritten *blockInfo) {
	if len(blocks) == 0 {
		return
	}
	// When the lock is free again.
	defer f.sayBounded(fmt.Sprintf("the temporary timeline is bounded to %d KiB: its oldest ops are let go", (f.ring.size+1023)>>10))
	f.mu.Lock()
	defer f.mu.Unlock()
	if unwritten != nil {
		f.blocks = append(f.blocks, unwritten)
		f.open = f.enc.block
	}
	for _, n := range blocks {
		old := f.blocks[n]
		info := &blockInfo{digest: old.empty(), letGo: true}
		info.begun, info.surveyed, info.Marks = old.begun, old.surveyed, old.Marks
		f.blocks[n] = info
		for i := range old.begun {
			id := old.firstID + trace.OpID(i)
			delete(f.others, trace.Moment{Op: id})
			f.looks.drop(id)
		}
		for i := range old.surveyed {
			delete(f.others, trace.Moment{Phase: trace.Survey, Step: old.firstSurvey + i})
		}
	}
	for ; f.gone < len(f.blocks) && f.blocks[f.gone].letGo; f.gone++ {
		f.first = f.blocks[f.gone].FirstSeq + uint64(len(f.blocks[f.gone].Marks))
	}
	f.notify()
}

// flushEvery is how much of what was seen may be lost when we are killed.
const flushEvery = time.Second

// touch makes sure that what was just added is flushed soon.
func (f *File) touch() {
	if f.temp || f.flushAt != nil {
		return
	}
	f.flushAt = time.AfterFunc(flushEvery, func() {
		f.wmu.Lock()
		defer f.wmu.Unlock()
		f.flushAt = nil
		if !f.closed {
			f.flush() // an error stays in werr, and comes with the next call
		}
	})
}
