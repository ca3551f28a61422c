package probe

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"deltui/internal/gomap"
)

// filter is a Filter made ready. Its checks are in the order of their cost:
// the goroutine, who calls, which map, the key.
type filter struct {
	goroutine int64
	mapID     int
	mapAddr   uint64
	mapType   string
	fn        *regexp.Regexp
	key       string
}

func newFilter(f Filter) (filter, error) {
	out := filter{goroutine: f.Goroutine, key: f.Key}
	if err := out.setMap(f.Map); err != nil {
		return out, fmt.Errorf("map %s: %w", f.Map, err)
	}
	if f.Func != "" {
		re, err := regexp.Compile(f.Func)
		if err != nil {
			return out, fmt.Errorf("no regular expression: %q: %w", f.Func, err)
		}
		out.fn = re
	}
	return out, nil
}

var errNoMap = errors.New("no map is called so; a map is #3, 0xc000012345 or map[string]int")

// CheckMap reports what is wrong with a Filter's Map.
func CheckMap(s string) error { return new(filter).setMap(s) }

// setMap takes a map's number, address or type.
func (f *filter) setMap(s string) error {
	switch s = strings.TrimSpace(s); {
	case s == "":
	case strings.HasPrefix(s, "0x"):
		addr, err := strconv.ParseUint(s[2:], 16, 64)
		if err != nil {
			return errNoMap
		}
		f.mapAddr = addr
	case strings.HasPrefix(s, "map["):
		f.mapType = s
	default:
		id, err := strconv.Atoi(strings.TrimPrefix(s, "#"))
		if err != nil || id < 1 {
			// A named map type: main.Cache.
			if strings.HasPrefix(s, "#") || strings.ContainsAny(s, " \t") {
				return errNoMap
			}
			f.mapType = s
			break
		}
		f.mapID = id
	}
	return nil
}

// byRegisters checks which map it is.
func (f *filter) byRegisters(addr uint64, l *gomap.Layout, m *knownMap) bool {
	switch {
	case f.mapAddr != 0 && f.mapAddr != addr,
		f.mapType != "" && f.mapType != l.Type,
		f.mapID != 0 && (m == nil || f.mapID != m.id):
		return false
	}
	return true
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
