package probe

import "testing"

func TestParseMap(t *testing.T) {
	for text, want := range map[string]MapName{
		"":               {},
		"#3":             {ID: 3},
		" 12 ":           {ID: 12},
		"0xc000012345":   {Addr: 0xc000012345},
		"map[string]int": {Type: "map[string]int"},
		"main.Cache":     {Type: "main.Cache"},
	} {
		if got, err := ParseMap(text); got != want || err != nil {
			t.Errorf("ParseMap(%q) = %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"#", "#x", "#0", "0x", "0xg", "a b", "-1 map"} {
		if got, err := ParseMap(text); err == nil {
			t.Errorf("ParseMap(%q) = %+v", text, got)
		}
	}
}
