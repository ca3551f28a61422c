package main

import (
	"strings"
	"unsafe"
)

func find(m any, is func(c cell) bool) (cell, bool) {
	for _, c := range peek(m) {
		if c.full() && is(c) {
			return c, true
		}
	}
	return cell{}, false
}

func key64(k uint64) func(cell) bool {
	return func(c cell) bool { return *(*uint64)(c.key) == k }
}

// forge gives a full cell the mark of another hash: it stays full.
func forge(c cell) {
	if classic {
		if *c.ctrl++; *c.ctrl < 5 {
			*c.ctrl = 5
		}
	} else {
		*c.ctrl ^= 1
	}
}

// cells: what delete compares, clears and writes.
func cells() {
	fast := fill(5)
	c, _ := find(fast, key64(3))
	forge(c)
	delete(fast, 3)
	fact("forged.fast64.found", len(fast) == 4)

	generic := map[int16]int{1: 1, 2: 2, 3: 3}
	c, _ = find(generic, func(c cell) bool { return *(*int16)(c.key) == 3 })
	forge(c)
	delete(generic, 3)
	fact("forged.generic.found", len(generic) == 2)

	strs := map[string]int{"one": 1, "two": 2, strings.Repeat("3", 5): 3}
	c, _ = find(strs, func(c cell) bool { return *(*string)(c.key) == "33333" })
	forge(c)
	delete(strs, strings.Repeat("3", 5))
	fact("forged.string.found", len(strs) == 2)

	m := fill(5)
	c, _ = find(m, key64(3))
	delete(m, 3)
	fact("int.key.zeroed", *(*uint64)(c.key) == 0)
	fact("elem.zeroed", *(*uint64)(c.elem) == 0)

	words := map[string]int{"alpha": 1, "beta": 2}
	c, _ = find(words, func(c cell) bool { return *(*string)(c.key) == "beta" })
	delete(words, "beta")
	fact("string.key.pointer.zeroed", ptr(c.key, 0) == nil)
	fact("string.key.length.stays", u64(c.key, 8) == 4)

	// Eight entries in one bucket or group: the third goes, then the last.
	m = fill(8)
	cs := peek(m)
	third, last := cs[2], cs[7]
	delete(m, *(*uint64)(third.key))
	inner := *third.ctrl
	delete(m, *(*uint64)(last.key))
	fact("ctrl.inner.emptyOne", inner == 1)
	fact("ctrl.last.emptyOne", *last.ctrl == 1)
	fact("ctrl.last.emptyRest", *last.ctrl == 0)
	fact("ctrl.small.empty", inner == 0x80 && *last.ctrl == 0x80)

	// Then everything between them, from behind: emptyOne cells that nothing
	// follows any more become emptyRest too.
	for i := 6; i > 2; i-- {
		delete(m, *(*uint64)(cs[i].key))
	}
	fact("ctrl.inner.later.emptyRest", *third.ctrl == 0)

	// 112 entries are all that a table of 128 cells takes: some of its 16
	// groups are full.
	m = fill(112)
	unit := map[unsafe.Pointer]int{}
	for _, c := range peek(m) {
		if c.full() {
			unit[c.unit]++
		}
	}
	tombstone, empty := false, true
	for _, c := range peek(m) {
		if classic || !c.full() {
			continue
		}
		full := unit[c.unit] == 8
		before := *c.ctrl
		k := *(*uint64)(c.key)
		delete(m, k)
		if full {
			tombstone = *c.ctrl == 0xFE && before < 0x80
			break
		}
		empty = empty && *c.ctrl == 0x80
	}
	fact("ctrl.full-group.tombstone", tombstone)
	fact("ctrl.group-with-room.empty", !classic && empty)

	// Emptied by deletes, then cleared, though it is empty.
	m = fill(112)
	for k := uint64(1); k <= 112; k++ {
		delete(m, k)
	}
	for k := range m {
		delete(m, k) // compiled to a clear
	}
	clean := true
	for _, c := range peek(m) {
		clean = clean && (classic && *c.ctrl == 0 || *c.ctrl == 0x80)
	}
	fact("clear.of-empty.cleans", clean)
}
