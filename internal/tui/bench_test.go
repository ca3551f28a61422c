//go:build unix

package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/procfs"
	"deltui/internal/trace/tracetest"
	"deltui/internal/tui/tuitest"
)

// BenchmarkKeyToFrame measures, on a terminal of its own at 160x48, the time from
// a key to the first output that shows what it did, and the screen's share of a
// core: at rest, with 1000 ops per second coming in, and with as many as the
// made-up source can make. It prints a table.
func BenchmarkKeyToFrame(b *testing.B) {
	for _, mode := range []string{"rest", "stream-1000", "stream"} {
		b.Run(mode, func(b *testing.B) {
			c := startTTY(b, mode, 160, 48)
			c.See("1 map")
			time.Sleep(500 * time.Millisecond)
			idle := cpuShare(c.Cmd.Process.Pid, 2*time.Second)
			var took []time.Duration
			for range max(b.N, 100) {
				took = append(took, keyToFrame(b, c))
			}
			slices.Sort(took)
			ms := func(p float64) float64 {
				return float64(took[int(p*float64(len(took)-1))].Microseconds()) / 1000
			}
			b.Logf("%-12s %d keys  p50 %5.1f ms  p95 %5.1f ms  max %5.1f ms  CPU without keys %s", mode, len(took), ms(0.5), ms(0.95), ms(1), idle)
			b.ReportMetric(ms(0.95), "p95-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// keyToFrame gives the focus to the next panel of two, and waits until the map's
// border has changed its colour.
func keyToFrame(b *testing.B, c *tuitest.Terminal) time.Duration {
	b.Helper()
	focused := func() bool {
		cell := c.Emulator.CellAt(0, 1)
		return cell != nil && fmt.Sprint(cell.Style.Fg) == fmt.Sprint(accentOf(c))
	}
	c.Mu.Lock()
	was := focused()
	seen := make(chan time.Time, 1)
	c.Frame = func(at time.Time) {
		if focused() != was {
			select {
			case seen <- at:
			default:
			}
		}
	}
	c.Mu.Unlock()
	key := "1"
	if was {
		key = "2"
	}
	begin := time.Now()
	c.Type(key)
	select {
	case at := <-seen:
		c.Mu.Lock()
		c.Frame = nil
		c.Mu.Unlock()
		time.Sleep(time.Duration(5+begin.UnixNano()%23) * time.Millisecond)
		return at.Sub(begin)
	case <-time.After(tuitest.Patience):
		b.Fatalf("the key %s shows nothing:\n%s", key, c.Screen())
	}
	return 0
}

// BenchmarkStepToFrame is the time from → at the live end to the screen that
// shows the source at rest again at the next moment, with a made-up source.
func BenchmarkStepToFrame(b *testing.B) {
	c := startTTY(b, "rest", 160, 48)
	c.See("before op 1")
	var took []time.Duration
	for range max(b.N, 60) {
		c.Mu.Lock()
		head := func() string { h, _, _ := strings.Cut(c.Emulator.String(), "\n"); return h }
		was := head()
		seen := make(chan time.Time, 1)
		c.Frame = func(at time.Time) {
			if h := head(); h != was && strings.Contains(h, "PAUSED") {
				select {
				case seen <- at:
				default:
				}
			}
		}
		c.Mu.Unlock()
		begin := time.Now()
		c.Type("l")
		select {
		case at := <-seen:
			took = append(took, at.Sub(begin))
		case <-time.After(tuitest.Patience):
			b.Fatalf("no step:\n%s", c.Screen())
		}
		time.Sleep(time.Duration(40+begin.UnixNano()%23) * time.Millisecond)
	}
	slices.Sort(took)
	b.Logf("%d steps  p50 %s  p95 %s  max %s", len(took), took[len(took)/2], took[len(took)*95/100], took[len(took)-1])
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(0, "ns/op")
}

// accentOf is the colour of a panel's number, which is always the accent.
func accentOf(c *tuitest.Terminal) any {
	cell := c.Emulator.CellAt(2, 1)
	if cell == nil {
		return nil
	}
	return cell.Style.Fg
}

// cpuShare is the share of one core that a process used over a time.
func cpuShare(pid int, over time.Duration) string {
	a, ok := ticks(pid)
	if !ok {
		return "?"
	}
	begin := time.Now()
	time.Sleep(over)
	z, _ := ticks(pid)
	return fmt.Sprintf("%.1f %%", float64(z-a)/time.Since(begin).Seconds()) // 100 ticks a second
}

func ticks(pid int) (int, bool) {
	s, err := procfs.ReadStat(pid)
	return int(s.CPU), err == nil
}

// BenchmarkDraw is one view of each size, from the model to the string.
func BenchmarkDraw(b *testing.B) {
	for _, size := range [][2]int{{200, 60}, {160, 48}, {80, 24}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			d := driveReplay(b, tracetest.New(b, tracetest.Options{Ops: 300, Layouts: tuitest.Swiss}), size[0], size[1]).Press("t")
			b.ReportAllocs()
			for b.Loop() {
				d.m.dirty = true
				d.m.View()
			}
		})
	}
}

// BenchmarkStep is a key that goes to the next moment of a map with many groups,
// with all that it reads and decodes, and its view.
func BenchmarkStep(b *testing.B) {
	for _, keys := range []int{60, 5000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			f := tracetest.New(b, tracetest.Options{Ops: 60, Layouts: tuitest.Swiss, Keys: keys})
			d := driveReplay(b, f, 160, 48)
			k := []tea.KeyPressMsg{{Code: tea.KeyRight}, {Code: tea.KeyLeft}}
			i := 0
			for b.Loop() {
				d.Send(k[i%100/50])
				d.m.View()
				i++
			}
		})
	}
}
