package dlvclient_test

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"deltui/dlvclient"
	"deltui/internal/testenv"
)

// The target counts in main.hit, at two depths of stack, by many goroutines if
// told so, then does what its last argument says.
const target = `
-- go.mod --
module target

go 1.18
-- main.go --
package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var Marker = [16]byte{0: 'd', 1: 'e', 2: 'l', 3: 't', 4: 'u', 5: 'i', 15: 0xff}

//go:noinline
func hit(n uint64, p *[16]byte) { p[14]++ }

func inlined(n uint64) { hit(n, &Marker) }

//go:noinline
func deep(n uint64, d int) {
	if d == 0 {
		inlined(n)
		return
	}
	deep(n, d-1)
}

// The main goroutine has the first thread, and keeps it.
func init() { runtime.LockOSThread() }

func main() {
	switch os.Args[1] {
	case "count":
		for i := uint64(0); i < 4; i++ {
			inlined(i)
			deep(i, int(i)*5)
		}
	case "many":
		var wg sync.WaitGroup
		for g := 0; g < 8; g++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := uint64(0); i < 25; i++ {
					deep(i, 3)
				}
			}()
		}
		wg.Wait()
	case "forever":
		for i := uint64(0); ; i++ {
			deep(i, 3)
		}
	case "turns": // until it is told
		told := make(chan os.Signal, 1)
		signal.Notify(told, syscall.SIGUSR1)
		var wg sync.WaitGroup
		var stop int32
		for g := 0; g < 8; g++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := uint64(0); atomic.LoadInt32(&stop) == 0; i++ {
					deep(i, 3)
				}
			}()
		}
		<-told
		atomic.StoreInt32(&stop, 1)
		wg.Wait()
	case "exec":
		inlined(1)
		for g := 0; g < 8; g++ { // on some thread, beside busy others
			go func() {
				for i := uint64(0); ; i++ {
					deep(i%2+2, 3)
				}
			}()
		}
		become := func() {
			time.Sleep(3 * time.Millisecond)
			fmt.Println(syscall.Exec(os.Args[3], os.Args[3:], os.Environ()))
		}
		if os.Args[2] == "other" {
			done := make(chan int)
			go func() {
				runtime.LockOSThread()
				become()
				close(done)
			}()
			<-done
		}
		become()
	case "spawn":
		inlined(1)
		var wg sync.WaitGroup
		for g := 0; g < 4; g++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := 0; i < 5; i++ {
					out, err := exec.Command(os.Args[2], os.Args[3:]...).Output()
					fmt.Print(string(out))
					if err != nil {
						fmt.Println(err)
					}
				}
			}()
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := uint64(0); i < 25; i++ {
					deep(i, 3)
				}
			}()
		}
		wg.Wait()
	case "threads":
		n, _ := strconv.Atoi(os.Args[2])
		var up sync.WaitGroup
		for g := 0; g < n; g++ {
			up.Add(1)
			go func() {
				runtime.LockOSThread()
				up.Done()
				select {}
			}()
		}
		up.Wait()
		for i := uint64(0); ; i++ {
			deep(i, 3)
		}
	case "sleep":
		fmt.Println("sleeping")
		time.Sleep(time.Hour)
	case "crash":
		inlined(1)
		var p *int
		*p = 1
	}
	fmt.Println("bye", len(os.Getenv("TARGET_ENV")))
	os.Exit(7)
}
`

func build(t testing.TB) string {
	t.Helper()
	testenv.NeedPtrace(t)
	return testenv.Local.Build(t, testenv.Unpack(t, []byte(target)))
}

func lookUp(t testing.TB, p *dlvclient.Process, name string) uint64 {
	t.Helper()
	addr, err := p.Symbol(name)
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// symbol is what the binary's own table says.
func symbol(t testing.TB, path, name string) uint64 {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	syms, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range syms {
		if s.Name == name {
			return s.Value
		}
	}
	t.Fatalf("no symbol %s in %s", name, path)
	return 0
}

// both runs a test by both ways: they have one contract.
func both(t *testing.T, f func(t *testing.T, via dlvclient.Via)) {
	for _, via := range []dlvclient.Via{dlvclient.Direct, dlvclient.RPC} {
		t.Run(via.String(), func(t *testing.T) { f(t, via) })
	}
}

func start(t testing.TB, via dlvclient.Via, args ...string) (*dlvclient.Process, *bytes.Buffer, func()) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := dlvclient.Launch(context.Background(), dlvclient.Config{Path: build(t), Args: args, Via: via, Stdout: w, Stderr: stderr, Env: []string{"TARGET_ENV=four"}})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	done := make(chan struct{})
	go func() {
		_, _ = out.ReadFrom(r)
		close(done)
	}()
	t.Cleanup(func() { _ = p.Kill() })
	return p, &out, func() { <-done }
}

