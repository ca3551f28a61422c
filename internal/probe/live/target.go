package live

import (
	"deltui/dlvclient"
	"deltui/internal/debuginfo"
)

// Target is a process to be watched, with what whoever came by it knows.
type Target struct {
	Process *dlvclient.Process // stopped
	File    *debuginfo.File    // of the program that it runs
	Name    string             // as the user named it
	Args    []string

	// Parting is what letting go does.
	Parting Parting
	// Console is the target's input and output, where they are ours; else nil.
	Console Console
	// Release frees what was made for the target, File among it. It is called
	// once, when the process is gone or runs on without us. It may be nil.
	Release func()
}

// Parting is a way to end the watching of a target that has not ended.
type Parting uint8

// The ways to part.
const (
	Kill   Parting = iota + 1 // for what was launched to be watched
	Detach                    // for what ran before: it runs on
)

// Console carries the target's input and output.
type Console interface {
	// Start hands on what the target prints until it is gone; stream 1 is stdout,
	// 2 is stderr.
	Start(output func(stream int, b []byte))
	// Write gives bytes to the target's input, and Resize tells its terminal its
	// size. Neither waits for the target.
	Write(b []byte)
	Resize(cols, rows int)
	// Drain waits, but not for long, until what the target printed last was handed
	// on.
	Drain()
}
