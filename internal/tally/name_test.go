package tally

import (
	"testing"

	"deltui/internal/gomap"
)

func TestMapExpr(t *testing.T) {
	for _, c := range []struct {
		kind gomap.OpKind
		line string
		want string
	}{
		{gomap.Delete, "\tdelete(c.byUser, id)", "c.byUser"},
		{gomap.Delete, "if ok { delete(s.shards[h(k, 7)].m, k) } // delete(x, y)", "s.shards[h(k, 7)].m"},
		{gomap.Delete, "for k := range m { delete(m, k) }", "m"},
		{gomap.Delete, `log("delete(a, b)"); delete(seen, f(a, "}"))`, "seen"},
		{gomap.Delete, "delete(a, k); delete(b, k)", ""},
		{gomap.Delete, "c.delete(m, k)", ""},
		{gomap.Delete, "func delete(m, k int) {", ""},
		{gomap.Delete, "delete(", ""},
		{gomap.Delete, "delete(m", ""},
		{gomap.Delete, "", ""},
		{gomap.Clear, "clear(c.m)", "c.m"},
		{gomap.Clear, "clear(pick(a, b))", "pick(a, b)"},
		{gomap.Clear, "delete(m, k)", ""},
		{gomap.Assign, "m[k] = v", ""},
	} {
		if got := MapExpr(c.kind, c.line); got != c.want {
			t.Errorf("%v of %q is %q, want %q", c.kind, c.line, got, c.want)
		}
	}
}

func FuzzMapExpr(f *testing.F) {
	f.Add("delete(m, k)")
	f.Add("\x00delete(`")
	f.Fuzz(func(_ *testing.T, line string) {
		MapExpr(gomap.Delete, line)
		MapExpr(gomap.Clear, line)
	})
}
