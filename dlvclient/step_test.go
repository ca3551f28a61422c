package dlvclient_test

import (
	"context"
	"testing"

	"deltui/dlvclient"
)

// A thread steps through a function of the target, to its return and beyond,
// while no other thread moves; the breakpoint that it comes to next is told
// once, by the step.
func TestStep(t *testing.T) {
	both(t, func(t *testing.T, via dlvclient.Via) {
		p, _, _ := start(t, via, "turns")
		hit, marker := lookUp(t, p, "main.hit"), lookUp(t, p, "main.Marker")
		if err := p.SetBreakpoint(hit); err != nil {
			t.Fatal(err)
		}
		stop, err := p.Continue(context.Background())
		if err != nil || len(stop.Hits) == 0 {
			t.Fatal(stop, err)
		}
		count := func() byte {
			var b [16]byte
			if err := p.ReadMemory(b[:], marker); err != nil {
				t.Fatal(err)
			}
			return b[14]
		}
		h, before, steps := stop.Hits[0], count(), 0
		g, err := p.Goroutine(h)
		if err != nil {
			t.Fatal(err)
		}
		for h.PC() >= hit && h.PC() < hit+0x40 && steps < 50 {
			was := h
			if h, err = p.Step(h); err != nil {
				t.Fatal(err)
			}
			if h.Thread != was.Thread || h.PC() == was.PC() {
				t.Fatalf("from %v at %#x to %v at %#x", was, was.PC(), h, h.PC())
			}
			steps++
		}
		if is, err := p.Goroutine(h); err != nil || is != g {
			t.Errorf("goroutine %d became %d, %v", g, is, err)
		}
		if fs, err := p.Stack(h, 1); err != nil || fs[0].Func == "main.hit" {
			t.Errorf("it is not out after %d steps: %v, %v", steps, fs, err)
		}
		if now := count(); now != before+1 {
			t.Errorf("%d became %d while one thread of eight called it", before, now)
		}
		// On to the next call, which the step tells.
		for i := 0; h.Addr == 0; i++ {
			if i == 1000 {
				t.Fatal("it does not come to the breakpoint again")
			}
			if h, err = p.Step(h); err != nil {
				t.Fatal(err)
			}
		}
		if h.Addr != hit || h.PC() != hit {
			t.Errorf("it came to %v, pc %#x, want %#x", h, h.PC(), hit)
		}
		if now := count(); now != before+1 {
			t.Errorf("%d became %d", before, now)
		}
		if _, err := p.Continue(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
}

// A process that was killed meanwhile is an error, and no hang.
func TestStepDead(t *testing.T) {
	both(t, func(t *testing.T, via dlvclient.Via) {
		p, _, _ := start(t, via, "forever")
		if err := p.SetBreakpoint(lookUp(t, p, "main.hit")); err != nil {
			t.Fatal(err)
		}
		stop, err := p.Continue(context.Background())
		if err != nil || len(stop.Hits) == 0 {
			t.Fatal(stop, err)
		}
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		if h, err := p.Step(stop.Hits[0]); err == nil {
			t.Errorf("a dead process went on to %v", h)
		}
	})
}

func BenchmarkStep(b *testing.B) {
	for _, via := range []dlvclient.Via{dlvclient.Direct, dlvclient.RPC} {
		b.Run(via.String(), func(b *testing.B) {
			p, _, _ := start(b, via, "forever")
			if err := p.SetBreakpoint(lookUp(b, p, "main.hit")); err != nil {
				b.Fatal(err)
			}
			stop, err := p.Continue(context.Background())
			if err != nil || len(stop.Hits) == 0 {
				b.Fatal(stop, err)
			}
			h := stop.Hits[0]
			p.Tighten()
			for b.Loop() {
				if h, err = p.Step(h); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
