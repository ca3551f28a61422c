package debuginfo

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"deltui/internal/testenv"
)

// BenchmarkOpen prints how long it takes to open a program and find all entry
// points, and a layout and a type after that, as a share of what Delve takes
// to load the same file.
func BenchmarkOpen(b *testing.B) {
	small := variant{tc: testenv.Local}.build(b)
	large := testenv.Local.BuildProgram(b, testenv.Program{Dir: b.TempDir(), Pkg: "cmd/compile"})
	best := func(run func()) time.Duration {
		d := time.Duration(1 << 62)
		for range 5 {
			start := time.Now()
			run()
			d = min(d, time.Since(start))
		}
		return d
	}
	fmt.Printf("%-10s %8s %12s %12s %12s %8s\n", "program", "MB", "entry points", "+ a layout", "Delve", "share")
	for _, path := range []string{small, large} {
		fi, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		entries := best(func() {
			f := mustOpen(b, path)
			if _, err := f.EntryPoints(); err != nil {
				b.Fatal(err)
			}
		})
		all := best(func() {
			f := mustOpen(b, path)
			if _, err := f.EntryPoints(); err != nil {
				b.Fatal(err)
			}
			if _, err := f.LayoutByName("map[string]bool"); err != nil {
				b.Fatal(err)
			}
			if _, _, err := f.Field("runtime.g", "goid"); err != nil {
				b.Fatal(err)
			}
		})
		theirs := best(func() { delve(b, path) })
		fmt.Printf("%-10s %8.1f %12v %12v %12v %7.0f%%\n", filepath.Base(path), float64(fi.Size())/1e6,
			entries.Round(100*time.Microsecond), all.Round(100*time.Microsecond), theirs.Round(100*time.Microsecond), 100*float64(all)/float64(theirs))
	}
}
