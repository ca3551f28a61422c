package debuginfo

import (
	"runtime"
	"testing"

	"deltui/internal/gomap"
)

// TestHashStops: every delete comes by a call of the hasher, in every version and
// build: in its own function, or, of Swiss maps, in the one that all end in. Of
// assigns the same holds but with the race detector, and from Go 1.27 on, which
// hashes some keys without a closure: those are watched without the stop.
func TestHashStops(t *testing.T) {
	t.Parallel()
	if runtime.GOARCH != "amd64" {
		t.Skip("skipped: the code that the test decodes is amd64's")
	}
	for _, v := range variants() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			f := mustOpen(t, v.build(t))
			for _, kind := range []gomap.OpKind{gomap.Delete, gomap.Assign} {
				eps, err := f.EntryPoints(kind)
				if err != nil {
					t.Fatal(err)
				}
				inner, end, swiss := f.Func(innerDelete)
				without := 0
				for _, ep := range eps {
					stops, err := f.HashStops(&ep)
					if err != nil {
						t.Fatal(err)
					}
					for _, pc := range stops {
						if (pc <= ep.Entry || ep.End <= pc) && (kind != gomap.Delete || !swiss || pc <= inner || end <= pc) {
							t.Errorf("%s does not come by its stop at %#x", ep.Name, pc)
						}
					}
					if len(stops) == 0 {
						without++
						if kind == gomap.Delete {
							t.Errorf("%s calls no hasher", ep.Name)
						}
					}
				}
				t.Logf("%s: %d of %d entry points call no hasher", kind, without, len(eps))
			}
		})
	}
}
