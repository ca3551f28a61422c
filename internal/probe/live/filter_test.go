package live

import (
	"testing"

	"deltui/internal/probe"
)

func TestBadFilters(t *testing.T) {
	for _, f := range []probe.Filter{{Func: "("}, {Map: "#x"}, {Map: "0xzz"}, {Map: "a b"}} {
		if _, err := newFilter(f); err == nil {
			t.Errorf("%+v is taken for a filter", f)
		}
	}
}