func TestContract(t *testing.T) {
	both(t, func(t *testing.T, via dlvclient.Via) {
		p, out, wait := start(t, via, "count")
		path := build(t)
		hit, marker := lookUp(t, p, "main.hit"), lookUp(t, p, "main.Marker")
		if want := symbol(t, path, "main.hit") + p.Slide(); hit != want {
			t.Errorf("main.hit is at %#x, want %#x", hit, want)
		}
		if want := symbol(t, path, "main.Marker") + p.Slide(); marker != want {
			t.Errorf("main.Marker is at %#x, want %#x", marker, want)
		}
		for _, name := range []string{"main.none", "none", "", "main.hit(", "1+1"} {
			if addr, err := p.Symbol(name); err == nil {
				t.Errorf("there is a symbol %q, at %#x", name, addr)
			}
		}
		if err := p.SetBreakpoint(hit); err != nil {
			t.Fatal(err)
		}
		if err := p.SetBreakpoint(hit); err != nil {
			t.Fatalf("a breakpoint twice: %v", err)
		}
		var depths []int
		for i := 0; ; i++ {
			stop, err := p.Continue(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if stop.Reason == dlvclient.Exited {
				if stop.Status != 7 {
					t.Errorf("exit status %d, want 7", stop.Status)
				}
				break
			}
			if stop.Reason != dlvclient.Breakpoint || len(stop.Hits) != 1 {
				t.Fatalf("stop %d: %+v", i, stop)
			}
			h := stop.Hits[0]
			if h.Addr != hit || h.PC() != hit {
				t.Errorf("hit at %#x, pc %#x, want %#x", h.Addr, h.PC(), hit)
			}
			if g, err := p.Goroutine(h); g != 1 || err != nil {
				t.Errorf("stop %d: goroutine %d, %v", i, g, err)
			}
			if n, ok := h.Reg(0); !ok || n != uint64(i/2) { // RAX: the first argument
				t.Errorf("stop %d: RAX is %d, want %d", i, n, i/2)
			}
			if ptr, ok := h.Reg(3); !ok || ptr != marker {
				t.Errorf("stop %d: RBX is %#x, want %#x", i, ptr, marker)
			}
			var b [16]byte
			if err := p.ReadMemory(b[:], marker); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(b[:]), "deltui") || b[14] != byte(i) {
				t.Errorf("stop %d: memory % x", i, b)
			}
			if err := p.ReadMemory(b[:], 8); err == nil {
				t.Error("page zero could be read")
			}
			fs, err := p.Stack(h, 64)
			if err != nil {
				t.Fatal(err)
			}
			if fs[0].Func != "main.hit" || fs[1].Func != "main.inlined" || !fs[1].Inlined || fs[0].Inlined || fs[2].Inlined || fs[len(fs)-1].Func != "runtime.goexit" {
				t.Errorf("stop %d: stack %+v", i, fs)
			}
			depths = append(depths, len(fs))
			if fs, err = p.Stack(h, 2); err != nil || len(fs) != 2 {
				t.Errorf("two frames: %d, %v", len(fs), err)
			}
		}
		// hit, inlined, main, runtime.main, goexit; deep adds 1+5i.
		if got, want := fmt.Sprint(depths), "[5 6 5 11 5 16 5 21]"; got != want {
			t.Errorf("stack depths %s, want %s", got, want)
		}
		wait()
		if out.String() != "bye 4\n" {
			t.Errorf("output %q", out)
		}
		if _, err := p.Continue(context.Background()); !errors.Is(err, dlvclient.ErrGone) {
			t.Errorf("continuing a dead process: %v", err)
		}
	})
}

func TestClearBreakpoint(t *testing.T) {
	both(t, func(t *testing.T, via dlvclient.Via) {
		p, _, _ := start(t, via, "count")
		hit := lookUp(t, p, "main.hit")
		if err := p.SetBreakpoint(hit); err != nil {
			t.Fatal(err)
		}
		if s, err := p.Continue(context.Background()); err != nil || s.Reason != dlvclient.Breakpoint {
			t.Fatal(s, err)
		}
		if err := p.ClearBreakpoint(hit); err != nil {
			t.Fatal(err)
		}
		if s, err := p.Continue(context.Background()); err != nil || s.Reason != dlvclient.Exited {
			t.Fatal(s, err)
		}
	})
}

