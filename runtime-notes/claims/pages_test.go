package claims

import (
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// rows returns the cells of a page's table, below the head that starts so.
func rows(t *testing.T, page, head string) [][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", page))
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), head)
	if !ok {
		t.Fatalf("%s has no table %q", page, head)
	}
	var all [][]string
	for _, line := range strings.Split(table, "\n")[2:] {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i, c := range cells {
			cells[i] = strings.Trim(c, " *")
		}
		all = append(all, cells)
	}
	return all
}

// covers reports whether a table's field like "1.25 – 1.26" or "1.27
// `mapsplitgroup`" is about that toolchain.
func covers(t *testing.T, field string, tc testenv.Toolchain, g Go) bool {
	t.Helper()
	m := regexp.MustCompile("^1\\.(\\d+)(?: ?– ?1\\.(\\d+))?(?: `(\\w+)`)?$").FindStringSubmatch(field)
	if m == nil {
		t.Fatalf("%q is not a range of versions", field)
	}
	first, _ := strconv.Atoi(m[1])
	last := first
	if m[2] != "" {
		last, _ = strconv.Atoi(m[2])
	}
	return first <= g.Minor && g.Minor <= last && m[3] == tc.Experiment
}

// TestSizes holds history.md's table of sizes against debug information.
func TestSizes(t *testing.T) {
	t.Parallel()
	table := rows(t, "history.md", "| Go | header | bucket or group |")
	for name, l := range labs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l.tc.Need(t)
			got, err := l.sizes()
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, row := range table {
				if !covers(t, row[0], l.tc, l.Go) {
					continue
				}
				found++
				if want := strings.Join(row[1:], " "); got != want {
					t.Errorf("history.md says %q, the debug information %q", want, got)
				}
			}
			if found != 1 {
				t.Errorf("history.md has %d rows for this", found)
			}
		})
	}
}

// sizes tells what the debug information says of header, unit and map type, as
// a row of the table does.
func (l *Lab) sizes() (string, error) {
	unit := map[bool]string{true: "bucket<uint64,uint64>", false: "noalg.map.group[int32]unsafe.Pointer"}[l.Go.Classic]
	header := map[bool]string{true: "runtime.hmap", false: "internal/runtime/maps.Map"}[l.Go.Classic]
	types := []string{"runtime.maptype", "internal/abi.MapType", "internal/abi.OldMapType", "internal/abi.SwissMapType"}
	size := map[string]int64{}
	_, err := l.Debug(func(r *dwarf.Reader, _ *dwarf.Data) (bool, error) {
		for {
			e, err := r.Next()
			if err != nil || e == nil {
				return false, err
			}
			name, _ := e.Val(dwarf.AttrName).(string)
			if n, ok := e.Val(dwarf.AttrByteSize).(int64); ok && e.Tag == dwarf.TagStructType {
				size[name] = n
			}
		}
	})
	if err != nil {
		return "", err
	}
	typ := int64(0)
	for _, name := range types {
		typ = max(typ, size[name])
	}
	version, err := l.dwarf()
	return fmt.Sprintf("%d %d %d DWARF %d", size[header], size[unit], typ, version), err
}

// dwarf is the version of the debug information: 5 has a table of addresses.
func (l *Lab) dwarf() (int, error) {
	f, err := elf.Open(l.bin())
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if f.Section(".debug_addr") != nil {
		return 5, nil
	}
	return 4, nil
}

// TestChoosing holds what choosing.md says of kinds of keys against the
// compiler's listing.
func TestChoosing(t *testing.T) {
	t.Parallel()
	chosen := map[string][]string{
		"runtime.mapdelete_fast64": {
			"dUint64", "dInt64", "dInt", "dUintptr", "dNamed", "dBytes8", "dInts2", "dPair",
			"dPointer", "dUnsafe", "dChan", "dOnePointer", "dFace", "dElem128", "dEscapes",
		},
		"runtime.mapdelete_fast32":  {"dRune", "dUint32", "dBytes4", "dHalves"},
		"runtime.mapdelete_faststr": {"dString", "dNamedString", "dString1", "dStringField"},
		"runtime.mapdelete": {
			"dFloat32", "dFloat", "dComplex64", "dPadded", "dBlank", "dAny", "dBool", "dInt8", "dInt16", "dBytes16", "dBytes24",
			"dElem136", "dFromPointer", "dRangeFloat",
		},
		"runtime.mapclear": {"dRange"},
	}
	for name, l := range labs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l.tc.Need(t)
			for target, fns := range chosen {
				for _, fn := range fns {
					for other := range chosen {
						called, err := calls(fn, other)(l)
						if err != nil {
							t.Fatal(err)
						}
						if called != (other == target) {
							t.Errorf("%s: a call of %s: %v", fn, other, called)
						}
					}
				}
			}
		})
	}
}

// TestPulls holds linkname.md's table of what may be pulled against linkers.
func TestPulls(t *testing.T) {
	t.Parallel()
	table := rows(t, "linkname.md", "| symbol | 1.18–1.22 |")
	columns := []string{"1.18–1.22", "1.23", "1.24–1.27"}
	for name, l := range labs(t) {
		if l.tc.Experiment != "" || l.Go.Minor == 19 || l.Go.Minor == 20 || l.Go.Minor == 21 {
			continue // the ends of a range stand for it
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l.tc.Need(t)
			for _, row := range table {
				symbol := strings.Trim(row[0], "`")
				for i, c := range columns {
					if !covers(t, c, l.tc, l.Go) {
						continue
					}
					got, err := l.pull(symbol)
					if err != nil {
						t.Fatal(err)
					}
					if want := row[i+1]; got != want {
						t.Errorf("%s: linkname.md says %q, the linker %q", symbol, want, got)
					}
				}
			}
		})
	}
}

// pull tries to link a program that refers to a symbol by linkname: yes,
// refused, or none if there is no such symbol.
func (l *Lab) pull(symbol string) (string, error) {
	dir, err := os.MkdirTemp(l.tmp, "pull")
	if err != nil {
		return "", err
	}
	source := "package main\n\nimport (\n\t\"reflect\"\n\t\"unsafe\"\n)\n\n//go:linkname pulled " + symbol +
		"\nfunc pulled(typ, m, key unsafe.Pointer)\n\nfunc main() {\n\tif reflect.TypeOf(0) == nil {\n\t\tpulled(nil, nil, nil)\n\t}\n}\n"
	for name, text := range map[string]string{"go.mod": "module pull\n\ngo 1.18\n", "main.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return "", err
		}
	}
	cmd := l.gocmd("build", "-o", filepath.Join(dir, "prog"), ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return "yes", nil
	case strings.Contains(string(out), "invalid reference to "+symbol):
		return "refused", nil
	case strings.Contains(string(out), "relocation target "+symbol+" not defined"):
		return "none", nil
	}
	return "", fmt.Errorf("pulling %s: %w\n%s", symbol, err, out)
}
