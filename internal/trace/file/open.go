package file

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"deltui/internal/trace"
)

// Open opens a recording. One that was not finished, or is damaged, opens as
// far as it can be read: [File.Damage] says what is missing.
func Open(path string) (*File, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening recording: %w", err)
	}
	st, err := r.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("opening recording: %w", err)
	}
	f, err := open(path, r, st.Size())
	if err != nil {
		r.Close()
		return nil, err
	}
	return f, nil
}

// OpenReader opens a recording of size bytes, as [Open] does. Closing the
// timeline does not close r.
func OpenReader(r io.ReaderAt, size int64) (*File, error) {
	return open("(in memory)", struct{ io.ReaderAt }{r}, size)
}

func open(name string, r io.ReaderAt, size int64) (*File, error) {
	head := make([]byte, fileHeaderSize)
	if n, err := r.ReadAt(head, 0); n < len(head) {
		if err == io.EOF {
			err = fmt.Errorf("it is not a recording of deltui: only %d bytes", n)
		}
		return nil, fmt.Errorf("opening recording %s: %w", name, err)
	}
	if string(head[:8]) != fileMagic {
		return nil, fmt.Errorf("opening recording %s: it is not a recording of deltui", name)
	}
	if major := binary.LittleEndian.Uint16(head[8:]); major != majorVersion {
		return nil, fmt.Errorf("opening recording %s: it has format version %d, and this deltui reads version %d; use a deltui that is as new as the one that made it", name, major, majorVersion)
	}
	f := newFile(name, r)
	o := opener{f: f, r: r, size: size}
	if o.index() {
		o.finish()
		return f, nil
	}
	f = newFile(name, r)
	o = opener{f: f, r: r, size: size}
	o.scan(fileHeaderSize)
	o.finish()
	return f, nil
}

// opener takes in the frames of a file, from its index or one by one.
type opener struct {
	f      *File
	r      io.ReaderAt
	size   int64
	facts  int // bytes of facts so far
	metas  int
	others int
	// Output is read last: only its end is wanted.
	output []place
	block  uint32 // number of the last block's frames, + 1
}

// scan reads frame after frame. Where it finds none it looks for the next one.
func (o *opener) scan(off int64) {
	f := o.f
	head := make([]byte, frameHeaderSize)
	for off < o.size {
		if o.size-off == footerSize {
			foot := make([]byte, footerSize)
			if _, err := o.r.ReadAt(foot, off); err == nil {
				if _, ok := parseFooter(foot); ok {
					return
				}
			}
		}
		n, err := o.r.ReadAt(head, off)
		if err != nil && err != io.EOF {
			f.damaged("cannot be read from byte %d on: %v", off, err)
			return
		}
		h, err := parseFrameHeader(head[:n])
		if err != nil {
			next := o.resync(off + 1)
			if next < 0 {
				f.damaged("ends at byte %d of %d: the rest was not written, or is damaged", off, o.size)
				return
			}
			f.damaged("bytes %d to %d are damaged", off, next-1)
			off = next
			continue
		}
		if off+h.size() > o.size {
			f.damaged("ends at byte %d of %d, in the middle of a block: it was cut off", off, o.size)
			return
		}
		if h.kind != frameIndex {
			meta, err := readSection(o.r, off+frameHeaderSize, h.meta, h.metaCRC)
			if err == nil {
				err = o.add(off, h, meta)
			}
			if err != nil {
				f.damaged("the block at byte %d is damaged: %v", off, err)
			}
		}
		off += h.size()
	}
	f.damaged("was not finished: it has no index, and may lack the last second")
}

// resync returns where the next frame begins, or -1.
func (o *opener) resync(off int64) int64 {
	buf := make([]byte, 64<<10)
	for off < o.size {
		n, _ := o.r.ReadAt(buf, off)
		if n < frameHeaderSize {
			return -1
		}
		for i := 0; ; i++ {
			j := bytes.Index(buf[i:n], []byte(frameMagic))
			if j < 0 {
				break
			}
			i += j
			if i+frameHeaderSize > n {
				break
			}
			if _, err := parseFrameHeader(buf[i : i+frameHeaderSize]); err == nil {
				return off + int64(i)
			}
		}
		off += int64(n - frameHeaderSize + 1)
	}
	return -1
}

