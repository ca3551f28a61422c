package panel

import "testing"

func TestCommonPrefix(t *testing.T) {
	for _, tt := range []struct {
		in   []string
		want int
	}{
		{nil, 0},
		{[]string{"session-1"}, 0},
		{[]string{"session-1", "session-2"}, 8},
		{[]string{"session-1", "session-12"}, 8},
		{[]string{"session-12", "session-1"}, 8},
		{[]string{"1001", "1002"}, 0},
		{[]string{"seé1", "seê2"}, 0},
		{[]string{"sesé1", "sesé2"}, 5},
		{[]string{"abcdef", "abcdef"}, 5},
		{[]string{"1", "session-2"}, 0},
		{[]string{"a", "b"}, 0},
	} {
		if got := commonPrefix(tt.in); got != tt.want {
			t.Errorf("commonPrefix(%q) = %d, want %d", tt.in, got, tt.want)
		}
	}
}
