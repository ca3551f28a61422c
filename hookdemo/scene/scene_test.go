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
	want := Result{Native: 6, Audited: 8, Recorded: 7, Aborted: 1, Absent: 1, Plain: 3, Twin: 4}
	if got != want {
		t.Errorf("played %+v, want %+v", got, want)
	}
	if audit.Current() != audit.NoOp {
		t.Errorf("the hook left behind is %s", audit.Current().Name())
	}
	said := strings.Join(strings.Fields(out.String()), " ")
	for _, line := range []string{
		"s-01 8→7 8→7 NoOp ", "s-02 7→6 7→6 AuditLog ", "s-99 6→6 6→6 AuditLog ", "s-03 6→5 6→5 AuditLog+Cascade ",
		"s-04 5→4 5→5, aborted: it is paying AuditLog+Cascade ", "s-05 4→3 5→4 AuditLog+Broken ",
		"Left: 3 sessions and 16 tokens, in the audited one 4 and 14.",
	} {
		if !strings.Contains(said, line) {
			t.Errorf("no %q in\n%s", line, out.String())
		}
	}
}
