package gomap

import (
	"reflect"
	"strings"
	"testing"
)

// TestOwnVerify plants violations in what was decoded of real maps.
func TestOwnVerify(t *testing.T) {
	m := make(map[int]int)
	for i := range 3000 {
		m[i] = i
	}
	for i := range 2000 {
		delete(m, i)
	}
	sink = m
	l := ownLayout(reflect.TypeOf(m))
	decode := func(m map[int]int) *Map {
		d, err := Decode(l, root(m), ownMemory{}, Window{})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	set := func(fs []FieldValue, name string, f func(uint64) uint64) {
		for i := range fs {
			if fs[i].Name == name {
				fs[i].Value = f(fs[i].Value)
				return
			}
		}
		t.Fatalf("no field %s", name)
	}
	more := func(n uint64) uint64 { return n + 1 }
	// first finds a cell in a state, and what a change of it must do.
	first := func(d *Map, st State) (*Row, int) {
		for i := range d.Rows {
			for c := range d.Rows[i].Ctrl {
				if l.State(&d.Rows[i], c) == st {
					return &d.Rows[i], c
				}
			}
		}
		t.Fatalf("no cell is %s", st)
		return nil, 0
	}
	put := func(st State, b byte) func(*Map) {
		return func(d *Map) {
			r, c := first(d, st)
			r.Ctrl[c] = b
		}
	}
	type plant struct {
		name string
		do   func(*Map)
		want string
	}
	plants := []plant{
		{"a table counts one more", func(d *Map) { set(d.Tables[1].Fields, "used", more) }, "used is"},
		{"the map counts one more", func(d *Map) { d.Used++ }, "that of all tables together"},
		{"growthLeft", func(d *Map) { set(d.Tables[0].Fields, "growthLeft", more) }, "growthLeft is"},
		{"a byte that means nothing", put(Empty, 0xc0), "means nothing"},
		{"a full cell is empty", put(Full, 0x80), "used is"},
		{"an empty cell is a tombstone", put(Empty, 0xfe), "growthLeft is"},
		{"capacity", func(d *Map) { set(d.Tables[0].Fields, "capacity", more) }, "capacity is"},
		{"the directory", func(d *Map) { set(d.Header, "globalDepth", more) }, "globalDepth is"},
		{"a table's depth", func(d *Map) { set(d.Tables[0].Fields, "localDepth", more) }, "its depth is"},
		{"a table's index", func(d *Map) { set(d.Tables[0].Fields, "index", more) }, "its index is"},
	}
	if l.Kind == Classic {
		plants = []plant{
			{"count", func(d *Map) { d.Used++ }, "count is"},
			{"a full cell is empty", put(Full, emptyOne), "count is"},
			{"full behind emptyRest", func(d *Map) {
				r, c := first(d, EmptyRest)
				if c == CellsPerRow-1 {
					t.Skip("the first emptyRest is a row's last cell")
				}
				r.Ctrl[c+1] = 77
			}, "behind a cell that is emptyRest"},
			{"a mark in a new bucket", put(Full, evacuatedX), "the bucket is no old one"},
		}
	}
	if got := Verify(decode(m)); len(got) != 0 {
		t.Fatalf("a real map has violations: %v", got)
	}
	for _, p := range plants {
		d := decode(m)
		p.do(d)
		got := Verify(d)
		found := false
		for _, v := range got {
			found = found || strings.Contains(v.String(), p.want)
		}
		if !found {
			t.Errorf("%s: %v, want one with %q", p.name, got, p.want)
		}
		busy := "writing"
		if l.Kind == Classic {
			busy = "flags"
		}
		set(d.Header, busy, func(uint64) uint64 { return flagWriting })
		if got := Verify(d); got != nil {
			t.Errorf("%s: in the middle of an op: %v", p.name, got)
		}
	}
	if l.Kind != Classic {
		small := map[int]int{1: 1, 2: 2}
		sink = small
		for what, b := range map[string]byte{"a small map never has": 0xfe, "used is 2, and 1 cells": 0x80} {
			d := decode(small)
			r, c := first(d, Full)
			r.Ctrl[c] = b
			if got := Verify(d); len(got) == 0 || !strings.Contains(got[0].String(), what) {
				t.Errorf("a small map: %v, want %q", got, what)
			}
		}
	}
}
