package target

import (
	"cmp"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Find looks for what s names, as far as the file system tells: it builds
// nothing and runs nothing, so an import path may still name no package. Its
// errors are those that [Build] would return, [*Error].
func Find(s Spec) error {
	if s.Dir == "" {
		dir, err := os.Getwd()
		if err != nil {
			return nil // Build says so
		}
		s.Dir = dir
	}
	w, err := classify(s)
	if err == nil && w.kind == binaryTarget {
		_, err = existing(s, w)
	}
	return err
}

// Versions lists the versions of Go that --go takes and that are known here,
// such as 1.23, the newest first.
func Versions() []string {
	minor := func(v string) int {
		n, _ := strconv.Atoi(strings.TrimPrefix(v, "1."))
		return n
	}
	return slices.SortedFunc(maps.Keys(newest), func(a, b string) int { return cmp.Compare(minor(b), minor(a)) })
}
