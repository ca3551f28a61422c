package claims

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A Ratio is a column of the last recorded benchmark, ../bench/RESULTS.md, and
// what is said of it. The figures are those of some day and machine: a test run
// does not measure them anew, but with DELTUI_TEST=all a small form of the
// benchmark must come out on the same side (TestRecordedAgain).
type Ratio struct {
	Column string
	Is     func(ratio float64) bool
}

// recorded is what the recorded figure of the lab's Go says.
func (r Ratio) recorded(l *Lab) (bool, error) {
	b, err := os.ReadFile(filepath.Join(l.probes, "..", "bench", "RESULTS.md"))
	if err != nil {
		return false, err
	}
	v, err := ratio(string(b), l.Go.Minor, r.Column)
	return r.Is(v), err
}

// ratio finds a figure in the table of results: the row of Go 1.minor.
func ratio(results string, minor int, column string) (float64, error) {
	at := -1
	for _, line := range strings.Split(results, "\n") {
		if !strings.HasPrefix(line, "|") {
			at = -1
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i, c := range cells {
			cells[i] = strings.Trim(c, " `")
		}
		if cells[0] == "Go" {
			for i, c := range cells {
				if c == column {
					at = i
				}
			}
			continue
		}
		if at > 0 && strings.HasPrefix(cells[0]+".", fmt.Sprintf("1.%d.", minor)) {
			return strconv.ParseFloat(cells[at], 64)
		}
	}
	return 0, fmt.Errorf("no %q of Go 1.%d in bench/RESULTS.md", column, minor)
}
