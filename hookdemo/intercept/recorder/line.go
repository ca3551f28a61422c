package recorder

import (
	"strconv"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// A line is a JSON object in the making. It is made by hand because
// encoding/json has maps and locks of its own, which deletes may be made under.
type line struct {
	buf   []byte
	comma bool
}

func (l *line) begin(op string) {
	l.buf = append(l.buf, '{')
	l.str("time", time.Now().Format(time.RFC3339Nano))
	l.str("run", run)
	l.raw("pid", pid)
	l.num("seq", atomic.AddInt64(&seq, 1))
	l.str("op", op)
}

func (l *line) end() {
	l.buf = append(l.buf, '}')
	l.comma = true
}

func (l *line) write() {
	l.end()
	l.buf = append(l.buf, '\n')
	if _, err := file.Write(l.buf); err != nil {
		complain("a delete was not recorded: " + err.Error())
	}
}

func (l *line) raw(name, value string) {
	if l.comma {
		l.buf = append(l.buf, ',')
	}
	l.buf = append(l.buf, '"')
	l.buf = append(l.buf, name...)
	l.buf = append(l.buf, '"', ':')
	l.buf = append(l.buf, value...)
	l.comma = value != "{"
}

func (l *line) num(name string, n int64) { l.raw(name, strconv.FormatInt(n, 10)) }

func (l *line) str(name, s string) {
	l.raw(name, "")
	l.buf = append(l.buf, '"')
	for _, r := range s { // bytes that are not UTF-8 become U+FFFD
		switch {
		case r == '"' || r == '\\':
			l.buf = append(l.buf, '\\', byte(r))
		case r < 0x20:
			const hex = "0123456789abcdef"
			l.buf = append(l.buf, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			var b [utf8.UTFMax]byte
			l.buf = append(l.buf, b[:utf8.EncodeRune(b[:], r)]...)
		}
	}
	l.buf = append(l.buf, '"')
}
