package file

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// FORMAT.md describes what is written here.

const (
	fileMagic   = "\x89deltui\n"
	footerMagic = "\x89deltuE\n"
	frameMagic  = "\xd3TLF"
	// A reader refuses another major version, and skips what it does not know
	// of another minor one.
	majorVersion = 1
	minorVersion = 1

	fileHeaderSize  = 16
	frameHeaderSize = 44
	footerSize      = 24
)

// The kinds of frames.
const (
	frameBlock  = 1 // a part of a block
	frameFacts  = 2
	frameOutput = 3
	frameIndex  = 4
)

// frameHeader precedes a frame's two compressed sections: the meta, small and
// read when a file is opened, and the data.
type frameHeader struct {
	kind    byte
	part    uint16 // number of this part of its block, from 0
	block   uint32 // number of the block
	meta    section
	data    section
	metaCRC uint32
	dataCRC uint32
}

// section is the sizes of a section: as stored, and uncompressed.
type section struct{ n, raw uint32 }

func (h *frameHeader) size() int64 {
	return frameHeaderSize + int64(h.meta.n) + int64(h.data.n)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

func (h *frameHeader) append(b []byte) []byte {
	start := len(b)
	b = append(b, frameMagic...)
	b = append(b, h.kind, 0)
	le := binary.LittleEndian
	b = le.AppendUint16(b, h.part)
	for _, v := range []uint32{h.block, h.meta.n, h.meta.raw, h.data.n, h.data.raw, h.metaCRC, h.dataCRC, 0} {
		b = le.AppendUint32(b, v)
	}
	return le.AppendUint32(b, checksum(b[start:]))
}

// parseFrameHeader returns an error for anything that is not one, a frame that
// is too large included.
func parseFrameHeader(b []byte) (h frameHeader, err error) {
	le := binary.LittleEndian
	if len(b) < frameHeaderSize || string(b[:4]) != frameMagic || le.Uint32(b[frameHeaderSize-4:]) != checksum(b[:frameHeaderSize-4]) {
		return h, errCorrupt
	}
	h = frameHeader{
		kind: b[4], part: le.Uint16(b[6:]), block: le.Uint32(b[8:]),
		meta: section{le.Uint32(b[12:]), le.Uint32(b[16:])}, data: section{le.Uint32(b[20:]), le.Uint32(b[24:])},
		metaCRC: le.Uint32(b[28:]), dataCRC: le.Uint32(b[32:]),
	}
	if h.meta.raw > maxMeta || h.meta.n > maxMeta || h.data.raw > maxRaw || h.data.n > maxRaw || h.block >= maxBlocks {
		return h, fmt.Errorf("%w: a frame is larger than any may be", errCorrupt)
	}
	return h, nil
}

var encoders = sync.Pool{New: func() any {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // the options above are wrong
	}
	return z
}}

var decoders = sync.Pool{New: func() any {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderMaxMemory(maxRaw), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(err)
	}
	return z
}}

func compress(raw []byte) []byte {
	if len(raw) == 0 {
		return nil
	}
	z := encoders.Get().(*zstd.Encoder)
	defer encoders.Put(z)
	return z.EncodeAll(raw, nil)
}

// decompress refuses a section that does not unpack to just the size that its
// header says.
func decompress(b []byte, raw uint32) ([]byte, error) {
	if len(b) == 0 && raw == 0 {
		return nil, nil
	}
	var zh zstd.Header
	if err := zh.Decode(b); err != nil || zh.HasFCS && zh.FrameContentSize != uint64(raw) {
		return nil, fmt.Errorf("%w: a section does not have the size that its header says", errCorrupt)
	}
	z := decoders.Get().(*zstd.Decoder)
	defer decoders.Put(z)
	out, err := z.DecodeAll(b, make([]byte, 0, raw))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCorrupt, err)
	}
	if len(out) != int(raw) {
		return nil, errCorrupt
	}
	return out, nil
}

// sealFrame makes a frame of a meta and a data section.
func sealFrame(h frameHeader, meta, data []byte) []byte {
	m, d := compress(meta), compress(data)
	h.meta, h.data = section{uint32(len(m)), uint32(len(meta))}, section{uint32(len(d)), uint32(len(data))}
	h.metaCRC, h.dataCRC = checksum(m), checksum(d)
	b := h.append(make([]byte, 0, h.size()))
	return append(append(b, m...), d...)
}

// readSection reads and unpacks a section at off.
func readSection(r io.ReaderAt, off int64, s section, crc uint32) ([]byte, error) {
	b := make([]byte, s.n)
	if _, err := r.ReadAt(b, off); err != nil && !(errors.Is(err, io.EOF) && s.n == 0) {
		return nil, err
	}
	if checksum(b) != crc {
		return nil, fmt.Errorf("%w: checksum mismatch", errCorrupt)
	}
	return decompress(b, s.raw)
}

// fileHeader is the first bytes of a file.
func fileHeader() []byte {
	b := append([]byte{}, fileMagic...)
	b = binary.LittleEndian.AppendUint16(b, majorVersion)
	b = binary.LittleEndian.AppendUint16(b, minorVersion)
	return binary.LittleEndian.AppendUint32(b, 0)
}

// footer is the last bytes of a finished file: where its index is.
func footer(index int64) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(index))
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint32(b, checksum(b))
	return append(b, footerMagic...)
}

func parseFooter(b []byte) (index int64, ok bool) {
	if len(b) != footerSize || string(b[16:]) != footerMagic || binary.LittleEndian.Uint32(b[12:]) != checksum(b[:12]) {
		return 0, false
	}
	index = int64(binary.LittleEndian.Uint64(b))
	return index, index >= fileHeaderSize
}
