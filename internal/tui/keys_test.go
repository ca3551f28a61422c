package tui

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"deltui/internal/tui/look"
)

// TestKeys holds KEYS.md, which is made from the key map, and sees that no key
// does two things.
func TestKeys(t *testing.T) {
	m := newKeyMap(&look.Rich)
	var b strings.Builder
	b.WriteString("# Keys\n\nMade from the key map by `go test ./internal/tui -run TestKeys -update`. On the\nscreen, `?` lists those that work right now.\n")
	for _, g := range groups {
		fmt.Fprintf(&b, "\n## %s\n\n| key | does |\n| --- | --- |\n", g)
		for _, k := range m.all {
			if k.group != g {
				continue
			}
			h := k.key.Help()
			if h.Key == "" {
				fmt.Fprintf(&b, "| `:` | %s |\n", k.name)
				continue
			}
			keys := strings.Fields(h.Key)
			for i := range keys {
				keys[i] = "`" + keys[i] + "`"
			}
			fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(keys, " "), h.Desc)
		}
	}
	if *update {
		must(t, os.WriteFile("KEYS.md", []byte(b.String()), 0o666))
	}
	have, err := os.ReadFile("KEYS.md")
	must(t, err)
	if string(have) != b.String() {
		t.Error("KEYS.md is stale: go test ./internal/tui -run TestKeys -update")
	}
	seen := make(map[string]action)
	for _, k := range m.all {
		for _, name := range k.key.Keys() {
			if other, ok := seen[name]; ok {
				t.Errorf("%q does both %d and %d", name, other, k.act)
			}
			seen[name] = k.act
		}
	}
	for _, later := range []string{"p", "K", "'", "D"} {
		if _, ok := seen[later]; ok {
			t.Errorf("%q belongs to a feature that is not built", later)
		}
	}
}
