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
	given         trace.Info
	notes         []string // the timeline's own
	frames        []int64
	progress      map[trace.OpID]*progress
	endedFor      map[trace.OpID]bool // by the timeline, before their source did
	busy          map[int]int         // ops in progress on each map
	last          map[int]trace.OpID  // the op that ended last on each map
	survey        tally               // of the last survey
	unexplained   int                 // changes of all ops
	lines         [2]visible.Lines
	flushAt       *time.Timer
	closed        bool
	digestTexts   map[string]string
	outputDropped bool
	ring          *ring // of a bounded timeline

	mu sync.RWMutex
	state

	blockCache blockCache
	looks      lookCache
	mostHeld   int // bytes that are held of a moment of an op in progress
}

// state is what readers see, guarded by File.mu.
type state struct {
	info     trace.Info
	fate     trace.Fate
	usage    trace.Usage
	blocks   []*blockInfo // sealed
	open     block        // snapshot of the encoder's
	ended    uint64
	begun    trace.OpID
	surveyed int
	pending  []trace.OpID
	first    uint64                 // seq of the first op that is still held
	gone     int                    // so many blocks from the first have been let go
	others   map[trace.Moment][]int // by owner: blocks that have records of an earlier block's
	layouts  []*gomap.Layout
	types    map[uint64]*gomap.Type
	sources  map[string]map[int]string
	maps     []*trace.MapSeen
	mapAt    map[int]int // MapRef.ID → index into maps
	tail     []trace.OutputLine
	tailLen  int
	partial  [2]string
	damage   []string
	changed  chan struct{}
	texts    int // bytes of sources
}

// blockInfo is a block in the file.
type blockInfo struct {
	digest
	parts []place
	// missing says that the file lacks the block's beginning, so that nothing
	// of it can be read; letGo that a bounded timeline has given up its place.
	missing, letGo bool
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
	force    bool
	limit    int64
	uncached bool // by tests
}

// Force replaces a file that exists.
func Force(o *options) { o.force = true }

// Limit bounds a temporary timeline: its file does not become larger than so many
// bytes. The oldest ops are let go for it, a block of them at a time: they keep
// their numbers and marks, and asking for them is [trace.ErrLetGo]. A full disk
// bounds such a timeline likewise, and is no error.
func Limit(bytes int64) Option { return func(o *options) { o.limit = bytes } }

// Create makes a new timeline, backed by a new file. With path "" it is an
// unnamed temporary file, which is gone when the timeline is closed. A file
// that exists is refused, unless Force is given.
func Create(path string, opts ...Option) (*File, error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	if path != "" && o.limit > 0 {
		return nil, fmt.Errorf("creating recording %s: only a temporary timeline can be bounded", path)
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
			return nil, existsError(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("creating recording: %w", err)
	}
	f := newFile(w.Name(), w)
	f.w, f.temp = w, path == ""
	if o.uncached {
		f.blockCache.most, f.looks.mostRows, f.mostHeld = -1, -1, -1
	}
	if o.limit > 0 {
		f.ring = newRing(o.limit)
	}
	f.enc = newEncoder(nil)
	f.part = digest{firstID: 1, firstSurvey: 1, Bounds: trace.Bounds{FirstSeq: 1}}
	if f.ring != nil { // nobody opens it: it needs no header, and may have no room for one
		f.off = fileHeaderSize
	} else if err := f.write(fileHeader()); err != nil {
		w.Close()
		return nil, err
	}
	return f, nil
}

// existsError is an [os.ErrExist] of a recording's path.
type existsError string

func (e existsError) Error() string {
	return "creating recording " + string(e) + ": it exists; choose another name, or give --force to replace it"
}

func (existsError) Is(err error) bool { return err == os.ErrExist }

func newFile(name string, r io.ReaderAt) *File {
	f := &File{
		name: name, r: r,
		progress: map[trace.OpID]*progress{}, endedFor: map[trace.OpID]bool{}, busy: map[int]int{},
		last: map[int]trace.OpID{}, digestTexts: map[string]string{},
		blockCache: blockCache{most: cacheBytes}, looks: lookCache{mostRows: maxLookRows}, mostHeld: maxHeld,
		state: state{
			first: 1, others: map[trace.Moment][]int{}, types: map[uint64]*gomap.Type{},
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
