package live

import (
	"regexp"
	"strconv"

	"deltui/internal/gomap"
)

var (
	// The runtime's own errors that are strings: what they say is the string.
	stringError = regexp.MustCompile(`^runtime\.\w+\((".*")\)$`)
	// Since Go 1.25 the error of an unhashable key holds the type.
	unhashable = regexp.MustCompile(`^internal/runtime/maps\.unhashableTypeError\{typ:\(\*internal/abi\.Type\)\((0x[0-9a-f]+)\)\}$`)
)

// panicText says what a panic's value says, where the runtime itself panicked;
// any other value stays in Go syntax.
func panicText(value string, types gomap.Types) string {
	if m := stringError.FindStringSubmatch(value); m != nil {
		if s, err := strconv.Unquote(m[1]); err == nil {
			return s
		}
	}
	if m := unhashable.FindStringSubmatch(value); m != nil {
		if addr, err := strconv.ParseUint(m[1], 0, 64); err == nil {
			if t := types.TypeAt(addr); t != nil {
				return "hash of unhashable type: " + t.Name
			}
		}
	}
	return value
}
