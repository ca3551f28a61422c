package debuginfo

import (
	"bufio"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/testenv"
)

//go:embed testdata/sample.txtar
var sampleArchive []byte

// A variant is a way to build the sample.
type variant struct {
	tc   testenv.Toolchain
	name string
	args []string
	test bool // go test -c
	pgo  bool
	cgo  bool // needs a C compiler
}

func (v variant) String() string { return v.tc.String() + v.name }

// variants are the toolchains of the matrix, each as go build does it, and the
// local one in other ways too: few, unless all are asked for, because most
// make the standard library be compiled anew.
func variants() []variant {
	var vs []variant
	for _, tc := range testenv.Toolchains() {
		vs = append(vs, variant{tc: tc})
	}
	local := testenv.Local
	vs = append(vs,
		variant{tc: local, name: "-plain-dwarf", args: []string{"-ldflags=-compressdwarf=false"}},
		variant{tc: local, name: "-test", test: true})
	if testenv.All() {
		for _, tc := range []testenv.Toolchain{local, {Version: testenv.Go118}, {Version: testenv.Go123}, {Version: testenv.Go125}, {Version: testenv.Go127}} {
			vs = append(vs,
				variant{tc: tc, name: "-race", args: []string{"-race"}, cgo: true},
				variant{tc: tc, name: "-pie", args: []string{"-buildmode=pie"}},
				variant{tc: tc, name: "-N-l", args: []string{"-gcflags=all=-N -l"}},
				variant{tc: tc, name: "-cgo", args: []string{"-tags=cgosample", "-ldflags=-linkmode=external"}, cgo: true},
				variant{tc: tc, name: "-trimpath", args: []string{"-trimpath"}})
		}
		for _, tc := range []testenv.Toolchain{local, {Version: testenv.Go121}, {Version: testenv.Go123}, {Version: testenv.Go125}, {Version: testenv.Go127}} {
			vs = append(vs, variant{tc: tc, name: "-pgo", pgo: true})
		}
	}
	return vs
}

// build builds the sample.
func (v variant) build(t testing.TB) string {
	t.Helper()
	if v.cgo {
		testenv.NeedTool(t, "gcc")
	}
	v.tc.Need(t)
	p := testenv.Program{Dir: testenv.Unpack(t, sampleArchive), Args: v.args, Test: v.test}
	if v.pgo {
		if err := os.WriteFile(filepath.Join(p.Dir, "cpu.pprof"), v.profile(t), 0o666); err != nil {
			t.Fatal(err)
		}
		p.Args = append(p.Args, "-pgo=cpu.pprof")
	}
	return v.tc.BuildProgram(t, p)
}

// profiles are those made in this run: another would be another program, for
// which the standard library is compiled anew.
var profiles sync.Map // variant → once

// profile returns the profile of a run of the sample.
func (v variant) profile(t testing.TB) []byte {
	t.Helper()
	f, _ := profiles.LoadOrStore(v.String(), sync.OnceValues(func() ([]byte, error) {
		path := filepath.Join(t.TempDir(), "cpu.pprof")
		plain := variant{tc: v.tc}.build(t)
		if out, err := exec.Command(plain, "-cpuprofile="+path).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", plain, err, out)
		}
		return os.ReadFile(path)
	}))
	profile, err := f.(func() ([]byte, error))()
	if err != nil {
		t.Fatal(err)
	}
	return profile
}

func mustOpen(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// A said is one map of the running sample, by its own words.
type said struct {
	word, name         string
	rtype, header, row uint64
	key, elem          []byte
	keyDesc, elemDesc  string
	keyType, elemType  uint64
}

// A sample is the sample program, running.
type sample struct {
	maps  []said
	pid   int
	slide uint64
	mem   *os.File
}

// ReadAt makes it a [gomap.Memory].
func (s *sample) ReadAt(p []byte, addr uint64, _ gomap.Role) error {
	_, err := s.mem.ReadAt(p, int64(addr))
	return err
}

// start runs the sample until it has said all, and leaves it waiting.
func start(t *testing.T, path string, f *File) *sample {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("skipped: another process's memory is read on linux only")
	}
	cmd := exec.Command(path)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); cmd.Wait() })
	s := &sample{pid: cmd.Process.Pid}
	for sc := bufio.NewScanner(stdout); ; {
		if !sc.Scan() {
			t.Fatalf("the sample ended: %v", sc.Err())
		}
		if sc.Text() == "end" {
			break
		}
		p := strings.Split(sc.Text(), "\t")
		m := said{word: p[0], name: p[1], rtype: number(t, p[2], 16), header: number(t, p[3], 16), row: number(t, p[4], 10)}
		if len(p) > 5 {
			m.key, _ = hex.DecodeString(p[5])
			m.elem, _ = hex.DecodeString(p[6])
			m.keyDesc, m.elemDesc = p[7], p[8]
			m.keyType, m.elemType = number(t, p[9], 16), number(t, p[10], 16)
		}
		s.maps = append(s.maps, m)
	}
	if s.mem, err = os.Open(fmt.Sprintf("/proc/%d/mem", s.pid)); err != nil {
		testenv.Missing(t, "the memory of another process cannot be read: %v", err)
	}
	t.Cleanup(func() { s.mem.Close() })
	if f.Facts().PIE {
		s.slide = slideOf(t, s.pid, path, f)
	}
	return s
}

// slideOf is how far from its link-time addresses a program was loaded, by the
// lowest address that it is mapped at.
func slideOf(t *testing.T, pid int, path string, f *File) uint64 {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(maps), "\n") {
		if strings.HasSuffix(line, filepath.Base(path)) {
			lo, _, _ := strings.Cut(line, "-")
			first := ^uint64(0)
			for _, p := range f.c.(*elfFile).f.Progs {
				if p.Type == 1 {
					first = min(first, p.Vaddr)
				}
			}
			return number(t, lo, 16) - first&^4095
		}
	}
	t.Fatalf("%s is not mapped:\n%s", path, maps)
	return 0
}

func number(t testing.TB, s string, base int) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(s, base, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// describe is the same for a gomap.Type as the sample's describe is for a
// reflect.Type.
func describe(t *gomap.Type) string {
	switch t.Kind {
	case reflect.Struct:
		var fs []string
		for _, f := range t.Fields {
			fs = append(fs, fmt.Sprintf("%s@%d:%s", f.Name, f.Off, describe(f.Type)))
		}
		return fmt.Sprintf("struct%d{%s}", t.Size, strings.Join(fs, ","))
	case reflect.Array:
		return fmt.Sprintf("array%d[%d]%s", t.Size, t.Len, describe(t.Elem))
	case reflect.Interface:
		return fmt.Sprintf("interface%d/%v", t.Size, t.Methods)
	}
	return fmt.Sprintf("%v%d", t.Kind, t.Size)
}
