package live_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"deltui/internal/probe"
	"deltui/internal/testenv"
)

// What a delete took away is told with what it led to: strings in slices, what
// interfaces in structs hold. The program prints the same before it deletes.
func TestElems(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watch(t, context.Background(), build(t, tc, "elems"), nil, probe.Plan{Tight: true})
		lines := strings.Split(strings.TrimSuffix(s.out, "\n"), "\n")
		if len(lines) != len(s.acts) {
			t.Fatalf("%d deletes, and %d lines:\n%s", len(s.acts), len(lines), s.out)
		}
		for i, a := range s.acts {
			old, ok := a.Old()
			if got, want := syntax(old), syntax(lines[i]); !ok || got != want {
				t.Errorf("delete of %s from %s: old is %s, %v; the program says %s", a.Op.KeyText, a.Op.Map.Type, got, ok, want)
			}
		}
	})
}

// What %#v and gomap.Format write differently on purpose: the types of nil slices
// and interfaces; the type of a basic value in an interface, of which %#v writes
// the value alone; the address of an error, of which we write the dynamic type.
var (
	nils    = regexp.MustCompile(`(interface \{\}|error|\[\]main\.tree|\[\]string)\(nil\)`)
	basic   = regexp.MustCompile(`\b(string|int)\(([^()]*)\)`)
	anError = regexp.MustCompile(`\(\*errors\.errorString\)\(0x[0-9a-f]+\)|&errors\.errorString\{[^}]*\}`)
)

func syntax(s string) string {
	return anError.ReplaceAllString(basic.ReplaceAllString(nils.ReplaceAllString(s, "nil"), "$2"), "an error")
}
