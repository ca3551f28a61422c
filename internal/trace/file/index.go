package file

import "fmt"

// index reads the index, and reports whether the file has a sound one.
func (o *opener) index() bool {
	if o.size < fileHeaderSize+footerSize {
		return false
	}
	foot := make([]byte, footerSize)
	if _, err := o.r.ReadAt(foot, o.size-footerSize); err != nil {
		return false
	}
	at, ok := parseFooter(foot)
	if !ok || at > o.size-footerSize-frameHeaderSize {
		return false
	}
	head := make([]byte, frameHeaderSize)
	if _, err := o.r.ReadAt(head, at); err != nil {
		return false
	}
	h, err := parseFrameHeader(head)
	if err != nil || h.kind != frameIndex || at+h.size() > o.size-footerSize || h.data.raw > maxIndex {
		return false
	}
	raw, err := readSection(o.r, at+frameHeaderSize+int64(h.meta.n), h.data, h.dataCRC)
	if err != nil {
		return false
	}
	d := decoder{b: raw}
	for d.left() > 0 {
		off := int64(d.small(int(o.size)))
		h, err := parseFrameHeader(d.take(frameHeaderSize))
		meta := d.take(d.count(1))
		if d.err != nil || err != nil || off+h.size() > o.size || o.add(off, h, meta) != nil {
			return false
		}
	}
	return true
}

// writeIndex ends a file with an index and a footer.
func (f *File) writeIndex() error {
	var raw []byte
	head := make([]byte, frameHeaderSize)
	for _, off := range f.frames {
		if _, err := f.r.ReadAt(head, off); err != nil {
			return fmt.Errorf("writing the index of %s: %w", f.name, err)
		}
		h, err := parseFrameHeader(head)
		if err != nil {
			return fmt.Errorf("writing the index of %s: %w", f.name, err)
		}
		meta, err := readSection(f.r, off+frameHeaderSize, h.meta, h.metaCRC)
		if err != nil {
			return fmt.Errorf("writing the index of %s: %w", f.name, err)
		}
		raw = appendUint(raw, uint64(off))
		raw = append(raw, head...)
		raw = append(appendUint(raw, uint64(len(meta))), meta...)
	}
	at := f.off
	if len(raw) > maxIndex {
		at = 0 // readers go from frame to frame instead
	} else if _, err := f.writeFrame(frameHeader{kind: frameIndex}, nil, raw); err != nil {
		return err
	}
	return f.write(footer(at))
}
