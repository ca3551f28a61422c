package debuginfo

import (
	"strconv"
	"strings"
)

// unescape undoes what the linker does to a dot in the last part of an import
// path: gopkg.in/yaml%2ev3.
func unescape(pkg string) string {
	for i := 0; ; {
		j := strings.IndexByte(pkg[i:], '%')
		if j < 0 || i+j+3 > len(pkg) {
			return pkg
		}
		i += j
		if c, err := strconv.ParseUint(pkg[i+1:i+3], 16, 8); err == nil {
			pkg = pkg[:i] + string(rune(c)) + pkg[i+3:]
		}
		i++
	}
}
