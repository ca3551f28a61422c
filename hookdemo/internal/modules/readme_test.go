package modules

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeNames: the tests that the README names as proofs are there, as are
// the files that it links to and the flags that it speaks of.
func TestReadmeNames(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var tests, source strings.Builder
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		code, err := os.ReadFile(path)
		if strings.HasSuffix(path, "_test.go") {
			tests.Write(code)
		} else {
			source.Write(code)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, name := range regexp.MustCompile("`(Test[A-Z][A-Za-z]*)`").FindAllStringSubmatch(string(text), -1) {
		named++
		if !strings.Contains(tests.String(), "func "+name[1]+"(t *testing.T)") {
			t.Errorf("there is no test %s", name[1])
		}
	}
	for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(string(text), -1) {
		named++
		if _, err := os.Stat(filepath.Join(root, link[1])); err != nil {
			t.Errorf("a link leads nowhere: %v", err)
		}
	}
	for _, flag := range regexp.MustCompile(`--([a-z]+[a-z-]*)`).FindAllStringSubmatch(string(text), -1) {
		named++
		if !strings.Contains(source.String(), `"`+flag[1]+`"`) {
			t.Errorf("there is no flag --%s", flag[1])
		}
	}
	if named < 40 {
		t.Errorf("only %d names were found", named)
	}
}
