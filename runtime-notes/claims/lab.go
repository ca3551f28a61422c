package claims

import (
	"bytes"
	"debug/dwarf"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"deltui/internal/testenv"
)

// A Lab is what can be measured with one toolchain: each thing is built and
// looked at once, when it is first asked for.
type Lab struct {
	Go     Go
	tc     testenv.Toolchain
	probes string // directory of the probes' module
	tmp    string

	build    func() (string, error)            // the facts binary's listing
	listings func() (map[string]string, error) // it, by function
	facts    func() (map[string]bool, error)   // what it printed
	calls    func() (map[string]string, error)
	names    func() (map[string]bool, error)
	root     func() (string, error)
	links    sync.Map // probe and flags → *linked
}

// NewLab returns a lab that builds the probes into tmp.
func NewLab(tc testenv.Toolchain, g Go, probes, tmp string) *Lab {
	l := &Lab{Go: g, tc: tc, probes: probes, tmp: tmp}
	l.build = sync.OnceValues(l.buildFacts)
	l.listings = sync.OnceValues(l.cutListing)
	l.facts = sync.OnceValues(l.runFacts)
	l.calls = sync.OnceValues(l.disassemble)
	l.names = sync.OnceValues(l.readSymbols)
	l.root = sync.OnceValues(func() (string, error) {
		out, err := l.gocmd("env", "GOROOT").Output()
		return strings.TrimSpace(string(out)), err
	})
	return l
}

func (l *Lab) bin() string { return filepath.Join(l.tmp, "facts") }

func (l *Lab) gocmd(args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = l.probes
	// Go 1.19 takes a tree in the module cache, which is where toolchains
	// are fetched to, for an indexed module, and then cannot find packages.
	cmd.Env = append(l.tc.Env(), "GODEBUG=goindex=0", "CGO_ENABLED=0")
	return cmd
}

func (l *Lab) buildFacts() (string, error) {
	out, err := l.gocmd("build", "-gcflags=-S", "-o", l.bin(), "./facts").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: building the probe: %w\n%s", l.tc, err, out)
	}
	return string(out), nil
}

func (l *Lab) runFacts() (map[string]bool, error) {
	if _, err := l.build(); err != nil {
		return nil, err
	}
	out, err := exec.Command(l.bin()).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w\n%s", err, exit.Stderr)
		}
		return nil, fmt.Errorf("%s: the probe failed: %w", l.tc, err)
	}
	facts := map[string]bool{}
	return facts, json.Unmarshal(out, &facts)
}

// Fact is what the probe found out about its own maps.
func (l *Lab) Fact(name string) (bool, error) {
	facts, err := l.facts()
	if err != nil {
		return false, err
	}
	v, ok := facts[name]
	if !ok {
		return false, fmt.Errorf("the probe says nothing of %s", name)
	}
	return v, nil
}

var (
	stext      = regexp.MustCompile(`(?m)^(?:main|"")\.(\w+) STEXT`)
	unindented = regexp.MustCompile(`(?m)^\S`)
)

// Listing is the compiler's listing of one of the probe's functions.
func (l *Lab) Listing(fn string) (string, error) {
	listings, err := l.listings()
	if err != nil {
		return "", err
	}
	text, ok := listings[fn]
	switch {
	case !ok:
		return "", fmt.Errorf("%s: no function %s in the listing", l.tc, fn)
	case !strings.Contains(text, "RET"):
		return "", fmt.Errorf("%s: the listing of %s is not one of a function", l.tc, fn)
	}
	return text, nil
}

// cutListing cuts the compiler's listing into functions.
func (l *Lab) cutListing() (map[string]string, error) {
	text, err := l.build()
	if err != nil {
		return nil, err
	}
	listings := map[string]string{}
	for _, m := range stext.FindAllStringSubmatchIndex(text, -1) {
		_, rest, _ := strings.Cut(text[m[1]:], "\n")
		if end := unindented.FindStringIndex(rest); end != nil {
			rest = rest[:end[0]]
		}
		if _, ok := listings[text[m[2]:m[3]]]; !ok {
			listings[text[m[2]:m[3]]] = rest
		}
	}
	return listings, nil
}

var text = regexp.MustCompile(`(?m)^TEXT (\S+)\(SB\)`)

