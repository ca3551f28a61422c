package debuginfo

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/testenv"
)

const tiny = `-- go.mod --
module tiny

go 1.18
-- main.go --
package main

var m = map[int]int{1: 2}

func main() { delete(m, 1) }
-- lib/lib.go --
package main

import "C"

func main() {}
`

// tinyBinary builds a package of the small program with the local toolchain.
func tinyBinary(t testing.TB, dir, pkg string, env []string, args ...string) string {
	t.Helper()
	return testenv.Local.BuildProgram(t, testenv.Program{Dir: dir, Pkg: pkg, Env: env, Args: args})
}

// slow skips what makes the whole standard library be compiled.
func slow(t *testing.T) {
	t.Helper()
	if !testenv.All() {
		t.Skip("skipped: it would compile the standard library anew; DELTUI_TEST=all does")
	}
}

// TestOpenRefuses gives Open each kind of file that it must refuse.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skipf("skipped: the files are made for linux/amd64")
	}
	dir := testenv.Unpack(t, []byte(tiny))
	good := tinyBinary(t, dir, ".", nil)
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) string {
		p := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(p, b, 0o777); err != nil {
			t.Fatal(err)
		}
		return p
	}
	changed := func(name string, change func([]byte)) string {
		b := append([]byte(nil), data...)
		change(b)
		return write(name, b)
	}
	section := func(name string) *elf.Section {
		f, err := elf.Open(good)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		return f.Section(name)
	}
	secret := write("secret", data)
	if err := os.Chmod(secret, 0); err != nil {
		t.Fatal(err)
	}
	machine := func(m elf.Machine) string {
		return changed("machine", func(b []byte) { binary.LittleEndian.PutUint16(b[18:], uint16(m)) })
	}
	foreign := func(t *testing.T, env ...string) string {
		slow(t)
		return tinyBinary(t, dir, ".", env)
	}
	library := func(t *testing.T, mode string) string {
		slow(t)
		testenv.NeedTool(t, "gcc")
		return tinyBinary(t, dir, "./lib", nil, mode)
	}
	exe := func(name string) string {
		if _, err := os.Stat(name); err != nil {
			t.Skipf("skipped: no %s", name)
		}
		return name
	}
	for _, tt := range []struct {
		name   string
		path   func(t *testing.T) string
		reason Reason
		says   string // part of the detail
		advice string // part of the advice
	}{
		{"absent", func(*testing.T) string { return filepath.Join(dir, "absent") }, NotFound, "nothing there", "path"},
		{"secret", func(t *testing.T) string {
			if os.Geteuid() == 0 {
				t.Skip("skipped: root may read anything")
			}
			return secret
		}, NotFound, "permission denied", "permissions"},
		{"directory", func(*testing.T) string { return dir }, NotELF, "a directory", "built program"},
		{"device", func(*testing.T) string { return os.DevNull }, NotELF, "not a regular file", "built program"},
		{"empty", func(*testing.T) string { return write("empty", nil) }, NotELF, "0 bytes", "go build"},
		{"source", func(*testing.T) string { return filepath.Join(dir, "main.go") }, NotELF, `begins with "pack"`, "package directory"},
		{"windows", func(*testing.T) string { return write("tiny.exe", []byte("MZ\x90\x00\x03")) }, NotELF, `begins with "MZ`, ""},
		{"not Go", func(*testing.T) string { return exe("/bin/true") }, NotGo, "no build information", "go build"},
		{"stripped", func(t *testing.T) string { return tinyBinary(t, dir, ".", nil, "-ldflags=-s -w") }, Stripped, "without DWARF", "-ldflags=-s or -w"},
		{"no DWARF", func(t *testing.T) string { return tinyBinary(t, dir, ".", nil, "-ldflags=-w") }, Stripped, "without DWARF", "-ldflags=-s or -w"},
		{"no symbols", func(t *testing.T) string { return tinyBinary(t, dir, ".", nil, "-ldflags=-s -w=0") }, Stripped, "no symbol table", "-ldflags=-s"},
		{"arm64", func(*testing.T) string { return machine(elf.EM_AARCH64) }, WrongArch, "for arm64", "GOARCH=amd64"},
		{"386", func(*testing.T) string { return machine(elf.EM_386) }, WrongArch, "for 386", "GOARCH=amd64"},
		{"alpha", func(*testing.T) string { return machine(elf.EM_ALPHA) }, WrongArch, "for EM_ALPHA", "GOARCH=amd64"},
		{"big endian", func(t *testing.T) string {
			return foreign(t, "GOARCH=s390x")
		}, WrongArch, "for s390x", "GOARCH=amd64"},
		{"darwin", func(t *testing.T) string {
			return foreign(t, "GOOS=darwin", "GOARCH=arm64", "CGO_ENABLED=0")
		}, WrongArch, "for arm64", "GOARCH=amd64"},
		{"plugin", func(t *testing.T) string {
			return library(t, "-buildmode=plugin")
		}, Library, "-buildmode=plugin", "loads it"},
		{"c-shared", func(t *testing.T) string {
			return library(t, "-buildmode=c-shared")
		}, Library, "-buildmode=c-shared", "loads it"},
		{"object", func(*testing.T) string {
			return changed("object", func(b []byte) { binary.LittleEndian.PutUint16(b[16:], uint16(elf.ET_REL)) })
		}, Library, "ET_REL", ""},
		{"cut in the header", func(*testing.T) string { return write("cut", data[:40]) }, Malformed, "", "build it again"},
		{"cut in the middle", func(*testing.T) string { return write("cut", data[:len(data)/2]) }, Malformed, "", "build it again"},
		{"section table elsewhere", func(*testing.T) string {
			return changed("sections", func(b []byte) { binary.LittleEndian.PutUint64(b[40:], 1<<62) })
		}, Malformed, "", "build it again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Open(tt.path(t))
			if err == nil {
				f.Close()
				t.Fatal("opened")
			}
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			if e.Reason != tt.reason || !strings.Contains(e.Detail, tt.says) || !strings.Contains(e.Advice, tt.advice) {
				t.Errorf("%v: reason %q, detail %q, advice %q", err, e.Reason, e.Detail, e.Advice)
			}
			if e.Path == "" || strings.Contains(err.Error(), "\n") {
				t.Errorf("not one line with the path: %q", err)
			}
		})
	}

	// Debug information is read when it is asked for; it may be broken.
	for _, name := range []string{".debug_info", ".debug_abbrev", ".debug_line", ".debug_loclists"} {
		t.Run("broken "+name, func(t *testing.T) {
			s := section(name)
			if s == nil {
				t.Skipf("skipped: the local toolchain makes no %s", name)
			}
			f, err := Open(changed("broken", func(b []byte) {
				for i := s.Offset + 64; i < s.Offset+s.FileSize; i++ {
					b[i] ^= 0x5a
				}
			}))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			var e *Error
			if _, err := f.EntryPoints(); !errors.As(err, &e) || e.Reason != Malformed {
				t.Errorf("EntryPoints: %v", err)
			}
		})
	}
}

