package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// errSignal is why a session was ended by a signal.
type errSignal struct{ sig os.Signal }

func (e errSignal) Error() string { return fmt.Sprintf("%v", e.sig) }

func (e errSignal) Is(err error) bool { return err == context.Canceled }

// signals returns a context that the first signal cancels, with an [errSignal] as
// its cause. The second one ends the process at once, with our files removed and
// the exit code that a shell gives to a program that a signal has ended; a target
// that is still there goes with us, which is the guard's care, and so is the
// terminal.
//
// SIGPIPE is caught and dropped, so that a write to a closed stdout fails
// instead of killing us. It is not ignored: the target would inherit that.
func (a *App) signals(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	got := make(chan os.Signal, 2)
	pipe := make(chan os.Signal, 1)
	signal.Notify(got, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	signal.Notify(pipe, syscall.SIGPIPE)
	done := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case sig := <-got:
				if n > 0 {
					a.leave()
					os.Exit(bySignal(sig))
				}
				cancel(errSignal{sig})
			case <-done:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(got)
		signal.Stop(pipe)
		close(done)
		cancel(nil)
	}
}

// bySignal is the exit code that a shell gives to a program that sig has ended.
func bySignal(sig os.Signal) int {
	if n, ok := sig.(syscall.Signal); ok {
		return 128 + int(n)
	}
	return exitFailed
}
