//go:build unix

package cli

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// whenUnread calls f, once, when nobody reads a pipe any more; it does nothing for
// what is no pipe. The reader may go while there is nothing to write, so that no
// write tells of it.
func whenUnread(w any, f func()) (stop func()) {
	file, ok := w.(*os.File)
	if !ok {
		return func() {}
	}
	fi, err := file.Stat()
	if err != nil || fi.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return func() {}
	}
	const again = time.Second // so that stop does not leave a thread waiting for ever
	done := make(chan struct{})
	fd := int32(file.Fd())
	go func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			fds := []unix.PollFd{{Fd: fd}} // an error is always asked for
			n, err := unix.Poll(fds, int(again/time.Millisecond))
			switch {
			case n > 0 && fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0:
				f()
				return
			case n > 0, err != nil && !errors.Is(err, unix.EINTR):
				return
			}
		}
	}()
	return func() { close(done) }
}
