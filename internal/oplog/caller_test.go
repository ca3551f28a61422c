package oplog

import (
	"bytes"
	"strings"
	"testing"

	"deltui/internal/trace"
)

// The caller is named with what passed its op on.
func TestCallers(t *testing.T) {
	entry := trace.Frame{Func: "runtime.mapdelete_fast64", Runtime: true}
	lib := trace.Frame{Func: "maps.DeleteFunc[go.shape.map[int]int,go.shape.int,go.shape.int]", File: "/go/src/maps/maps.go", Line: 60, Std: true}
	evict := trace.Frame{Func: "main.evict", File: "/src/evict.go", Line: 11}
	top := trace.Frame{Func: "main.main", File: "/src/main.go", Line: 5}
	for _, c := range []struct {
		stack  []trace.Frame
		caller trace.Frame
		want   string
	}{
		{[]trace.Frame{entry, evict, top}, evict, "at  main.evict evict.go:11 ← main.main main.go:5"},
		{[]trace.Frame{entry, lib, evict, top}, evict, "at  maps.DeleteFunc[…] ▸ main.evict evict.go:11 ← main.main main.go:5"},
		{[]trace.Frame{entry, {Func: "reflect.Value.SetMapIndex", Runtime: true, Std: true}, evict}, evict, "at  main.evict evict.go:11"},
		{[]trace.Frame{entry, lib}, evict, "at  maps.DeleteFunc[…] ▸ main.evict evict.go:11"}, // the stack is cut before it
		{[]trace.Frame{entry, lib}, trace.Frame{}, "at  maps.DeleteFunc[…] maps.go:60"},       // whose it is is not known
		{[]trace.Frame{entry}, trace.Frame{}, ""},
	} {
		var out bytes.Buffer
		text := NewText(&out, nil, Style{Width: 80, Stack: true})
		text.callers(&trace.Op{Stack: c.stack, Caller: c.caller})
		if got := strings.TrimSpace(text.buf.String()); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
