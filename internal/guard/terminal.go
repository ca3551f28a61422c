package guard

import (
	"encoding/binary"
	"encoding/hex"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is our user's terminal, with the modes that it had before the screen
// came on.
type terminal struct {
	in, out *os.File
	saved   *unix.Termios
}

// modesOf is a terminal's modes, to be handed to the guard: they are read before
// the screen is there to change them. They are noTerminal if f is none.
func modesOf(f *os.File) string {
	t, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	if err != nil {
		return noTerminal
	}
	b, err := binary.Append(nil, binary.LittleEndian, t)
	if err != nil {
		return noTerminal
	}
	return hex.EncodeToString(b)
}

func parseModes(s string) (*unix.Termios, bool) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, false
	}
	t := new(unix.Termios)
	n, err := binary.Decode(b, binary.LittleEndian, t)
	return t, err == nil && n == len(b)
}

// The screen's modes, taken back. The first byte ends a sequence that was cut
// off in the middle. The keyboard's modes belong to the alternate screen, so that
// they go before it does.
const leave = "\x1b\\" +
	"\x1b[?2026l" + // synchronized output
	"\x1b[>4m" + "\x1b[<u" + // modifyOtherKeys, the kitty keyboard protocol
	"\x1b[?1002l" + "\x1b[?1003l" + "\x1b[?1006l" + // the mouse
	"\x1b[?1004l" + // focus events
	"\x1b[?2004l" + // bracketed paste
	"\x1b[?2027l" + // grapheme clusters
	"\x1b]2;\a" + // the window's title
	"\x1b[0m" +
	"\x1b[?1049l" + // the alternate screen
	"\x1b[?25h\x1b[0m" // the cursor

// leaving bounds how long a terminal that takes nothing is waited for.
const leaving = 2 * time.Second

// giveBack makes the terminal what it was before the screen.
func (t *terminal) giveBack() {
	now, err := unix.IoctlGetTermios(int(t.in.Fd()), getTermios)
	if err == nil && *now == raw(*t.saved) {
		// What the mouse said meanwhile is not for the shell: it is dropped.
		_ = unix.IoctlSetTermios(int(t.in.Fd()), setTermiosFlush, t.saved)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = t.out.WriteString(leave)
	}()
	select {
	case <-done:
	case <-time.After(leaving):
	}
}

// raw is what a screen makes of a terminal's modes: cfmakeraw(3).
func raw(t unix.Termios) unix.Termios {
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cflag &^= unix.CSIZE | unix.PARENB
	t.Cflag |= unix.CS8
	t.Cc[unix.VMIN] = 1
	t.Cc[unix.VTIME] = 0
	return t
}
