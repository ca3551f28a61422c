package panel

import (
	"slices"
	"testing"

	"deltui/internal/tui/look"
)

func TestWords(t *testing.T) {
	lines := map[int]string{
		7:  "\tif x == 10 { // if",
		8:  "\t\treturn \"func\"",
		9:  "s := `one",
		10: "func two` + f(func() {})",
	}
	want := map[int][]word{
		7:  {{1, 3, look.Keyword}, {9, 11, look.Literal}},
		8:  {{2, 8, look.Keyword}, {9, 15, look.Literal}},
		9:  {{5, 9, look.Literal}},
		10: {{0, 9, look.Literal}, {14, 18, look.Keyword}},
	}
	got := scan(lines).words
	for n := range lines {
		if !slices.Equal(got[n], want[n]) {
			t.Errorf("line %d: %v, want %v", n, got[n], want[n])
		}
	}
}
