package auditlog

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// FlushOn closes the log when the process gets one of the signals (none given:
// SIGTERM and SIGINT), within the time given, and then lets the signal do what
// it does to a program that does not catch it. What could not be written is
// told to failed, which may be nil.
//
// The function that it returns ends this; call it after Close. Where a signal
// has come already it does not return, for the process is about to end.
func (l *Log) FlushOn(within time.Duration, failed func(error), sigs ...os.Signal) (stop func()) {
	if len(sigs) == 0 {
		sigs = []os.Signal{syscall.SIGTERM, os.Interrupt}
	}
	ch, quit, done := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	signal.Notify(ch, sigs...)
	go func() {
		defer close(done)
		select {
		case sig := <-ch:
			l.flushAndEnd(within, failed, sig)
		case <-quit:
			select {
			case sig := <-ch: // it came before the stop
				l.flushAndEnd(within, failed, sig)
			default:
			}
		}
	}()
	var once sync.Once
	return func() {
		once.Do(func() {
			signal.Stop(ch)
			close(quit)
		})
		<-done
	}
}

// flushAndEnd ends the process.
func (l *Log) flushAndEnd(within time.Duration, failed func(error), sig os.Signal) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	if err := l.Close(ctx); err != nil && failed != nil {
		failed(err)
	}
	signal.Reset(sig)
	if p, err := os.FindProcess(os.Getpid()); err == nil && p.Signal(sig) == nil {
		time.Sleep(time.Second) // until it arrives
	}
	os.Exit(1) // where a process cannot signal itself
}
