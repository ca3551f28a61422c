package moment_test

import (
	"slices"
	"testing"

	"deltui/internal/moment"
	"deltui/internal/trace"
)

func TestCalls(t *testing.T) {
	entry := trace.Frame{Func: "runtime.mapdelete_faststr", Runtime: true, Std: true}
	rt := trace.Frame{Func: "reflect.Value.SetMapIndex", Runtime: true, Std: true}
	audit := trace.Frame{Func: "deltui/hookdemo/audit.Delete[go.shape.string]", Line: 3}
	inner := trace.Frame{Func: "deltui/hookdemo/audit.(*typed[go.shape.map[x/y.T]int]).remove", Line: 1}
	std := trace.Frame{Func: "maps.DeleteFunc[go.shape.string]", Std: true, Line: 5}
	evict := trace.Frame{Func: "main.evict", Line: 12}
	main := trace.Frame{Func: "main.main", Line: 20}
	for _, tt := range []struct {
		name          string
		caller        trace.Frame
		stack         []trace.Frame
		through, from []trace.Frame
	}{
		{"at once", evict, []trace.Frame{entry, evict, main}, nil, []trace.Frame{evict, main}},
		{"through maps", evict, []trace.Frame{entry, std, evict, main}, []trace.Frame{std}, []trace.Frame{evict, main}},
		{"through an audit and reflect", evict, []trace.Frame{entry, rt, audit, rt, std, evict}, []trace.Frame{audit, std}, []trace.Frame{evict}},
		{"what was called of a package", evict, []trace.Frame{entry, inner, rt, std, inner, audit, evict}, []trace.Frame{audit}, []trace.Frame{evict}},
		{"cut before the caller", evict, []trace.Frame{entry, std}, []trace.Frame{std}, []trace.Frame{evict}},
		{"no stack", evict, nil, nil, []trace.Frame{evict}},
		{"a library's own op", std, []trace.Frame{entry, std, main}, nil, []trace.Frame{std, main}},
		{"not known", trace.Frame{}, []trace.Frame{entry, rt, evict, main}, nil, []trace.Frame{evict, main}},
		{"nothing known", trace.Frame{}, []trace.Frame{entry, rt}, nil, nil},
	} {
		op := &trace.Op{Stack: tt.stack, Caller: tt.caller}
		through, from := moment.Calls(op)
		if !slices.Equal(through, tt.through) || !slices.Equal(from, tt.from) {
			t.Errorf("%s: through %v, from %v", tt.name, through, from)
		}
		c := (&moment.Act{Op: op}).Caller()
		if (c == nil) != (tt.caller == trace.Frame{}) || c != nil && *c != from[0] {
			t.Errorf("%s: the caller is %v", tt.name, c)
		}
	}
}

func TestNames(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"main.(*cache).evict", "main.(*cache).evict"},
		{"example.com/m/cache.(*C).evict", "cache.(*C).evict"},
		{"maps.DeleteFunc[go.shape.map[string]a/b.T,go.shape.string]", "maps.DeleteFunc[…]"},
		{"a/b.(*Set[go.shape.int]).Del[...].func1", "b.(*Set[…]).Del[…].func1"},
		{"\x9b[31m", "\x9b[31m"}, // no name that Go makes
		{"", ""},
	} {
		if got := moment.ShortName(tt.in, "…"); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}
