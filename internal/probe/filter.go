package probe

import (
	"errors"
	"strconv"
	"strings"
)

// Filter hides ops before anything is read of their maps. Zero fields match
// all. A hidden op still costs its stop.
type Filter struct {
	Map       string // as ParseMap reads it
	Key       string // Go syntax; a string key also without quotes
	Func      string // regular expression, matched against the caller and the entry point
	Goroutine int64
}

// MapName says which maps are meant: one field is set, or none, which means all.
type MapName struct {
	ID   int    // its number on the timeline
	Addr uint64 // its header's address
	Type string // map[string]int, or a named type: main.Cache
}

// ErrNoMap says that a text names no map.
var ErrNoMap = errors.New("no map is called so; a map is #3, 0xc000012345 or map[string]int")

// ParseMap reads what a map is called by: #3 or 3, 0xc000012345, map[string]int
// or main.Cache; "" means all. The error is [ErrNoMap].
func ParseMap(s string) (MapName, error) {
	switch s = strings.TrimSpace(s); {
	case s == "":
		return MapName{}, nil
	case strings.HasPrefix(s, "0x"):
		addr, err := strconv.ParseUint(s[2:], 16, 64)
		if err != nil {
			return MapName{}, ErrNoMap
		}
		return MapName{Addr: addr}, nil
	case strings.HasPrefix(s, "map["):
		return MapName{Type: s}, nil
	}
	id, err := strconv.Atoi(strings.TrimPrefix(s, "#"))
	if err == nil && id >= 1 {
		return MapName{ID: id}, nil
	}
	if strings.HasPrefix(s, "#") || strings.ContainsAny(s, " \t") {
		return MapName{}, ErrNoMap
	}
	return MapName{Type: s}, nil
}
