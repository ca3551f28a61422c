//go:build go1.21

package audit_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"deltui.example/hookdemo/audit"
)

// Interface types satisfy comparable in the Go of this file, not in the module's.
func TestInterfaceKeys(t *testing.T) {
	p := &probe{name: "probe"}
	use(t, p)
	m := map[any]int{1: 1, "a": 2, math.Pi: 3}
	_ = audit.Delete(m, any("a"))
	if _, ok := m["a"]; ok || len(m) != 2 {
		t.Errorf("map is %v", m)
	}
	func() {
		defer func() {
			if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "unhashable") {
				t.Errorf("recovered %v, want the runtime's own panic", r)
			}
		}()
		_ = audit.Delete(m, any([]int{1}))
	}()
	if last := p.ops[len(p.ops)-1]; last.Outcome != audit.Panicked || last.Found {
		t.Errorf("outcome %s, found %v, of a key that cannot be hashed", last.Outcome, last.Found)
	}
}
