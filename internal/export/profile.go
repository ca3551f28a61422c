package export

import (
	"fmt"
	"io"
	"strings"

	"github.com/google/pprof/profile"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
)

// The values of a sample, in their order. A tombstone is counted for the op that
// left it, whatever became of it later, and a row's memory for the op that the map
// grew by it in: as alloc_objects and alloc_space are in a heap profile.
var sampleTypes = []*profile.ValueType{
	{Type: "ops", Unit: "count"},
	{Type: "tombstones", Unit: "count"},      // cells that the op left as tombstones
	{Type: "tombstone_space", Unit: "bytes"}, // what these cells take
	{Type: "grown_space", Unit: "bytes"},     // rows that the map has more than before the op
}

// writeProfile writes a gzipped pprof profile: a sample is the ops of one calling
// stack, of one kind, on one map, which are its labels.
func writeProfile(w io.Writer, ops ops) (Result, error) {
	b := profiler{
		p: &profile.Profile{
			SampleType: sampleTypes, DefaultSampleType: "ops",
			PeriodType: &profile.ValueType{Type: "ops", Unit: "count"}, Period: 1,
		},
		functions: map[function]*profile.Function{},
		locations: map[string]*profile.Location{},
		samples:   map[string]*profile.Sample{},
	}
	info, usage := ops.tl.Info(), ops.tl.Usage()
	if !info.Started.IsZero() {
		b.p.TimeNanos = info.Started.UnixNano()
	}
	b.p.DurationNanos = usage.Elapsed.Nanoseconds()
	// A mapping that says all is known keeps pprof from looking for a binary.
	b.mapping = &profile.Mapping{ID: 1, HasFunctions: true, HasFilenames: true, HasLineNumbers: true, HasInlineFrames: true}
	b.p.Mapping = []*profile.Mapping{b.mapping}
	r, err := ops.each(func(op *trace.Op) error {
		b.add(ops.tl, op)
		return nil
	})
	if err != nil {
		return r, err
	}
	if err := b.p.Write(w); err != nil {
		return r, fmt.Errorf("writing the profile: %w", err)
	}
	return r, nil
}

type profiler struct {
	p         *profile.Profile
	mapping   *profile.Mapping
	functions map[function]*profile.Function
	locations map[string]*profile.Location // by their lines
	samples   map[string]*profile.Sample   // by their locations and labels
}

type function struct{ name, file string }

func (b *profiler) add(tl trace.Timeline, op *trace.Op) {
	var key strings.Builder
	fmt.Fprintf(&key, "%d %d", op.Kind, op.Map.ID)
	locs := b.stack(op.Stack)
	for _, l := range locs {
		fmt.Fprintf(&key, " %d", l.ID)
	}
	s := b.samples[key.String()]
	if s == nil {
		s = &profile.Sample{
			Location: locs, Value: make([]int64, len(sampleTypes)),
			Label: map[string][]string{"op": {op.Kind.String()}, "map": {strings.TrimSpace(moment.MapName(op.Map.ID) + " " + op.Map.Type)}},
		}
		b.samples[key.String()] = s
		b.p.Sample = append(b.p.Sample, s)
	}
	s.Value[0]++
	a, err := moment.Of(tl, op)
	if err != nil || !a.Compared() {
		return
	}
	l := a.Before.Map.Layout
	for _, c := range a.Delta.Changes {
		if c.State[1] == gomap.Deleted {
			s.Value[1]++
			s.Value[2] += int64(cellSize(l))
		}
	}
	was, now := a.Before.Map, a.After.Map
	if !was.SomeTables && !now.SomeTables && now.RowsTotal > was.RowsTotal && now.RowsTotal < maxRowsTold {
		s.Value[3] += int64((now.RowsTotal - was.RowsTotal) * l.Row.Size)
	}
}

// maxRowsTold bounds the rows that a header is believed to promise: no machine has
// memory for more.
const maxRowsTold = 1 << 36

// cellSize is what a cell takes of its row: the control byte, key and elem with
// their padding.
func cellSize(l *gomap.Layout) uint64 { return l.Row.Size / gomap.CellsPerRow }

// stack is a stack's locations, the innermost first. Frames that were inlined share
// a location with the one that they were inlined into.
func (b *profiler) stack(frames []trace.Frame) []*profile.Location {
	var locs []*profile.Location
	for from := 0; from < len(frames); {
		to := from
		for frames[to].Inlined && to+1 < len(frames) {
			to++
		}
		locs = append(locs, b.location(frames[from:to+1]))
		from = to + 1
	}
	return locs
}

func (b *profiler) location(frames []trace.Frame) *profile.Location {
	lines := make([]profile.Line, len(frames))
	var key strings.Builder
	for i := range frames {
		fn := b.function(&frames[i])
		lines[i] = profile.Line{Function: fn, Line: int64(frames[i].Line)}
		fmt.Fprintf(&key, "%d:%d ", fn.ID, frames[i].Line)
	}
	l := b.locations[key.String()]
	if l == nil {
		l = &profile.Location{ID: uint64(len(b.p.Location)) + 1, Mapping: b.mapping, Line: lines}
		b.locations[key.String()] = l
		b.p.Location = append(b.p.Location, l)
	}
	return l
}

func (b *profiler) function(f *trace.Frame) *profile.Function {
	k := function{f.Func, f.File}
	fn := b.functions[k]
	if fn == nil {
		fn = &profile.Function{ID: uint64(len(b.p.Function)) + 1, Name: f.Func, SystemName: f.Func, Filename: f.File}
		b.functions[k] = fn
		b.p.Function = append(b.p.Function, fn)
	}
	return fn
}
