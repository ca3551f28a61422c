package export

import (
	"strconv"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/moment"
)

// glyphs are how a control byte is shown, where it is not its hex: as on the screen.
var glyphs = map[gomap.State]string{
	gomap.Unknown: "??", gomap.EmptyRest: "··", gomap.EmptyOne: "·_", gomap.EvacuatedX: "ex", gomap.EvacuatedY: "ey", gomap.EvacuatedEmpty: "e·",
	gomap.Empty: "··", gomap.Deleted: "xx",
}

const hexDigits = "0123456789abcdef"

func glyph(s gomap.State, b byte) string {
	if g, ok := glyphs[s]; ok {
		return g
	}
	return string([]byte{hexDigits[b>>4], hexDigits[b&15]})
}

// cut shortens text to n characters.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:max(n-1, 0)]) + "…"
}

// wrap breaks text into lines of n characters at most.
func wrap(s string, n int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		word = cut(word, n)
		if line != "" && len([]rune(line))+1+len([]rune(word)) > n {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// callerOf is whose op it is, in a few words.
func callerOf(s *moment.Scene) string {
	f := s.Caller()
	if f == nil {
		return ""
	}
	at := strings.LastIndexByte(f.File, '/') + 1
	return moment.ShortName(f.Func, "…") + " " + f.File[at:] + ":" + strconv.Itoa(f.Line)
}
