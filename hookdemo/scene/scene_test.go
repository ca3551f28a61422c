package scene

import (
	"bytes"
	"strings"
	"testing"

	"deltui.example/hookdemo/audit"
)

type silent struct{}

func (silent) Name() string           { return "AuditLog" }
func (silent) Before(*audit.Op) error { return nil }
func (silent) After(*audit.Op)        {}

func TestPlay(t *testing.T) {
	var out bytes.Buffer
	got := Play(&out, silent{})
	want := Result{Audited: 9, Recorded: 8, Aborted: 1, Native: 3, Sessions: 6, Tokens: 22}
	if got != want {
		t.Errorf("played %+v, want %+v", got, want)
	}
	if audit.Current() != audit.NoOp {
		t.Errorf("the hook left behind is %s", audit.Current().Name())
	}
	for _, line := range []string{"evict s-05, and 2 tokens", "evict s-06: kept, it is paying", "evict s-07\n"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %q in\n%s", line, out.String())
		}
	}
}