// Every hit of every thread is reported, once.
func TestManyThreads(t *testing.T) {
	both(t, func(t *testing.T, via dlvclient.Via) {
		p, _, _ := start(t, via, "many")
		hit := lookUp(t, p, "main.hit")
		if err := p.SetBreakpoint(hit); err != nil {
			t.Fatal(err)
		}
		tightened := false
		type call struct {
			goroutine int64
			n         uint64
		}
		seen := make(map[call]int)
		for n := 0; ; n++ {
			if n == 50 {
				tightened = p.Tighten()
			}
			if n == 100 {
				p.Loosen()
			}
			s, err := p.Continue(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if s.Reason == dlvclient.Exited {
				break
			}
			for _, h := range s.Hits {
				// A goroutine's id is its own; its g is its successor's too.
				g, err := p.Goroutine(h)
				if err != nil {
					t.Fatal(err)
				}
				i, _ := h.Reg(0)
				seen[call{g, i}]++
				fs, err := p.Stack(h, 5)
				if err != nil || len(fs) != 5 || fs[2].Func != "main.deep" {
					t.Fatalf("stack %v, %v", fs, err)
				}
			}
		}
		if runtime.NumCPU() > 1 && runtime.GOOS == "linux" && !tightened {
			t.Error("Tighten did nothing")
		}
		if len(seen) != 8*25 {
			t.Errorf("%d distinct hits, want %d", len(seen), 8*25)
		}
		for k, n := range seen {
			if n != 1 {
				t.Errorf("%+v was hit %d times", k, n)
			}
		}
	})
}

func TestHalt(t *testing.T) {
	both(t, func(t *testing.T, via dlvclient.Via) {
		p, _, _ := start(t, via, "sleep")
		for range 3 {
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			s, err := p.Continue(ctx)
			cancel()
			if err != nil {
				t.Fatal(err)
			}
			if s.Reason != dlvclient.Halted {
				t.Fatalf("stopped by %v", s.Reason)
			}
		}
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
	})
}

// A halt that comes before the process runs is not lost.
func TestHaltBefore(t *testing.T) {
	both(t, func(t *testing.T, via dlvclient.Via) {
		p, _, _ := start(t, via, "sleep")
		if err := p.Halt(); err != nil {
			t.Fatal(err)
		}
		s, err := p.Continue(context.Background())
		if err != nil || s.Reason != dlvclient.Halted {
			t.Fatal(s, err)
		}
	})
}

func TestKillRunning(t *testing.T) {
	both(t, func(t *testing.T, via dlvclient.Via) {
		p, _, wait := start(t, via, "sleep")
		ended := make(chan error, 1)
		go func() {
			_, err := p.Continue(context.Background())
			ended <- err
		}()
		time.Sleep(50 * time.Millisecond)
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		<-ended
		wait() // its output ends only when it is gone
	})
}

func TestCrash(t *testing.T) {
	both(t, func(t *testing.T, via dlvclient.Via) {
		p, _, _ := start(t, via, "crash")
		for range 5 {
			s, err := p.Continue(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if s.Reason == dlvclient.Exited {
				if s.Status != 2 {
					t.Errorf("status %d, want 2", s.Status)
				}
				return
			}
		}
		t.Error("it does not end")
	})
}

func TestLaunchErrors(t *testing.T) {
	_, err := dlvclient.Launch(context.Background(), dlvclient.Config{Path: "/no/such/program"})
	if err == nil || !strings.Contains(err.Error(), "/no/such/program") {
		t.Errorf("no such program: %v", err)
	}
}

func TestStarted(t *testing.T) {
	var pids []int
	var mu sync.Mutex
	p, err := dlvclient.Launch(context.Background(), dlvclient.Config{Path: build(t), Args: []string{"sleep"}, Started: func(pid int) {
		mu.Lock()
		pids = append(pids, pid)
		mu.Unlock()
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	mu.Lock()
	defer mu.Unlock()
	for _, pid := range pids {
		if pid != p.Pid() {
			t.Errorf("started %v, pid %d", pids, p.Pid())
		}
	}
	if len(pids) == 0 {
		t.Error("Started was not called")
	}
}
