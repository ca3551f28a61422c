package auditlog

import (
	"encoding/binary"
	"hash/maphash"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/petermattis/goid"

	"deltui.example/hookdemo/audit"
	"deltui.example/hookdemo/audit/fact"
)

// goroutine returns the goroutine's id. Package goid reads it where the runtime
// keeps it, some thousand times as fast as a traceback; for a Go that it does
// not know the place may be another, so the two are compared once.
var goroutine = func() func() int64 {
	match := make(chan bool)
	go func() { match <- goid.Get() == fact.Goroutine() }()
	if <-match && goid.Get() == fact.Goroutine() {
		return goid.Get
	}
	return fact.Goroutine
}()

// record says everything about op, which is over. It keeps nothing of the map.
func (l *Log) record(op *audit.Op, rate float64, goroutine int64) slog.Record {
	level := slog.LevelInfo
	if op.Outcome.Failed() || len(op.Faults) > 0 {
		level = slog.LevelWarn
	}
	r := slog.NewRecord(time.Now(), level, "delete", 0)
	mt := reflect.TypeOf(op.Map)
	key, full := fact.Key(keyOf(op, mt), l.opts.KeyBytes)
	r.AddAttrs(
		slog.Uint64("seq", l.seq.Add(1)),
		slog.Int64("goroutine", goroutine),
		slog.Any("", where{fact.Stack(1), l.places}), // depth and caller
		slog.String("map", MapID(op.Map)),
		slog.String("map_type", mt.String()),
		slog.String("key_type", mt.Key().String()),
		slog.String("key", key),
	)
	if full > 0 {
		r.AddAttrs(slog.Int("key_len", full))
	}
	if who := op.Actor(); who != "" {
		r.AddAttrs(slog.String("actor", bounded(who, l.opts.KeyBytes)))
	}
	r.AddAttrs(
		slog.Bool("found", op.Found),
		slog.Any("len", [2]int{op.LenBefore, op.LenAfter}),
		slog.String("hook", op.Hooks),
		slog.String("outcome", string(op.Outcome)),
		slog.Float64("rate", rate),
	)
	if op.Nest > 0 {
		r.AddAttrs(slog.Int("nest", op.Nest))
	}
	if op.Err != nil {
		r.AddAttrs(slog.String("error", op.Err.Error()))
	}
	if len(op.Faults) > 0 {
		faults := make([]string, len(op.Faults))
		for i, f := range op.Faults {
			faults[i] = f.String()
		}
		r.AddAttrs(slog.Any("faults", faults))
	}
	return r
}

// bounded is s, or its first n bytes and a mark.
func bounded(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// keyOf is the key as the map has it: an interface key in its interface.
func keyOf(op *audit.Op, mt reflect.Type) reflect.Value {
	if mt.Key().Kind() != reflect.Interface {
		return reflect.ValueOf(op.Key)
	}
	v := reflect.New(mt.Key()).Elem()
	if op.Key != nil {
		v.Set(reflect.ValueOf(op.Key))
	}
	return v
}

var seed = maphash.MakeSeed()

// MapID is what records call the map m: a hash of its header's address, with a
// key that is this process's own. The header of a map that package audit sees is
// on the heap and stays where it is.
func MapID(m any) string {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(reflect.ValueOf(m).Pointer()))
	id := strconv.FormatUint(maphash.Bytes(seed, b[:]), 16)
	return "0000000000000000"[len(id):] + id
}

func faultRecord(f audit.Fault) slog.Record {
	r := slog.NewRecord(time.Now(), slog.LevelError, "fault", 0)
	r.AddAttrs(slog.String("hook", f.Hook), slog.String("phase", f.Phase), slog.String("text", f.Text), slog.String("stack", f.Stack))
	return r
}

func droppedRecord(n int64) slog.Record {
	r := slog.NewRecord(time.Now(), slog.LevelWarn, "dropped", 0)
	r.AddAttrs(slog.Int64("records", n))
	return r
}

func endRecord(s Stats) slog.Record {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "end", 0)
	r.AddAttrs(slog.Int64("written", s.Written), slog.Int64("dropped", s.Dropped), slog.Int64("sampled_out", s.SampledOut),
		slog.Int64("waited", s.Waited), slog.Int64("failures", s.Failures), slog.Int64("unwatched", s.Unwatched))
	return r
}
