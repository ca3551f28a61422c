package oracle

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"deltui/internal/testenv"
)

var update = flag.Bool("update", false, "write docs/SUPPORT.md anew (with DELTUI_TEST=all)")

// agreed gathers what was compared, for the table of what is supported.
var agreed support

type support struct {
	mu   sync.Mutex
	rows []string
}

func (s *support) add(tc testenv.Toolchain, layout, build string, ops int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := "1." + strings.Split(tc.Version, ".")[1]
	if tc.Experiment != "" {
		name += ", `GOEXPERIMENT=" + tc.Experiment + "`"
	}
	s.rows = append(s.rows, fmt.Sprintf("| %s | %s | %s | %d |\n", name, build, layout, ops))
}

func (s *support) table() []byte {
	slices.SortFunc(s.rows, func(a, b string) int {
		// As built by default first; then the order of the text, which is that
		// of the versions.
		pa, pb := strings.Contains(a, "as `go build`"), strings.Contains(b, "as `go build`")
		if pa != pb {
			if pa {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	var b bytes.Buffer
	b.WriteString("# What is supported\n\n")
	b.WriteString("Made by `DELTUI_TEST=all go test ./internal/oracle -update`: a row stands here because a program so built saw the same of its own maps, before and after each op, as `deltui trace --json` told. linux/amd64; live targets are not tested on other systems.\n\n")
	b.WriteString("| Go | built | layout | ops that agree |\n| --- | --- | --- | --- |\n")
	for _, r := range s.rows {
		b.WriteString(r)
	}
	return b.Bytes()
}

// TestZSupport runs last: the table must be what was compared.
func TestZSupport(t *testing.T) {
	if !testenv.All() {
		t.Skip("skipped: the table is made of the whole matrix (DELTUI_TEST=all)")
	}
	if t.Failed() || len(agreed.rows) < 20 {
		t.Fatalf("only %d rows agree", len(agreed.rows))
	}
	path := filepath.Join("..", "..", "docs", "SUPPORT.md")
	got := agreed.table()
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("docs/SUPPORT.md is stale; DELTUI_TEST=all go test ./internal/oracle -update\n%s", got)
	}
}