// disassemble returns the machine code of the functions that delete runs.
func (l *Lab) disassemble() (map[string]string, error) {
	if _, err := l.build(); err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "tool", "objdump", "-s",
		`^(runtime\.(mapdelete.*|mapclear|gcWriteBarrier.*|wbBufFlush.*)|internal/runtime/maps\.\(\*(Map|table)\)\.[dD]elete.*)$`, l.bin())
	cmd.Env = testenv.Local.Env()
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: objdump: %w", l.tc, err)
	}
	code, at := map[string]string{}, text.FindAllStringSubmatchIndex(string(out), -1)
	for i, m := range at {
		end := len(out)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		code[string(out[m[2]:m[3]])] = string(out[m[0]:end])
	}
	return code, nil
}

// Code is the machine code of those functions whose names match, together.
func (l *Lab) Code(pattern string) (string, error) {
	code, err := l.calls()
	if err != nil {
		return "", err
	}
	re, all := regexp.MustCompile("^(?:"+pattern+")$"), ""
	for name, text := range code {
		if re.MatchString(name) {
			all += text
		}
	}
	if all == "" {
		return "", fmt.Errorf("%s: the probe has no function %s", l.tc, pattern)
	}
	return all, nil
}

func (l *Lab) readSymbols() (map[string]bool, error) {
	if _, err := l.build(); err != nil {
		return nil, err
	}
	f, err := elf.Open(l.bin())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	syms, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, s := range syms {
		names[s.Name] = true
	}
	return names, nil
}

// Debug reads the probe's debug information, DWARF 4 or 5.
func (l *Lab) Debug(look func(r *dwarf.Reader, d *dwarf.Data) (bool, error)) (bool, error) {
	if _, err := l.build(); err != nil {
		return false, err
	}
	f, err := elf.Open(l.bin())
	if err != nil {
		return false, err
	}
	defer f.Close()
	d, err := f.DWARF()
	if err != nil {
		return false, fmt.Errorf("%s: debug information: %w", l.tc, err)
	}
	return look(d.Reader(), d)
}

// Dies runs the probe's `die how` and returns what it wrote on its way; ok is
// false if it lived.
func (l *Lab) Dies(how string) (stderr string, ok bool, err error) {
	if _, err := l.build(); err != nil {
		return "", false, err
	}
	var buf bytes.Buffer
	cmd := exec.Command(l.bin(), "die", how)
	cmd.Stderr = &buf
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return buf.String(), exit.ExitCode() == 2, nil
	}
	return buf.String(), false, err
}

type linked struct {
	once sync.Once
	out  string
	ok   bool
}

// Link builds one of the small probes and runs it. It returns what the linker,
// or else the program, said, and whether both were content.
func (l *Lab) Link(probe string, flags ...string) (out string, ok bool, err error) {
	v, _ := l.links.LoadOrStore(probe+" "+strings.Join(flags, " "), new(linked))
	k := v.(*linked)
	k.once.Do(func() {
		bin := filepath.Join(l.tmp, probe+strings.NewReplacer("-", "", "=", "", " ", "").Replace(strings.Join(flags, "")))
		args := append(append([]string{"build", "-o", bin}, flags...), "./"+probe)
		b, err := l.gocmd(args...).CombinedOutput()
		if err == nil {
			b, err = exec.Command(bin).CombinedOutput()
		}
		k.out, k.ok = string(b), err == nil
	})
	return k.out, k.ok, nil
}

// InSource reports whether a word stands in the Go source of the toolchain's
// tree, below dirs. Not every version has each of them.
func (l *Lab) InSource(word string, dirs ...string) (bool, error) {
	root, err := l.root()
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(filepath.Join(root, "src", "runtime", "map.go")); err != nil {
		if _, err = os.Stat(filepath.Join(root, "src", "runtime", "map_swiss.go")); err != nil {
			return false, fmt.Errorf("%s: no source tree: %w", l.tc, err)
		}
	}
	found := false
	for _, dir := range dirs {
		err := filepath.WalkDir(filepath.Join(root, "src", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || found || d.IsDir() || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".s") {
				return err
			}
			b, err := os.ReadFile(path)
			found = found || bytes.Contains(b, []byte(word))
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	return found, nil
}
