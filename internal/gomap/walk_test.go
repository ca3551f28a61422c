package gomap

import (
	"reflect"
	"testing"
)

// windowOf takes two looks at a map through a window by hash.
type windowOf struct {
	a    *arena
	l    *Layout
	root uint64
	w    Window
	mems [2]*noted
	all  [2]*noted // with the whole table
	evac [2]Evacuating
}

func (w *windowOf) take(t *testing.T, when int) {
	t.Helper()
	if !w.w.Hash.Known {
		return
	}
	for i, mem := range []**noted{&w.mems[when], &w.all[when]} {
		*mem = &noted{from: w.a}
		win := w.w
		win.Table, win.Evacuating = i == 1, w.evac[i]
		m, err := Decode(w.l, w.root, *mem, win)
		if err != nil {
			t.Fatal(err)
		}
		w.evac[i] = m.Evacuating
	}
}

// compare holds what Compare says of what was read through the window against
// what it said of the whole map, d.
func (w *windowOf) compare(t *testing.T, name string, op OpKind, d *Delta) {
	t.Helper()
	if !w.w.Hash.Known {
		return
	}
	mems := w.mems
	if op == Assign {
		mems = w.all
	}
	for _, list := range []int{listAll, 0} {
		was := listAll
		listAll = list
		var ms [2]*Map
		for i := range ms {
			m, err := Decode(w.l, w.root, mems[i].whole(), Window{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			ms[i] = m
		}
		listAll = was
		got := Compare(op, ms[0], ms[1])
		want := *d
		want.Tombstones = got.Tombstones // of the tables that were read
		if !reflect.DeepEqual(got, &want) {
			t.Fatalf("%s, hash %#x, through a window:\nit says        %+v\nthe whole says %+v", name, w.w.Hash.Value, got, &want)
		}
	}
}
