package file

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/trace"
	"deltui/internal/visible"
)

// File is a timeline and the file that backs it: what its [File.Sink] is given
// can be read at once.
//
//	Sink ──► open block ──(full)──► frame in the file ──► cache ──► Timeline
//	              └──────────────────────────────────────────────────┘
//
// In memory are the block that is being written, a few blocks that were read
// last, and a [digest] of every block. One goroutine writes; any may read.
type File struct {
	name string // for errors
	r    io.ReaderAt

	// wmu is held by what writes: the Sink's methods, and the timer.
	wmu   sync.Mutex
	w     *os.File // nil if read-only
	temp  bool
	werr  error // why writing has stopped
	off   int64 // where the next frame goes
	enc   *encoder
	part  digest  // of what was added since the last flush
	whole digest  // of the parts of this block before it
	parts []place // of this block
	from  int     // bytes of enc.raw that are in parts
	// What awaits the next flush, and the frames written so far.
	facts, output []byte
	outputs       int // bytes of output written
	usageSeen     trace.Usage
	usageAt       time.Time
	factBytes     int // written so far
	factCount     int // written or read so far
	frames        []int64
	progress      map[trace.OpID]*progress
	last          map[int]trace.OpID // the op that ended last on each map
	unexplained   int                // changes of all ops
	lines         [2]visible.Lines
	flushAt       *time.Timer
	closed        bool
	digestTexts   map[string]string
	outputDropped bool
	ring          ring // of a temporary file; but for kept, guarded by mu

	mu sync.RWMutex
	state

	cache  cache
	recent recent
}

// state is what readers see, guarded by File.mu.
type state struct {
	info    trace.Info
	fate    trace.Fate
	usage   trace.Usage
	blocks  []*blockInfo // sealed
	open    block        // snapshot of the encoder's
	ended   uint64
	begun   trace.OpID
	pending []trace.OpID
	others  map[trace.OpID][]int // blocks that have records of an op that began earlier
	layouts []*gomap.Layout
	types   map[uint64]*gomap.Type
	sources map[string]map[int]string
	maps    []*trace.MapSeen
	mapAt   map[int]int // MapRef.ID → index into maps
	tail    []trace.OutputLine
	tailLen int
	partial [2]string
	damage  []string
	changed chan struct{}
	texts   int // bytes of sources
}

// blockInfo is a block in the file.
type blockInfo struct {
	digest
	parts []place
	// missing says that the file lacks the block's beginning, so that nothing
	// of it can be read.
	missing bool
	// forgotten says that it is no longer in the file.
	forgotten bool
}

// place is where the data section of a frame is.
type place struct {
	off  int64
	data section
	crc  uint32
}

// Option changes how a file is created.
type Option func(*options)

type options struct {
	force bool
	bound int64
}

// Force replaces a file that exists.
func Force(o *options) { o.force = true }

// Create makes a new timeline, backed by a new file. With path "" it is an
// unnamed temporary file, which is gone when the timeline is closed. A file
// that exists is refused, unless Force is given.
func Create(path string, opts ...Option) (*File, error) {
	o := options{bound: tempBound}
	for _, opt := range opts {
		opt(&o)
	}
	var w *os.File
	var err error
	if path == "" {
		w, err = os.CreateTemp("", "deltui-*.timeline")
		if err == nil && runtime.GOOS != "windows" {
			os.Remove(w.Name())
		}
	} else {
		flags := os.O_RDWR | os.O_CREATE | os.O_EXCL
		if o.force {
			flags = os.O_RDWR | os.O_CREATE | os.O_TRUNC
		}
		w, err = os.OpenFile(path, flags, 0o600)
		if errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("creating recording %s: it exists; choose another name, or give --force to replace it", path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("creating recording: %w", err)
	}
	f := newFile(w.Name(), w)
	f.w, f.temp, f.ring.bound = w, path == "", o.bound
	f.enc = newEncoder(1, 1)
	f.startPart()
	if f.temp {
		f.off = fileHeaderSize // as in a recording; nobody reads it
	} else if err := f.write(fileHeader()); err != nil {
		w.Close()
		return nil, err
	}
	return f, nil
}

func newFile(name string, r io.ReaderAt) *File {
	f := &File{
		name: name, r: r,
		progress: map[trace.OpID]*progress{}, last: map[int]trace.OpID{}, digestTexts: map[string]string{},
		state: state{
			others: map[trace.OpID][]int{}, types: map[uint64]*gomap.Type{},
			sources: map[string]map[int]string{}, mapAt: map[int]int{},
		},
	}
	for i := range f.lines {
		f.lines[i] = visible.Lines{Tab: 8, Emit: func(s string) { f.addOutput(i+1, s) }}
	}
	return f
}

// Name is the path of the file.
func (f *File) Name() string { return f.name }

// Damage lists what of a recording cannot be read, in words for its user. More
// may be found while it is read.
func (f *File) Damage() []string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return append([]string(nil), f.damage...)
}

