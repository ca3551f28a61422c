package panel

import (
	"strings"

	"deltui/internal/trace"
)

// shortType is a type's name without the package that the caller is in, as one
// writes it there: map[string]*session of map[string]*main.session. A package's
// path that is not the caller's is cut to its last element.
func shortType(name string, caller *trace.Frame) string {
	here := ""
	if caller != nil {
		here = packageOf(caller.Func)
	}
	var b strings.Builder
	for len(name) > 0 {
		n := strings.IndexFunc(name, func(r rune) bool { return !inName(r) })
		switch {
		case n == 0:
			b.WriteByte(name[0]) // what is not in a name is ASCII
			name = name[1:]
			continue
		case n < 0:
			n = len(name)
		}
		b.WriteString(shortName(name[:n], here))
		name = name[n:]
	}
	return b.String()
}

// inName reports whether a character can be in a type's name with its path.
func inName(r rune) bool {
	return !strings.ContainsRune("[]*(){},; \"<-", r)
}

func shortName(name, here string) string {
	slash := strings.LastIndexByte(name, '/')
	dot := strings.IndexByte(name[slash+1:], '.')
	if dot < 0 || strings.HasPrefix(name, "...") {
		return name
	}
	if dot += slash + 1; name[:dot] == here {
		return name[dot+1:]
	}
	return name[slash+1:]
}

// packageOf is the path of the package that a function is in.
func packageOf(fn string) string {
	slash := strings.LastIndexByte(strings.SplitN(fn, "[", 2)[0], '/')
	dot := strings.IndexByte(fn[slash+1:], '.')
	if dot < 0 {
		return ""
	}
	return fn[:slash+1+dot]
}