// TestOpenMachO reads a program of darwin as far as another machine can.
func TestOpenMachO(t *testing.T) {
	slow(t)
	dir := testenv.Unpack(t, []byte(tiny))
	path := tinyBinary(t, dir, ".", []string{"GOOS=darwin", "GOARCH=" + runtime.GOARCH, "CGO_ENABLED=0"})
	defer func(host string) { hostOS = host }(hostOS)
	hostOS = "darwin"
	f := mustOpen(t, path)
	eps, err := f.EntryPoints()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, ep := range eps {
		names[ep.Name] = true
		if ep.Stop <= ep.Entry || len(ep.Returns) == 0 || ep.ArgsByABI || ep.Line == 0 {
			t.Errorf("%+v", ep)
		}
	}
	if !names["runtime.mapdelete_fast64"] {
		t.Errorf("entry points %v", names)
	}
	l, err := f.LayoutByName("map[int]int")
	if err != nil || l.Key.Size != 8 {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestARM64 reads a program of another architecture.
func TestARM64(t *testing.T) {
	slow(t)
	dir := testenv.Unpack(t, []byte(tiny))
	for _, goos := range []string{"linux", "darwin"} {
		path := tinyBinary(t, dir, ".", []string{"GOOS=" + goos, "GOARCH=arm64", "CGO_ENABLED=0"})
		func() {
			defer func(host, arch string) { hostOS, hostArch = host, arch }(hostOS, hostArch)
			hostOS, hostArch = goos, "arm64"
			f := mustOpen(t, path)
			eps, err := f.EntryPoints()
			if err != nil {
				t.Fatal(err)
			}
			for _, ep := range eps {
				if ep.Stop <= ep.Entry || len(ep.Returns) == 0 || len(ep.Exits) != 0 || ep.ArgsByABI || ep.MapType.Reg != 0 || ep.Map.Reg != 1 {
					t.Errorf("%+v", ep)
				}
			}
			sites, err := f.CallSites(gomap.Delete)
			if err != nil || len(eps) < 3 || len(sites) != 1 || sites[0].Line != 5 || sites[0].Call != "runtime.mapdelete_fast64" {
				t.Errorf("%d entry points; call sites %+v, %v", len(eps), sites, err)
			}
		}()
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	local, err := exec.Command("go", "env", "GOVERSION", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	version, root, _ := strings.Cut(strings.TrimSpace(string(local)), "\n")
	for _, v := range variants() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			f := mustOpen(t, v.build(t))
			got := f.Facts()
			wantVersion := "go" + v.tc.Version
			if v.tc.Version == testenv.Local.Version {
				wantVersion = strings.Fields(strings.ReplaceAll(version, "-X:", " X:"))[0]
			}
			if got.GoVersion != wantVersion {
				t.Errorf("version %s, not %s", got.GoVersion, wantVersion)
			}
			if exps := strings.Join(got.Experiments, ","); exps != v.tc.Experiment {
				t.Errorf("experiments %q, not %q", exps, v.tc.Experiment)
			}
			if got.Main != "sample" || got.Test != v.test || len(got.Modules) == 0 || got.Modules[0].Path != "sample" {
				t.Errorf("main %s, test %v, modules %v", got.Main, got.Test, got.Modules)
			}
			if got.Arch != runtime.GOARCH || got.BuildID == "" {
				t.Errorf("arch %s, build ID %q", got.Arch, got.BuildID)
			}
			is := func(s string) bool { return strings.Contains(v.name, s) }
			if got.PIE != is("pie") || got.Race != is("race") || got.Trimmed != is("trimpath") {
				t.Errorf("%+v", got)
			}
			if is("cgo") && !got.CGo {
				t.Error("not cgo")
			}
			switch {
			case got.Trimmed:
				if got.Goroot != "" {
					t.Errorf("trimmed, and GOROOT %s", got.Goroot)
				}
			case v.tc.Version == testenv.Local.Version && got.Goroot != root:
				t.Errorf("GOROOT %q, not %q", got.Goroot, root)
			case got.Goroot == "":
				t.Error("no GOROOT")
			}
		})
	}
}

// TestLineHeader promises more files than there are bytes.
func TestLineHeader(t *testing.T) {
	t.Parallel()
	head := func(dirs, files []byte) []byte {
		b := []byte{
			0, 0, 0, 0, 5, 0, 8, 0, // length, version, sizes of address and selector
			0, 0, 0, 0, 1, 1, 1, 0xfb, 14, 3, 0, 1, // …, two opcodes
		}
		b = append(append(b, dirs...), files...)
		b = append(b, make([]byte, 16)...)
		binary.LittleEndian.PutUint32(b, uint32(len(b)-4))
		return b
	}
	good := []byte{1, 1, formString, 2, 'a', 0, 'b', 0}
	s := &scanner{order: binary.LittleEndian}
	if err := s.checkLines(&unit{}, head(good, good)); err != nil {
		t.Error(err)
	}
	many := []byte{1, 1, formString, 0xff, 0xff, 0xff, 0xff, 0x0f, 'a', 0}
	for name, b := range map[string][]byte{
		"directories": head(many, good),
		"files":       head(good, many),
		"no format":   head([]byte{0, 3}, good),
	} {
		if err := s.checkLines(&unit{}, b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
