package live

import (
	"encoding/binary"
	"reflect"

	"deltui/dlvclient"
	"deltui/internal/goabi"
	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// anyType is the type of a panic's value.
var anyType = &gomap.Type{Name: "any", Kind: reflect.Interface, Size: 16}

// panicked deals with a hit at runtime.gopanic: an op in progress on the same
// goroutine leaves by it.
func (l *Loop) panicked(h *dlvclient.Hit, m *mode) (bool, error) {
	if len(l.pending) == 0 {
		return false, nil
	}
	g, err := l.goroutineOf(h)
	if err != nil || l.pending[g.id] == nil {
		return false, nil //nolint:nilerr // a panic outside of Go's goroutines is not ours
	}
	var eface [16]byte
	a, _ := h.Reg(goabi.Of(l.proc.Arch()).Args[0])
	b, _ := h.Reg(goabi.Of(l.proc.Arch()).Args[1])
	binary.LittleEndian.PutUint64(eface[:], a)
	binary.LittleEndian.PutUint64(eface[8:], b)
	msg, _ := gomap.Format(anyType, eface[:], &recorder{l: l}, l.types, 512)
	return true, l.finish(l.pending[g.id], g, trace.Panicked, "panic: "+panicText(msg, l.types), m)
}

// fatal deals with a hit at runtime.throw or runtime.fatal.
func (l *Loop) fatal(h *dlvclient.Hit, m *mode) (bool, error) {
	if len(l.pending) == 0 {
		return false, nil
	}
	ptr, _ := h.Reg(goabi.Of(l.proc.Arch()).Args[0])
	n, _ := h.Reg(goabi.Of(l.proc.Arch()).Args[1])
	text := make([]byte, min(n, 512))
	if err := l.read(text, ptr); err != nil {
		text = []byte("(what the runtime said cannot be read)")
	}
	g, err := l.goroutineOf(h)
	if err != nil || l.pending[g.id] == nil {
		return false, nil //nolint:nilerr // thrown elsewhere; the target will tell
	}
	return true, l.finish(l.pending[g.id], g, trace.Fatal, "fatal error: "+string(text), m)
}
