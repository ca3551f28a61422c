package live_test

import (
	"context"
	"strings"
	"testing"

	"deltui/internal/moment"
	"deltui/internal/probe"
	"deltui/internal/testenv"
)

// TestAudit: an audit package's delete is its caller's, through the function that
// was called, while what it deletes for itself is its own.
func TestAudit(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watch(t, context.Background(), build(t, tc, "audit"), nil, probe.Plan{Stack: 64, Tight: true})
		want := map[string][2]string{
			"1":  {"main.(*cache).evict", "audit.Delete[…]"},
			"2":  {"main.(*cache).drop", "audit.DeleteAny"},
			"-3": {"example.com/prog/audit.Forget.func1", ""},
		}
		if len(s.acts) != len(want) {
			t.Errorf("%d ops: %v", len(s.acts), s.told())
		}
		for _, a := range s.acts {
			through, from := moment.Calls(a.Op)
			w := want[a.Op.KeyText]
			if c := a.Caller(); c == nil || c.Func != w[0] || len(from) == 0 || from[0] != *c {
				t.Errorf("the delete of %s is %+v's, want %s", a.Op.KeyText, c, w[0])
			}
			var names []string
			for _, f := range through {
				if !f.Std {
					names = append(names, moment.ShortName(f.Func, "…"))
				}
			}
			if got := strings.Join(names, " "); got != w[1] {
				t.Errorf("the delete of %s went through %q, want %q", a.Op.KeyText, got, w[1])
			}
		}
	})
}
