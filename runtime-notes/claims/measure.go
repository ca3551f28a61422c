package claims

import (
	"debug/dwarf"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A Measure finds out whether something is so with one toolchain.
type Measure func(l *Lab) (bool, error)

// fact: the probe found it so.
func fact(name string) Measure {
	return func(l *Lab) (bool, error) { return l.Fact(name) }
}

// not turns a measure round.
func not(m Measure) Measure {
	return func(l *Lab) (bool, error) {
		v, err := m(l)
		return !v, err
	}
}

// all holds if each does.
func all(ms ...Measure) Measure {
	return func(l *Lab) (bool, error) {
		for _, m := range ms {
			if v, err := m(l); err != nil || !v {
				return false, err
			}
		}
		return true, nil
	}
}

// some holds if one does.
func some(ms ...Measure) Measure {
	return func(l *Lab) (bool, error) {
		for _, m := range ms {
			if v, err := m(l); err != nil || v {
				return v, err
			}
		}
		return false, nil
	}
}

// differs: they do not all find the same.
func differs(ms ...Measure) Measure {
	return func(l *Lab) (bool, error) {
		found := map[bool]bool{}
		for _, m := range ms {
			v, err := m(l)
			if err != nil {
				return false, err
			}
			found[v] = true
		}
		return len(found) > 1, nil
	}
}

// calls: the compiled function fn of the probe calls the runtime's function.
func calls(fn, target string) Measure {
	return listed(fn, `CALL\s+`+regexp.QuoteMeta(target)+`\(SB\)`)
}

// listed: the compiler's listing of the probe's fn matches.
func listed(fn, pattern string) Measure {
	re := regexp.MustCompile(pattern)
	return func(l *Lab) (bool, error) {
		text, err := l.Listing(fn)
		return re.MatchString(text), err
	}
}

// code: the machine code of the runtime's functions fn matches.
func code(fn, pattern string) Measure {
	re := regexp.MustCompile(pattern)
	return func(l *Lab) (bool, error) {
		text, err := l.Code(fn)
		return re.MatchString(text), err
	}
}

// symbol: the probe's binary has a symbol of that name.
func symbol(name string) Measure {
	return func(l *Lab) (bool, error) {
		names, err := l.names()
		return names[name], err
	}
}

// source: the word stands somewhere in the toolchain's source.
func source(word string, dirs ...string) Measure {
	return func(l *Lab) (bool, error) { return l.InSource(word, dirs...) }
}

// dies: the probe dies in that way and says the words.
func dies(how, words string) Measure {
	return func(l *Lab) (bool, error) {
		text, died, err := l.Dies(how)
		return died && strings.Contains(text, words), err
	}
}

// links: the small probe is built, and runs.
func links(probe string, flags ...string) Measure {
	return func(l *Lab) (bool, error) {
		out, ok, err := l.Link(probe, flags...)
		return ok && strings.Contains(out, "deleted"), err
	}
}

// refused: the linker does not build the small probe, and says the words.
func refused(probe, words string, flags ...string) Measure {
	re := regexp.MustCompile(words)
	return func(l *Lab) (bool, error) {
		out, ok, err := l.Link(probe, flags...)
		if !ok && !re.MatchString(out) {
			return false, fmt.Errorf("%s: refused, but with %q", l.tc, out)
		}
		return !ok, err
	}
}

// frameBelow: each of the functions makes room for less than n bytes.
func frameBelow(fn string, n int64) Measure {
	frame := regexp.MustCompile(`(?:SUBQ \$(-?0x[0-9a-f]+)|ADDQ \$-(0x[0-9a-f]+)), SP`)
	return func(l *Lab) (bool, error) {
		text, err := l.Code(fn)
		if err != nil {
			return false, err
		}
		for _, m := range frame.FindAllStringSubmatch(text, -1) {
			size, err := strconv.ParseInt(strings.TrimPrefix(m[1]+m[2], "-"), 0, 64)
			if err != nil || size >= n {
				return false, err
			}
		}
		return true, nil
	}
}

// parameters: the function's parameters, by the debug information, are of
// types that match, in order.
func parameters(fn string, types ...string) Measure {
	return func(l *Lab) (bool, error) {
		return l.Debug(func(r *dwarf.Reader, d *dwarf.Data) (bool, error) {
			for {
				e, err := r.Next()
				if err != nil {
					return false, err
				}
				if e == nil {
					return false, fmt.Errorf("%s: no %s in the debug information", l.tc, fn)
				}
				if e.Tag != dwarf.TagSubprogram || e.Val(dwarf.AttrName) != fn {
					continue
				}
				return parametersMatch(r, d, types)
			}
		})
	}
}

func parametersMatch(r *dwarf.Reader, d *dwarf.Data, types []string) (bool, error) {
	var got []string
	for {
		e, err := r.Next()
		if err != nil || e == nil || e.Tag == 0 {
			break
		}
		if e.Tag == dwarf.TagFormalParameter {
			if off, ok := e.Val(dwarf.AttrType).(dwarf.Offset); ok {
				t, err := d.Type(off)
				if err != nil {
					return false, err
				}
				got = append(got, t.String())
			}
		}
		if e.Children {
			r.SkipChildren()
		}
	}
	if len(got) != len(types) {
		return false, nil
	}
	for i := range types {
		if !regexp.MustCompile("^(?:" + types[i] + ")$").MatchString(got[i]) {
			return false, nil
		}
	}
	return true, nil
}

// fields: the fields of the struct type with that name, each as "name type",
// match; no fields if there is no such type.
func fields(name string, match func(names []string) bool) Measure {
	re := regexp.MustCompile("^(?:" + name + ")$")
	return func(l *Lab) (bool, error) {
		return l.Debug(func(r *dwarf.Reader, d *dwarf.Data) (bool, error) {
			for {
				e, err := r.Next()
				if err != nil {
					return false, err
				}
				if e == nil {
					return match(nil), nil
				}
				n, _ := e.Val(dwarf.AttrName).(string)
				if e.Tag != dwarf.TagStructType || !re.MatchString(n) {
					continue
				}
				t, err := d.Type(e.Offset)
				if err != nil {
					return false, err
				}
				var names []string
				for _, f := range t.(*dwarf.StructType).Field {
					names = append(names, f.Name+" "+f.Type.String())
				}
				return match(names), nil
			}
		})
	}
}
