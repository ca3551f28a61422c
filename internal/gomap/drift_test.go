package gomap

import (
	"reflect"
	"testing"
)

// TestDrift: bytes of rows that are there, and were read, both times; whatever
// their order.
func TestDrift(t *testing.T) {
	l := &Layout{Kind: Swiss, Row: RowLayout{Size: 64}}
	row := func(addr uint64, read bool, ctrl ...byte) Row {
		r := Row{Addr: addr, Read: read, Where: Where{Row: addr}}
		copy(r.Ctrl[:], ctrl)
		return r
	}
	of := func(rows ...Row) *Map { return &Map{Layout: l, Rows: rows} }
	for _, tt := range []struct {
		name     string
		was, now *Map
		want     []Drifted
	}{
		{"nothing", of(row(64, true, 1, 2)), of(row(64, true, 1, 2)), nil},
		{"two, in the order of addresses", of(row(128, true, 1), row(64, true, 0, 2)), of(row(64, true, 0, 3), row(128, true, 4)), []Drifted{
			{65, Where{Row: 64}, 1, 2, 3}, {128, Where{Row: 128}, 0, 1, 4},
		}},
		{"not read", of(row(64, false, 1)), of(row(64, true, 2)), nil},
		{"another row", of(row(64, true, 1)), of(row(128, true, 2)), nil},
		{"no map", nil, of(row(64, true, 1)), nil},
		{"a nil map", of(row(64, true, 1)), &Map{}, nil},
	} {
		if got := Drift(tt.was, tt.now); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
