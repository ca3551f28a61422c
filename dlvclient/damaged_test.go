package dlvclient_test

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltui/dlvclient"
	"deltui/internal/testenv"
)

// damages are what can befall a section, by the bytes of it in the file.
var damages = []struct {
	name string
	do   func(b []byte, r *rand.Rand)
}{
	{"zeroed", func(b []byte, _ *rand.Rand) { clear(b) }},
	{"noise", func(b []byte, r *rand.Rand) {
		for range max(1, len(b)/100) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
	}},
	{"ones", func(b []byte, _ *rand.Rand) {
		for i := range b {
			b[i] = 0xff
		}
	}},
	{"a few bytes", func(b []byte, r *rand.Rand) {
		for range 4 {
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		}
	}},
	{"the beginning", func(b []byte, r *rand.Rand) {
		for i := range b[:min(64, len(b))] {
			b[i] = byte(r.Uint32())
		}
	}},
	{"the second half gone", func(b []byte, _ *rand.Rand) { clear(b[len(b)/2:]) }},
}

// share, in the environment, makes a process of this test do a part of it.
const share = "DELTUI_DAMAGE_SHARE"

// Whatever is wrong with a binary, Delve's panics are errors here, and the
// process can be ended. DELTUI_DAMAGE=N tries each damage N times; otherwise
// the first is tried once, on debug information the second too, and on line
// tables all.
//
// Two processes at a time cannot be under one Delve, so each of the test's own
// processes tries its share. That also tells a panic of Delve's that cannot be
// recovered, for it is in a goroutine of Delve's own.
func TestDamaged(t *testing.T) {
	if os.Getenv(share) != "" {
		t.Skip("skipped: this process does a share of it")
	}
	build(t)
	workers := runtime.GOMAXPROCS(0)
	for i := range workers {
		t.Run(fmt.Sprint("share ", i), func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestDamagedShare$", "-test.v", "-test.timeout=30m")
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d/%d", share, i, workers))
			out, err := cmd.CombinedOutput()
			passed, broke := strings.Count(string(out), "--- PASS: TestDamagedShare/"), strings.Count(string(out), "Delve broke down: ")
			t.Logf("%d damaged binaries; Delve broke down %d times", passed, broke)
			least := 10 // of each kind of debug information
			if testenv.All() {
				least = 30
			}
			if err != nil || passed < least {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// damaged is one damaged binary.
type damaged struct {
	name string
	make func() []byte
}

func TestDamagedShare(t *testing.T) {
	var mine, of int
	if _, err := fmt.Sscanf(os.Getenv(share), "%d/%d", &mine, &of); err != nil {
		t.Skip("skipped: TestDamaged starts it")
	}
	all := allDamaged(t)
	dir := t.TempDir()
	for i := mine; i < len(all); i += of {
		t.Run(all[i].name, func(t *testing.T) {
			path := filepath.Join(dir, "damaged")
			if err := os.WriteFile(path, all[i].make(), 0o755); err != nil {
				t.Fatal(err)
			}
			tryDamaged(t, path)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func allDamaged(t *testing.T) (all []damaged) {
	rounds, long := 1, false
	if n := os.Getenv("DELTUI_DAMAGE"); n != "" {
		long = true
		if _, err := fmt.Sscan(n, &rounds); err != nil {
			t.Fatalf("DELTUI_DAMAGE=%s: %v", n, err)
		}
	}
	dir := testenv.Unpack(t, []byte(target))
	builds := []struct{ version, experiment, flags string }{
		{"DWARF5", "", "-compressdwarf=false"},
		{"DWARF4", "nodwarf5", "-compressdwarf=false"},
		{"compressed DWARF5", "", ""},
	}
	if !long && !testenv.All() {
		builds = builds[:1]
	}
	for _, build := range builds {
		whole, err := os.ReadFile(testenv.Local.BuildProgram(t, testenv.Program{
			Dir: dir, Args: []string{"-ldflags=" + build.flags}, Env: []string{"GOEXPERIMENT=" + build.experiment},
		}))
		if err != nil {
			t.Fatal(err)
		}
		f, err := elf.NewFile(bytes.NewReader(whole))
		if err != nil {
			t.Fatal(err)
		}
		line := f.Section(".debug_line")
		if (f.Section(".debug_addr") != nil) == (build.experiment != "") || line == nil || (line.Flags&elf.SHF_COMPRESSED != 0) != (build.flags == "") {
			t.Fatalf("it has no %s", build.version)
		}
		for _, s := range f.Sections {
			if s.Type == elf.SHT_NULL || s.Type == elf.SHT_NOBITS || s.FileSize == 0 {
				continue
			}
			for k, kind := range damages {
				if !long && k > 0 && s.Name != ".debug_line" && (k > 1 || !strings.HasPrefix(s.Name, ".debug_")) {
					continue
				}
				for round := range rounds {
					all = append(all, damaged{
						name: fmt.Sprintf("%s %s %s %d", build.version, s.Name, kind.name, round),
						make: func() []byte {
							b := slices.Clone(whole)
							seed := uint64(round)
							for _, c := range s.Name {
								seed = seed*31 + uint64(c)
							}
							kind.do(b[s.Offset:s.Offset+s.FileSize], rand.New(rand.NewPCG(seed, 1)))
							return b
						},
					})
				}
			}
		}
	}
	return all
}

// A build id that says it has four gigabytes is not believed.
func TestDamagedBuildID(t *testing.T) {
	b, err := os.ReadFile(build(t))
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	s := f.Section(".note.gnu.build-id")
	if s == nil {
		t.Skip("skipped: this Go's programs have none")
	}
	for _, at := range []uint64{0, 4} {
		bad := slices.Clone(b)
		binary.LittleEndian.PutUint32(bad[s.Offset+at:], 1<<32-1)
		path := filepath.Join(t.TempDir(), "damaged")
		if err := os.WriteFile(path, bad, 0o755); err != nil {
			t.Fatal(err)
		}
		p, err := dlvclient.Launch(context.Background(), dlvclient.Config{Path: path, Started: func(int) { t.Error("it was started") }})
		if err == nil {
			p.Close()
			t.Fatal("it was launched")
		}
		if !strings.Contains(err.Error(), "build id") {
			t.Error(err)
		}
	}
}

// tryDamaged does with a damaged program what is done with a whole one. It may
// fail at any point, in a bounded time.
func tryDamaged(t *testing.T, path string) {
	const bound = 20 * time.Second
	pid := 0
	done := make(chan struct{})
	go func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(context.Background(), bound/4)
		defer cancel()
		out, err := os.Create(path + ".out")
		if err != nil {
			t.Error(err)
			return
		}
		p, err := dlvclient.Launch(ctx, dlvclient.Config{
			Path: path, Args: []string{"count"}, Stdout: out, Started: func(n int) { pid = n },
		})
		if err != nil {
			told(t, err)
			// A program that cannot be watched does not run.
			if text, err := os.ReadFile(path + ".out"); err != nil || len(text) > 0 {
				t.Errorf("%v; it said %q", err, text)
			}
			return
		}
		defer func() {
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}()
		hit, err := p.Symbol("main.hit")
		if err == nil {
			err = p.SetBreakpoint(hit)
		}
		told(t, err)
		for range 3 {
			s, err := p.Continue(ctx)
			told(t, err)
			if err != nil || s.Reason == dlvclient.Exited {
				return
			}
			for _, h := range s.Hits {
				fs, err := p.Stack(h, 64)
				told(t, err)
				if err == nil && len(fs) == 0 {
					t.Log("the stack has no frames")
				}
				_, err = p.Goroutine(h)
				told(t, err)
			}
		}
	}()
	select {
	case <-done:
	case <-time.After(bound):
		t.Fatalf("it did not end within %v", bound)
	}
	if pid != 0 {
		for range 500 {
			if syscall.Kill(pid, 0) != nil {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Error("the process is still there")
	}
}

// told logs an error, which is to be one line.
func told(t *testing.T, err error) {
	switch {
	case err == nil:
	case errors.Is(err, dlvclient.ErrDelve):
		t.Logf("Delve broke down: %v", err)
		fallthrough
	default:
		t.Log(err)
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("more than a line: %q", err)
		}
	}
}
