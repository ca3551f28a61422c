package claims

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// recorded compares a ratio of the last recorded benchmark, ../bench/RESULTS.md.
// It is a measurement of some day and machine, and says so there: a test run
// does not repeat it.
func recorded(column string, is func(ratio float64) bool) Measure {
	return func(l *Lab) (bool, error) {
		b, err := os.ReadFile(filepath.Join(l.probes, "..", "bench", "RESULTS.md"))
		if err != nil {
			return false, err
		}
		r, err := ratio(string(b), l.Go.Minor, column)
		return is(r), err
	}
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
