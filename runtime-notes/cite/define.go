package cite

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// places are where a file that a page cites is looked for, below the root.
var places = []string{
	"src/runtime", "src/internal/runtime/maps", "src/internal/abi", "src/reflect", "src/maps", "src/internal/goexperiment",
	"src/internal/buildcfg", "src/cmd/compile/internal/walk", "src/cmd/compile/internal/base", "src/cmd/compile/internal/reflectdata",
	"src/cmd/compile/internal/noder", "src/cmd/compile/internal/ssagen", "src/cmd/compile/internal/ssa", "src/cmd/internal/obj",
	"src/cmd/compile/internal/types",
	"src/cmd/internal/objabi", "src/cmd/link/internal/loader", "src/cmd/go/internal/work", "doc", "src/cmd/compile",
}

// Define returns the page with a definition for every citation of its text:
// those that it has are kept as they are, those that nothing uses are dropped,
// and those that are missing are made, with the line that stands there today.
// What was made is for the author to read before it is committed.
func Define(text string, version func(minor string) string, goroot func(version string) (string, error)) (string, error) {
	body, defs := split(text)
	kept := map[string]string{}
	for _, d := range defs {
		kept[strings.TrimPrefix(d[:strings.Index(d, "]:")], "[")] = d
	}
	var labels []string
	for _, m := range label.FindAllString(body, -1) {
		labels = append(labels, m[1:len(m)-1])
	}
	slices.SortFunc(labels, order)
	labels = slices.Compact(labels)
	var b strings.Builder
	b.WriteString(strings.TrimRight(body, "\n") + "\n")
	if len(labels) > 0 {
		b.WriteString("\n")
	}
	for _, l := range labels {
		d, ok := kept[l]
		if !ok {
			var err error
			if d, err = define(l, version, goroot); err != nil {
				return "", err
			}
		}
		b.WriteString(d + "\n")
	}
	return b.String(), nil
}

// order sorts labels by version, then file, then line.
func order(a, b string) int {
	x, y := label.FindStringSubmatch("["+a+"]"), label.FindStringSubmatch("["+b+"]")
	num := func(s string) int { n, _ := strconv.Atoi(s); return n }
	return cmp.Or(
		cmp.Compare(num(strings.TrimPrefix(x[1], "1.")), num(strings.TrimPrefix(y[1], "1."))),
		cmp.Compare(x[2], y[2]), cmp.Compare(num(x[3]), num(y[3])), cmp.Compare(num(x[4]), num(y[4])))
}

func define(l string, version func(string) string, goroot func(string) (string, error)) (string, error) {
	m := label.FindStringSubmatch("[" + l + "]")
	v := version(m[1])
	if v == "" {
		return "", fmt.Errorf("[%s]: no such version is cited from", l)
	}
	root, err := goroot(v)
	if err != nil {
		return "", fmt.Errorf("[%s]: %w", l, err)
	}
	found := map[string]bool{}
	for _, p := range places {
		for dir := p; dir != "."; dir = path.Dir(dir) {
			full := path.Join(dir, m[2])
			if _, err := os.Stat(filepath.Join(root, full)); err == nil && (path.Dir(full) == p || dir == "src") {
				found[full] = true
			}
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("[%s]: which file is meant? %v", l, found)
	}
	for full := range found {
		lines, err := read(root, full)
		if err != nil {
			return "", fmt.Errorf("[%s]: %w", l, err)
		}
		first, _ := strconv.Atoi(m[3])
		if first > len(lines) || squeeze(lines[first-1]) == "" {
			return "", fmt.Errorf("[%s]: nothing stands on that line", l)
		}
		anchor := "#L" + m[3]
		if m[4] != "" {
			anchor += "-L" + m[4]
		}
		return fmt.Sprintf(`[%s]: https://github.com/golang/go/blob/go%s/%s%s "%s"`, l, v, full, anchor, escape(squeeze(lines[first-1]))), nil
	}
	panic("unreachable")
}
