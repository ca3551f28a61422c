package gomap

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

func TestRules(t *testing.T) {
	seen := map[string]bool{}
	name := regexp.MustCompile(`^(classic|swiss|delete|assign|clear)(\.[a-z-]+)+$`)
	for _, r := range Rules() {
		switch {
		case seen[r.Name]:
			t.Errorf("%s is there twice", r.Name)
		case !name.MatchString(r.Name):
			t.Errorf("%s: not a rule's name", r.Name)
		case len(r.Layouts) == 0 || len(r.Sources) == 0:
			t.Errorf("%s: no layouts or no sources", r.Name)
		case !strings.HasSuffix(r.Sentence, ".") || strings.ToUpper(r.Sentence[:1]) != r.Sentence[:1]:
			t.Errorf("%s: not a sentence: %s", r.Name, r.Sentence)
		}
		seen[r.Name] = true
		if got, ok := RuleNamed(r.Name); !ok || got.Name != r.Name {
			t.Errorf("RuleNamed(%s) = %v, %v", r.Name, got, ok)
		}
	}
	if _, ok := RuleNamed("swiss.delete"); ok {
		t.Error("RuleNamed found a rule that is none")
	}
}

func TestFindLine(t *testing.T) {
	src := "package x\n\n// set(1)\nfunc Delete(x int) {\n\tset(1)\n}\n\nfunc (t *table) Delete(m *Map) {\n\tset(0)\n\tset(1)\n}\n\nfunc last() {\n}\n"
	for _, c := range []struct {
		fn, text string
		want     int
	}{
		{"Delete", "set(1)", 5},
		{"(*table).Delete", "set(1)", 10},
		{"(*table).Delete", "", 8},
		{"last", "set(1)", 0},
		{"none", "", 0},
		{"Delete", "set(0)", 0}, // in the method only
	} {
		if got := (RuleSource{"f.go", c.fn, c.text}).FindLine(Lines(src)); got != c.want {
			t.Errorf("%s %q: line %d, want %d", c.fn, c.text, got, c.want)
		}
	}
}

// TestFindLineExcerpt: of a recording's few lines, those of another function are
// never taken, and those of nobody knows which only where nothing is better.
func TestFindLineExcerpt(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines map[int]string
		want  int
	}{
		{"nothing but the line", map[int]string{477: "\tset(1)"}, 477},
		{"nothing", nil, 0},
		{"another function's", map[int]string{8: "func (m *Map) Delete() {", 9: "\tset(1)", 10: "}"}, 0},
		{"the next function", map[int]string{7: "func (t *table) Delete() {", 8: "}", 9: "func f() {", 10: "\tset(1)"}, 0},
		{"its own, further down", map[int]string{3: "\tset(1)", 70: "func (t *table) Delete() {", 71: "\tset(1)"}, 71},
		{"its own, after a gap", map[int]string{70: "func (t *table) Delete() {", 75: "\tset(1)"}, 75},
		{"the end of another", map[int]string{5: "}", 6: "var x = set(1)"}, 0},
		{"the file's beginning", map[int]string{1: "// set(1)", 2: "package x"}, 0},
		{"far apart", map[int]string{1: "package x", 1 << 40: "\tset(1)"}, 1 << 40},
		{"generic", map[int]string{1: "func (t *table) Delete[T any]() {", 2: "\tset(1)"}, 0}, // a method has no type parameters
	} {
		if got := (RuleSource{"f.go", "(*table).Delete", "set(1)"}).FindLine(c.lines); got != c.want {
			t.Errorf("%s: line %d, want %d", c.name, got, c.want)
		}
	}
	if got := (RuleSource{"f.go", "keys", "x"}).FindLine(Lines("func keys[K any](m M) {\n\tx()\n}\n")); got != 2 {
		t.Errorf("generic: line %d", got)
	}
}

// TestRuleSources looks each rule's lines up in the runtime's source of each
// toolchain at hand.
func TestRuleSources(t *testing.T) {
	for _, tc := range testenv.Toolchains() {
		t.Run(tc.String(), func(t *testing.T) {
			tc.Need(t)
			cmd := exec.Command("go", "env", "GOROOT", "GOVERSION")
			cmd.Env = tc.Env()
			cmd.Dir = t.TempDir()
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			goroot, version, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
			kinds := kindsOf(tc, version)
			for _, r := range Rules() {
				for _, kind := range kinds {
					if !slices.Contains(r.Layouts, kind) || !since(r.Name, version) {
						continue
					}
					if n := countSources(t, filepath.Join(goroot, "src"), r.Name, r.SourcesFor(kind)); n == 0 {
						t.Errorf("%s: none of its sources is in %s", r.Name, version)
					}
				}
			}
		})
	}
}

// kindsOf are the layouts of maps that a toolchain builds.
func kindsOf(tc testenv.Toolchain, version string) []LayoutKind {
	minor := minorOf(version)
	switch {
	case minor < 24, tc.Experiment == "noswissmap":
		return []LayoutKind{Classic}
	case tc.Experiment == "mapsplitgroup":
		return []LayoutKind{SwissSplit}
	}
	return []LayoutKind{Swiss}
}

func minorOf(version string) int {
	m := regexp.MustCompile(`^go1\.(\d+)`).FindStringSubmatch(version)
	if m == nil {
		return 99
	}
	n := 0
	for _, c := range m[1] {
		n = n*10 + int(c-'0')
	}
	return n
}

// since leaves out what a version does not have yet.
func since(rule, version string) bool {
	return rule != "swiss.assign.prune" || minorOf(version) >= 25
}

// countSources counts the lines found, and fails for a function that is there
// but does not have the text.
func countSources(t *testing.T, src, name string, ss []RuleSource) int {
	t.Helper()
	n := 0
	there, found := map[string]bool{}, map[string]bool{}
	for _, s := range ss {
		text, err := os.ReadFile(filepath.Join(src, filepath.FromSlash(s.File)))
		if err != nil {
			continue
		}
		if (RuleSource{s.File, s.Func, ""}).FindLine(Lines(string(text))) > 0 {
			there[s.Func] = true
		}
		if s.FindLine(Lines(string(text))) > 0 {
			found[s.Func] = true
			n++
		}
	}
	for fn := range there {
		if !found[fn] {
			t.Errorf("%s: nothing of it in %s", name, fn)
		}
	}
	return n
}
