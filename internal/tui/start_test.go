package tui

import (
	"context"
	"errors"
	"testing"
)

// TestStartList: an item opens a list, Esc comes back from it to where one was,
// and its own errors are read.
func TestStartList(t *testing.T) {
	d := drive(t, Config{Start: startItems()}, 80, 24)
	d.See(forWhom).Press("down", "enter").See("▸ 1 ./cmd/srv", "1 of 41", "Esc back").Miss("@evict")
	d.Press("end").See("shelf39", "41 of 41").Miss("./cmd/srv")
	d.Press("esc").See("▸ 2 a package of example.com/own")
	if d.Press("2", "q"); !d.quit {
		t.Error("q does not quit")
	}
	broken := []StartItem{{Title: "a list", Items: func(context.Context) ([]StartItem, error) { return nil, errors.New("no such list") }}}
	d = drive(t, Config{Start: broken}, 80, 24)
	d.Press("1").See("no such list").Press("esc").See("▸ 1 a list")
	if d.Press("esc"); !d.quit {
		t.Error("Esc does not quit the outermost list")
	}
}

// TestHintsWhole: no hint is cut at any width, whichever item is chosen.
func TestHintsWhole(t *testing.T) {
	items := startItems()
	for _, size := range sizes {
		d := drive(t, Config{Start: items}, size[0], size[1])
		for i := range items {
			d.Press("home")
			for range i {
				d.Press("down")
			}
			d.Miss(items[i].Hint[:8] + "…")
			if size[0] >= 80 {
				d.See(items[i].Hint)
			}
		}
	}
}

// TestReadGivenUp: a page that comes after Esc does not take the screen.
func TestReadGivenUp(t *testing.T) {
	d := drive(t, Config{Start: startItems()}, 80, 24)
	var late []func()
	it := StartItem{Title: "slow", Page: func(context.Context) (string, error) { return "late", nil }}
	cmd := d.m.openRead(&it)
	late = append(late, func() { d.Send(cmd()) })
	d.Press("esc").See("choose")
	for _, f := range late {
		f()
	}
	d.See("choose").Miss("late")
}

// TestOffer: the last card offers what comes next; Enter opens it, Esc is the
// start screen.
func TestOffer(t *testing.T) {
	shotOffer(t, Options{}, 80, 24).See("Enter: watch @evict live   Esc: start").Press("enter").See("before op 1 of 300").Miss("Enter: watch")
	shotOffer(t, Options{}, 80, 24).Press("esc").See("choose", "▸ 1 half a minute")
	shotOffer(t, Options{}, 80, 24).Press("left").Miss("Enter: watch")
}
