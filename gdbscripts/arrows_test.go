package gdbscripts_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestArrows: the modules of gomap import each other one way. An import inside a
// function is how Python lets a circle work, so there is none.
func TestArrows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("gomap/*.py")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d modules, %v", len(files), err)
	}
	imports := map[string][]string{}
	shape := regexp.MustCompile(`^from \.(\w*) import (.*)$`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".py")
		for line := range strings.SplitSeq(string(text), "\n") {
			if trimmed := strings.TrimLeft(line, " \t"); trimmed != line && (strings.HasPrefix(trimmed, "import ") || strings.HasPrefix(trimmed, "from .")) {
				t.Errorf("%s: an import inside a function: %s", file, trimmed)
			}
			line = strings.TrimLeft(line, " \t")
			switch m := shape.FindStringSubmatch(line); {
			case m == nil && strings.HasPrefix(line, "from ."):
				t.Errorf("%s: this test cannot read %q", file, line)
			case m == nil:
			case m[1] != "":
				imports[name] = append(imports[name], m[1])
			default:
				for module := range strings.SplitSeq(m[2], ",") {
					module, _, _ = strings.Cut(strings.TrimSpace(module), " as ")
					imports[name] = append(imports[name], module)
				}
			}
		}
	}
	if len(imports) < 10 {
		t.Errorf("only %d modules import others: %v", len(imports), imports)
	}
	var visit func(path []string)
	done := map[string]bool{}
	visit = func(path []string) {
		name := path[len(path)-1]
		if i := slices.Index(path, name); i < len(path)-1 {
			t.Errorf("a circle: %s", strings.Join(path[i:], " → "))
			return
		}
		if done[name] {
			return
		}
		for _, next := range imports[name] {
			visit(append(slices.Clone(path), next))
		}
		done[name] = true
	}
	for name := range imports {
		visit([]string{name})
	}
}
