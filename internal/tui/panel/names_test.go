package panel

import (
	"testing"

	"deltui/internal/trace"
)

func TestShortType(t *testing.T) {
	for _, tt := range []struct{ in, caller, want string }{
		{"map[uint64]int", "main.main", "map[uint64]int"},
		{"map[string]*main.session", "main.(*cache).evict", "map[string]*session"},
		{"map[example.org/a/user.ID]map[time.Time][]example.org/a/user.Name", "example.org/a/user.(*Set).Drop", "map[ID]map[time.Time][]Name"},
		{"map[example.org/a/user.ID]int", "main.main", "map[user.ID]int"},
		{"map[string]other/main.T", "main.main", "map[string]main.T"},
		{"map[string]func(main.A, ...main.B) interface {}", "main.main", "map[string]func(A, ...main.B) interface {}"},
		{"map[main.Key[example.org/b.V]]int", "main.main", "map[Key[b.V]]int"},
		{"map[main.\u00e9t\u00e9]int", "main.Run[go.shape.map[a/b.C]int]", "map[\u00e9t\u00e9]int"},
		{"map[string]main.T", "", "map[string]main.T"},
		{"main.cache", "main.main", "cache"},
		{"", "main.main", ""},
	} {
		var f *trace.Frame
		if tt.caller != "" {
			f = &trace.Frame{Func: tt.caller}
		}
		if got := shortType(tt.in, f); got != tt.want {
			t.Errorf("shortType(%q) in %q = %q, want %q", tt.in, tt.caller, got, tt.want)
		}
	}
}