// maxDamage bounds the list of damages.
const maxDamage = 100

func (f *File) damaged(format string, args ...any) {
	text := visible.String(fmt.Sprintf(format, args...))
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.damage {
		if d == text {
			return
		}
	}
	if len(f.damage) < maxDamage {
		f.damage = append(f.damage, text)
	}
}

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
	if f.temp {
		if !f.writeRing(b) {
			return place{}, nil
		}
	} else if err := f.write(b); err != nil {
		return place{}, err
	}
	at := f.off - int64(len(b))
	if !f.temp {
		f.frames = append(f.frames, at)
	}
	return place{at + frameHeaderSize + int64(sealed.meta.n), sealed.data, sealed.dataCRC}, nil
}

// startPart begins a part of the open block.
func (f *File) startPart() {
	f.from = len(f.enc.raw)
	f.part = digest{
		firstID: f.enc.firstID + trace.OpID(len(f.enc.ops)), Bounds: trace.Bounds{FirstSeq: f.enc.firstSeq + uint64(len(f.enc.ends))},
	}
}

// flush brings what was added to the file. It is called with wmu held.
func (f *File) flush() error {
	if f.usageSeen != f.usage && (f.closed || time.Since(f.usageAt) > 10*time.Second) {
		f.usageSeen, f.usageAt = f.usage, time.Now()
		_ = f.addFact(fact{Usage: &f.usageSeen}) // may be left out
	}
	if f.temp {
		f.facts, f.output = f.facts[:0], f.output[:0] // they are in memory
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
	if len(f.parts) == 0 {
		f.whole = digest{firstID: f.part.firstID, Bounds: trace.Bounds{FirstSeq: f.part.FirstSeq}}
	}
	f.whole.merge(&f.part)
	f.parts = append(f.parts, p)
	f.startPart()
	return nil
}

// seal ends the open block and begins another.
func (f *File) seal() error {
	if err := f.flush(); err != nil {
		return err
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
	f.enc = newEncoder(old.firstID+trace.OpID(len(old.ops)), old.firstSeq+uint64(len(old.ends)))
	// The next block will be about as large.
	f.enc.raw = make([]byte, 0, min(len(old.raw), 1<<20))
	f.enc.ops, f.enc.ends = make([]trace.Op, 0, len(old.ops)), make([]end, 0, len(old.ends))
	f.enc.reads = make([]read, 0, len(old.reads))
	f.parts = nil
	f.startPart()

	n := len(f.blocks)
	f.mu.Lock()
	f.cache.put(n, &old)
	f.blocks = append(f.blocks, info)
	f.open = f.enc.block
	f.mu.Unlock()
	switch {
	case !f.temp:
	case info.parts[0].off == 0:
		f.drop(n, info, &old)
	default:
		f.ring.kept = append(f.ring.kept, n)
	}
	return nil
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

// Close writes what is left, and the index, and closes the file.
func (f *File) Close() error {
	f.wmu.Lock()
	defer f.wmu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	if f.flushAt != nil {
		f.flushAt.Stop()
	}
	if f.w == nil {
		if c, ok := f.r.(io.Closer); ok {
			return c.Close()
		}
		return nil
	}
	err := f.werr
	if err == nil && !f.temp {
		for i := range f.lines {
			f.lines[i].Flush()
		}
		if err = f.flush(); err == nil {
			err = f.writeIndex()
		}
	}
	if f.temp && runtime.GOOS == "windows" {
		defer os.Remove(f.name)
	}
	return errors.Join(err, f.w.Close())
}

// notify wakes those who wait for a change. It is called with mu held.
func (s *state) notify() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}
