package tui

import (
	"testing"
	"time"

	"deltui/internal/trace/tracetest"
	"deltui/internal/tui/tuitest"
)

// TestIdle: a screen that rests computes no view and looks at no data, and
// neither does a poll that sees nothing new.
func TestIdle(t *testing.T) {
	d := driveLive(t, tracetest.Options{Ops: 50, Layouts: tuitest.Swiss}, 160, 48)
	d.Go(5)
	d.m.View()
	draws := d.m.draws
	for range 10 {
		d.look()
		d.m.View()
	}
	if d.m.draws != draws {
		t.Errorf("%d views computed while nothing happened", d.m.draws-draws)
	}
	s := d.m.ses
	select { // what the last command left
	case <-s.kick:
	default:
	}
	woke := make(chan struct{})
	go func() {
		s.wait()()
		close(woke)
	}()
	select {
	case <-woke:
		t.Error("the poll woke up although the source rests")
	case <-time.After(600 * time.Millisecond):
	}
	s.wake()
	select {
	case <-woke:
	case <-time.After(20 * time.Second):
		t.Error("the poll does not wake up when it is kicked")
	}
}
