package intercept

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func TestInjection(t *testing.T) {
	t.Parallel()
	text, err := injection(injected{name: "main", path: "example.com/p", hookVar: "runtime.hookdemoSet", log: "x.jsonl"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name := range f.Scope.Objects {
		if !strings.HasPrefix(name, prefix) {
			t.Errorf("%s could meet a name of the program's", name)
		}
	}
	for _, im := range f.Imports {
		if strings.Contains(im.Path.Value, "deltui") || im.Name == nil {
			t.Errorf("import %s", im.Path.Value)
		}
	}
	if t.Failed() || testing.Verbose() {
		t.Logf("%s", text)
	}
}