// add takes in a frame. Kinds that are not known are skipped.
func (o *opener) add(off int64, h frameHeader, meta []byte) error {
	f := o.f
	at := place{off + frameHeaderSize + int64(h.meta.n), h.data, h.dataCRC}
	switch h.kind {
	case frameFacts:
		if o.facts += int(h.data.raw); o.facts > maxFacts {
			return fmt.Errorf("%w: more facts than any file may have", errCorrupt)
		}
		raw, err := readSection(o.r, at.off, at.data, at.crc)
		if err == nil {
			err = f.addFacts(raw)
		}
		if err != nil {
			f.damaged("facts at byte %d are damaged: %v", off, err)
		}
	case frameOutput:
		if h.data.raw > maxOutputFrame {
			return fmt.Errorf("%w: more output in a frame than any may have", errCorrupt)
		}
		o.output = append(o.output, at)
	case frameBlock:
		if o.metas += int(h.meta.raw) + 512; o.metas > maxMetas {
			return fmt.Errorf("%w: a larger index than any file may have", errCorrupt)
		}
		var d digest
		if err := d.parse(meta); err != nil {
			return err
		}
		return o.addBlock(h, at, &d)
	}
	return nil
}

func (o *opener) addBlock(h frameHeader, at place, d *digest) error {
	f := o.f
	last := d.FirstSeq + uint64(len(d.Marks)) - 1
	if d.firstID <= f.begun || d.FirstSeq <= f.ended || d.firstSurvey <= f.surveyed || d.begun+len(d.Marks)+d.surveyed > int(h.data.raw) {
		return fmt.Errorf("%w: its ops are numbered wrongly", errCorrupt)
	}
	if d.FirstSeq > f.ended+1 {
		f.damaged("ops %s are missing", seqRange(f.ended+1, int(min(d.FirstSeq-f.ended-1, maxNumber))))
	}
	continues := h.part > 0 && o.block == h.block+1 && len(f.blocks) > 0
	if continues {
		info := f.blocks[len(f.blocks)-1]
		continues = !info.missing && int(h.part) == len(info.parts) &&
			d.firstID == info.firstID+trace.OpID(info.begun) && d.FirstSeq == info.FirstSeq+uint64(len(info.Marks)) &&
			d.firstSurvey == info.firstSurvey+info.surveyed
	}
	if o.others += len(d.others) + len(d.otherSurveys); o.others > maxOthers || len(d.pending) > maxPending {
		return fmt.Errorf("%w: more ops in progress than any file may have", errCorrupt)
	}
	for _, m := range d.maps {
		if m.last > d.firstID+trace.OpID(d.begun) {
			return fmt.Errorf("%w: its maps have ops that it does not have", errCorrupt)
		}
		f.addMap(m.ref, m.ops, m.last)
	}
	f.pending = d.pending
	n := len(f.blocks)
	if continues {
		n--
		info := f.blocks[n]
		info.merge(d)
		info.interned(f.digestTexts)
		info.parts = append(info.parts, at)
	} else {
		info := &blockInfo{parts: []place{at}, missing: h.part > 0}
		info.digest = d.empty()
		info.merge(d)
		info.interned(f.digestTexts)
		f.blocks = append(f.blocks, info)
		if info.missing {
			f.damaged("the beginning of the block with ops %s is missing", seqRange(d.FirstSeq, len(d.Marks)))
		}
	}
	d.eachOther(func(owner trace.Moment) { f.addOther(owner, n) })
	o.block = h.block + 1
	f.begun = max(f.begun, d.firstID+trace.OpID(d.begun)-1)
	f.surveyed = max(f.surveyed, d.firstSurvey+d.surveyed-1)
	f.ended = max(f.ended, last)
	return nil
}

// finish reads the end of the output, and ends what was being opened.
func (o *opener) finish() {
	f := o.f
	size, from := 0, len(o.output)
	for from > 0 && size < tailOutput {
		from--
		size += int(o.output[from].data.raw)
	}
	for _, at := range o.output[from:] {
		raw, err := readSection(o.r, at.off, at.data, at.crc)
		if err == nil {
			err = f.addReadOutput(raw)
		}
		if err != nil {
			f.damaged("output at byte %d is damaged: %v", at.off, err)
		}
	}
	f.open = block{firstID: f.begun + 1, firstSeq: f.ended + 1, firstSurvey: f.surveyed + 1}
}
