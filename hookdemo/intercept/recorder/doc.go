// Package recorder is the part of an interception that runs in the intercepted
// program: the runtime's patched map functions call hook, which writes one JSON
// line for each delete.
//
// It is not linked from here. Package intercept copies its source, with that of
// package fact, into the program's main package (or test), under other names.
// Hence it is in the Go of many years ago, imports the standard library alone,
// and makes no delete of its own. Each line is written by one write to a file
// opened for appending, before the delete returns to its caller: what the program
// does after, even if it crashes, loses nothing, and several processes can share
// a log.
package recorder

import "embed"

// Source is this package's Go files.
//
//go:embed recorder.go line.go filter.go user.go
var Source embed.FS
