package dlvclient_test

import (
	"context"
	"testing"

	"deltui/dlvclient"
	"deltui/internal/testenv"
)

// Threads that C makes call Go, and end: one by one, and eight at a time.
const cthreads = `
-- go.mod --
module cthreads

go 1.18
-- main.go --
package main

/*
#include <pthread.h>
extern void goHit(int);
static void *run(void *p) { goHit((int)(long)p); return 0; }
static void spawn(int from, int n) {
	pthread_t t[8];
	for (int i = 0; i < n; i++) pthread_create(&t[i], 0, run, (void *)(long)(from + i));
	for (int i = 0; i < n; i++) pthread_join(t[i], 0);
}
*/
import "C"
import "fmt"

//go:noinline
func hit(n uint64) { seen++ }

var seen int

//export goHit
func goHit(n C.int) { hit(uint64(n)) }

func main() {
	for i := 0; i < 24; i++ {
		C.spawn(C.int(i), 1)
	}
	for i := 24; i < 120; i += 8 {
		C.spawn(C.int(i), 8)
	}
	fmt.Println("bye")
}
`

// Each call is seen, once, and the process is not lost when a thread that hit
// a breakpoint has ended.
func TestCThreads(t *testing.T) {
	testenv.NeedPtrace(t)
	testenv.NeedTool(t, "gcc")
	path := testenv.Local.Build(t, testenv.Unpack(t, []byte(cthreads)))
	both(t, func(t *testing.T, via dlvclient.Via) {
		for round := range 3 {
			p, err := dlvclient.Launch(context.Background(), dlvclient.Config{Path: path, Via: via})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if err := p.SetBreakpoint(lookUp(t, p, "main.hit")); err != nil {
				t.Fatal(err)
			}
			seen := make(map[uint64]int)
			for {
				s, err := p.Continue(context.Background())
				if err != nil {
					t.Fatalf("round %d: after %d hits: %v", round, len(seen), err)
				}
				if s.Reason == dlvclient.Exited {
					if s.Status != 0 {
						t.Errorf("exit status %d", s.Status)
					}
					break
				}
				for _, h := range s.Hits {
					n, _ := h.Reg(0)
					seen[n]++
					// The way from C into Go is on the stack.
					fs, err := p.Stack(h, 64)
					if err != nil || len(fs) < 4 || fs[0].Func != "main.hit" || fs[1].Func != "main.goHit" {
						t.Errorf("stack %+v, %v", fs, err)
					}
				}
			}
			for n := range uint64(120) {
				if seen[n] != 1 {
					t.Errorf("round %d: hit %d was seen %d times", round, n, seen[n])
				}
			}
		}
	})
}
