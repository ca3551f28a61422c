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
		if got := (RuleSource{"f.go", c.fn, c.text}).FindLine(src); got != c.want {
			t.Errorf("%s %q: line %d, want %d", c.fn, c.text, got, c.want)
		}
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
		if (RuleSource{s.File, s.Func, ""}).FindLine(string(text)) > 0 {
			there[s.Func] = true
		}
		if s.FindLine(string(text)) > 0 {
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
