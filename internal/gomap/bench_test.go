package gomap

import (
	"reflect"
	"testing"
)

func benchMap(b *testing.B, n int) (*Layout, map[int]int) {
	b.Helper()
	m := map[int]int{}
	sink = m
	for i := range n {
		m[i] = i
	}
	return ownLayout(reflect.TypeOf(m)), m
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		name string
		n    int
	}{{"groups=1", 8}, {"groups=2", 13}, {"groups=128", 800}, {"entries=1M", 1_000_000}} {
		b.Run(c.name, func(b *testing.B) {
			l, m := benchMap(b, c.n)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(l, root(m), ownMemory{}, Window{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDelete is what one delete costs: both moments and what happened.
func BenchmarkDelete(b *testing.B) {
	for _, c := range []struct {
		name string
		n    int
	}{{"groups=1", 8}, {"groups=2", 13}, {"groups=128", 800}, {"entries=1M", 1_000_000}} {
		b.Run(c.name, func(b *testing.B) {
			l, m := benchMap(b, c.n)
			b.ReportAllocs()
			for b.Loop() {
				before, _ := Decode(l, root(m), ownMemory{}, Window{})
				delete(m, 3)
				after, _ := Decode(l, root(m), ownMemory{}, Window{})
				if d := Compare(Delete, before, after); d.Unexplained > 0 {
					b.Fatal(d)
				}
				m[3] = 3
			}
		})
	}
}

// BenchmarkDeleteClassic is BenchmarkDelete on a model of a classic map.
func BenchmarkDeleteClassic(b *testing.B) {
	c := newClassicModel(newRand(1), 1<<30, 1<<16, false)
	c.notes = map[uint64][]string{}
	for i := range uint64(13) {
		c.assign(i)
	}
	l := classicLayout()
	b.ReportAllocs()
	for b.Loop() {
		before, _ := Decode(l, c.h, c.arena, Window{})
		c.remove(3)
		after, _ := Decode(l, c.h, c.arena, Window{})
		if d := Compare(Delete, before, after); d.Unexplained > 0 {
			b.Fatal(d)
		}
		clear(c.notes)
		c.assign(3)
	}
}

func BenchmarkCompare(b *testing.B) {
	l, m := benchMap(b, 13)
	before, _ := Decode(l, root(m), ownMemory{}, Window{})
	delete(m, 3)
	after, _ := Decode(l, root(m), ownMemory{}, Window{})
	b.ReportAllocs()
	for b.Loop() {
		Compare(Delete, before, after)
	}
}

func BenchmarkFormat(b *testing.B) {
	s := "a key of some length"
	key := any(s)
	t := ownType(reflect.TypeFor[struct {
		A int
		B string
		C any
	}]())
	v := struct {
		A int
		B string
		C any
	}{7, s, key}
	data := rawBytes(&v)
	types := typesOf(s)
	b.ReportAllocs()
	for b.Loop() {
		Format(t, data, ownMemory{}, types, 256)
	}
}
