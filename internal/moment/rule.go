package moment

import (
	"path"
	"slices"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Line is a line of source.
type Line struct {
	File string // as the compiler recorded it
	Line int    // from 1
	Text string
}

// RuleLine finds the line of the target's runtime that shows a rule. lines
// returns what is known of a file, by line number: [trace.Timeline.Source], or
// whatever has more. l is the map's layout, if it is known: releases that have two
// generations of maps have the files of both. Lines of the function that the op
// called come first.
func RuleLine(r *gomap.Rule, l *gomap.Layout, op *trace.Op, goroot string, lines func(file string) map[int]string) (Line, bool) {
	name := op.Func[strings.LastIndexByte(op.Func, '.')+1:]
	srcs := slices.Clone(r.Sources)
	if l != nil {
		srcs = slices.Clone(r.SourcesFor(l.Kind))
	}
	slices.SortStableFunc(srcs, func(a, b gomap.RuleSource) int { return rank(a.Func, name) - rank(b.Func, name) })
	for _, src := range srcs {
		file := runtimeFile(op, goroot, src.File)
		ls := lines(file)
		if n := src.FindLine(ls); n > 0 {
			return Line{file, n, ls[n]}, true
		}
	}
	return Line{}, false
}

func rank(fn, name string) int {
	switch {
	case fn == name || strings.HasSuffix(fn, "_"+name):
		return 0
	case strings.HasPrefix(fn, "("): // what all entry points call
		return 1
	}
	return 2
}

// runtimeFile is a file below GOROOT/src as the compiler recorded such files in
// this target, told from a frame of the runtime. A trimmed build leaves GOROOT
// out.
func runtimeFile(op *trace.Op, goroot, file string) string {
	for i := range op.Stack {
		f := &op.Stack[i]
		if !f.Std {
			continue
		}
		for _, dir := range []string{"runtime/", "internal/runtime/", "reflect/"} {
			if at := strings.Index(f.File, "/src/"+dir); at >= 0 {
				return f.File[:at] + "/src/" + file
			}
			if strings.HasPrefix(f.File, dir) {
				return file
			}
		}
	}
	return path.Join(goroot, "src", file)
}
