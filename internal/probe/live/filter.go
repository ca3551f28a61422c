package live

import (
	"fmt"
	"regexp"
	"strconv"

	"deltui/internal/gomap"
	"deltui/internal/probe"
)

// filter is a [probe.Filter] made ready. Its checks are in the order of their
// cost: the goroutine, who calls, which map, the key.
type filter struct {
	goroutine int64
	fn        *regexp.Regexp // nil matches all
	on        probe.MapName
	key       string
}

func newFilter(f probe.Filter) (out filter, err error) {
	out = filter{goroutine: f.Goroutine, key: f.Key}
	if out.on, err = probe.ParseMap(f.Map); err != nil {
		return out, fmt.Errorf("map %s: %w", f.Map, err)
	}
	if f.Func != "" {
		if out.fn, err = regexp.Compile(f.Func); err != nil {
			return out, fmt.Errorf("no regular expression: %q: %w", f.Func, err)
		}
	}
	return out, nil
}

// byGoroutine checks whose op it is.
func (f *filter) byGoroutine(id int64) bool { return f.goroutine == 0 || f.goroutine == id }

// byRegisters checks which map it is.
func (f *filter) byRegisters(addr uint64, l *gomap.Layout, m *knownMap) bool {
	on := f.on
	return (on.Addr == 0 || on.Addr == addr) &&
		(on.Type == "" || on.Type == l.Type) &&
		(on.ID == 0 || m != nil && on.ID == m.id)
}

// byStack checks who deletes.
func (f *filter) byStack(st *entryStack) bool {
	return f.fn == nil || f.fn.MatchString(st.caller.Func) || f.fn.MatchString(st.fn)
}

// byKey checks the key, in Go syntax; a string's quotes may be left out.
func (f *filter) byKey(text string) bool {
	if f.key == "" || f.key == text {
		return true
	}
	s, err := strconv.Unquote(text)
	return err == nil && s == f.key
}
