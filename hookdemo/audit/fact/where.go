package fact

import (
	"runtime"
	"strconv"
	"strings"
)

// Where is the place that a delete was made at.
type Where struct {
	Func  string // the caller's full name
	File  string
	Line  int
	Depth int    // frames from the goroutine's root to the caller, both counted
	Entry string // the first frame of the runtime that the caller called, "" if none
}

// Caller looks, in the calling stack, for the first function whose name begins
// with from, and returns the first frame from there on that is not in one of the
// packages; a package is named with a final dot. An empty from is the top.
func Caller(from string, packages []string) Where {
	return Resolve(Stack(1), from, packages)
}

// Stack returns the program counters of the calling stack, without skip callers
// of Stack itself, whole. That is the smaller part of what Caller takes.
func Stack(skip int) []uintptr {
	pcs := make([]uintptr, 32)
	n := runtime.Callers(skip+2, pcs)
	for n == len(pcs) {
		pcs = make([]uintptr, 4*len(pcs))
		n = runtime.Callers(skip+2, pcs)
	}
	return pcs[:n]
}

// Resolve is Caller for a Stack.
func Resolve(pcs []uintptr, from string, packages []string) (w Where) {
	frames := runtime.CallersFrames(pcs)
	for more := len(pcs) > 0; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if from != "" {
			if !strings.HasPrefix(f.Function, from) {
				continue
			}
			from = ""
		}
		if w.Func == "" && in(f.Function, packages) {
			if strings.HasPrefix(f.Function, "runtime.map") || strings.HasPrefix(f.Function, "internal/runtime/maps.runtime_map") {
				w.Entry = f.Function
			}
			continue
		}
		if w.Func == "" {
			w.Func, w.File, w.Line = f.Function, f.File, f.Line
		}
		if f.Function != "runtime.goexit" {
			w.Depth++
		}
	}
	return w
}

// Package returns the import path in a function's full name, with _test for the
// package of an external test. A program's own is called main.
func Package(function string) string {
	if i := strings.IndexByte(function, '['); i >= 0 { // type arguments have dots and slashes
		function = function[:i]
	}
	last := strings.LastIndexByte(function, '/') + 1
	if i := strings.IndexByte(function[last:], '.'); i >= 0 {
		function = function[:last+i]
	}
	// A dot in the last element is written so, to be told from the one after it.
	return strings.Replace(function, "%2e", ".", -1)
}

func in(function string, packages []string) bool {
	for _, p := range packages {
		if strings.HasPrefix(function, p) {
			return true
		}
	}
	return false
}

// Goroutine returns the goroutine's id, from the first line of its traceback.
// That takes microseconds; nothing else in Go tells it.
func Goroutine() int64 {
	var buf [40]byte
	line := strings.TrimPrefix(string(buf[:runtime.Stack(buf[:], false)]), "goroutine ")
	if i := strings.IndexByte(line, ' '); i > 0 {
		line = line[:i]
	}
	id, _ := strconv.ParseInt(line, 10, 64)
	return id
}
