package auditlog

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// FlushOn closes the log when the process gets one of the signals (none given:
// SIGTERM and SIGINT), within the time given, and then lets the signal do what
// it does to a program that does not catch it. It returns a function that ends
// this. What could not be written is told to failed, which may be nil.
func (l *Log) FlushOn(within time.Duration, failed func(error), sigs ...os.Signal) (stop func()) {
	if len(sigs) == 0 {
		sigs = []os.Signal{syscall.SIGTERM, os.Interrupt}
	}
	ch, quit := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(ch, sigs...)
	go func() {
		select {
		case sig := <-ch:
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
		case <-quit:
		}
	}()
	return func() {
		signal.Stop(ch)
		close(quit)
	}
}
