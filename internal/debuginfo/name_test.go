package debuginfo

import "testing"

func TestGoName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, want string }{
		{"map[uint64]int", "map[uint64]int"},
		{"struct {}", "struct {}"},
		{"map[struct { main.s main.ID }]func()", "map[struct { s main.ID }]func()"},
		{
			`struct { main.In; main.s string; T *struct { main.q *main.In }; main.f chan struct { main.z int }; main._ int "tag:\"x; a.b c\"" }`,
			`struct { main.In; s string; T *struct { q *main.In }; f chan struct { z int }; _ int "tag:\"x; a.b c\"" }`,
		},
		{`struct { a.b/c.d.x interface { a.m(); a.n() }; *main.T; main.G[int]; main.E "t" }`, `struct { x interface { a.m(); a.n() }; *main.T; main.G[int]; main.E "t" }`},
		{"struct { sync.node = sync.node[go.shape.int] }", "struct { sync.node = sync.node[go.shape.int] }"},
		{`struct { a.b "`, `struct { a.b "`},
		{"} struct { ", "} struct { "},
	} {
		if got := goName(c.name); got != c.want {
			t.Errorf("goName(%q)\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}
