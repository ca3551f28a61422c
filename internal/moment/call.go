package moment

import (
	"slices"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Caller is the frame whose op it is, as the source told it: the one answer to
// who did that, for filters, queries, text and screens alike. nil: not known.
func (a *Act) Caller() *trace.Frame { return caller(a.Op) }

func caller(op *trace.Op) *trace.Frame {
	if op.Caller.Func == "" {
		return nil
	}
	return &op.Caller
}

// Calls parts an op's stack at its caller:
//
//	mapdelete_faststr  maps.DeleteFunc[…]  │  main.evict  main.main
//	entry point        through             │  from
//
// through is what passed the op on, from the entry point's side: frames of maps,
// of an audit package, of whatever the source saw fit to look beyond, without
// those of the runtime. Of a package it is the outermost frame, which is what was
// called: audit.Delete, and not what it has others do within. from begins with the caller, also where the stack was cut
// before it. Where the caller is not known, from begins with the first frame that
// is not the runtime's.
func Calls(op *trace.Op) (through, from []trace.Frame) {
	stack := op.Stack
	if len(stack) > 0 {
		stack = stack[1:] // the entry point
	}
	var at int
	if c := caller(op); c == nil {
		at = slices.IndexFunc(stack, func(f trace.Frame) bool { return !f.Runtime })
		if at < 0 {
			return nil, nil
		}
	} else if at = slices.Index(stack, *c); at < 0 {
		from, at = []trace.Frame{*c}, len(stack)
	}
	for i := range stack[:at] {
		f := &stack[i]
		if f.Runtime {
			continue
		}
		pkg := packageOf(f.Func)
		if at := slices.IndexFunc(through, func(f trace.Frame) bool { return packageOf(f.Func) == pkg }); at >= 0 {
			through = through[:at]
		}
		through = append(through, *f)
	}
	if from == nil {
		from = stack[at:]
	}
	return through, from
}

// packageOf is the path of a function's package.
func packageOf(name string) string {
	name, _, _ = strings.Cut(name, "[")
	at := strings.LastIndexByte(name, '/') + 1
	pkg, _, _ := strings.Cut(name[at:], ".")
	return name[:at] + pkg
}

// ShortName is a function's name without the path of its package and its type
// arguments, which can be longer than all else on a line: maps.DeleteFunc[…], with
// dots for ….
func ShortName(name, dots string) string {
	name = untyped(name, dots)
	return name[strings.LastIndexByte(name, '/')+1:]
}

func untyped(name, dots string) string {
	var b strings.Builder
	from, depth := 0, 0
	for i := range len(name) {
		switch name[i] {
		case '[':
			if depth++; depth == 1 {
				b.WriteString(name[from:i] + "[" + dots + "]")
			}
		case ']':
			if depth--; depth == 0 {
				from = i + 1
			}
		}
	}
	if depth != 0 { // no name that Go makes
		return name
	}
	return b.String() + name[from:]
}

// CallText is an op as a line of Go, without what it assigned: m[42] = ...
func CallText(op *trace.Op) string {
	switch op.Kind {
	case gomap.Delete:
		return "delete(m, " + op.KeyText + ")"
	case gomap.Assign:
		return "m[" + op.KeyText + "] = " + Ellipsis
	case gomap.Clear:
		return "clear(m)"
	}
	return op.Kind.String()
}
