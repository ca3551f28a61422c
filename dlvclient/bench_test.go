package dlvclient_test

import (
	"context"
	"testing"

	"deltui/dlvclient"
)

// BenchmarkStop is a stop and what nearly every one is for: the registers, the
// stack and 64 bytes.
func BenchmarkStop(b *testing.B) {
	for _, via := range []dlvclient.Via{dlvclient.Direct, dlvclient.RPC} {
		b.Run(via.String(), func(b *testing.B) {
			p, err := dlvclient.Launch(dlvclient.Config{Path: build(b), Args: []string{"forever"}, Via: via})
			if err != nil {
				b.Fatal(err)
			}
			defer p.Kill()
			hit := symbol(b, build(b), "main.hit") + p.Slide()
			if err := p.SetBreakpoint(hit); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				s, err := p.Continue(context.Background())
				if err != nil || len(s.Hits) != 1 {
					b.Fatal(s, err)
				}
				var buf [64]byte
				if err := p.ReadMemory(buf[:], s.Hits[0].SP()); err != nil {
					b.Fatal(err)
				}
				if _, err := p.Stack(s.Hits[0], 16); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
