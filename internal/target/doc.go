// Package target makes a runnable binary of what the user named on the command
// line.
//
// # Words
//
// A TARGET is a package directory, one or more .go files, an import path, a
// built binary, or the name of a bundled sample with an @ before it:
//
//	./prog   .   main.go   example.com/m/cmd/prog   ./a.out   @evict
//
// A source target is built as `go build` would build it in the caller's
// directory, optimised, with the caller's GOFLAGS, GOEXPERIMENT and the like:
// what is watched is what runs in production. The binary lives in a directory
// of its own below the system's temporary one, which [Binary.Remove] takes
// away; the go command's own scratch files live there too, so that nothing
// stays behind when it is killed. Should we be killed ourselves, a [Guard] that
// was told of both ends the go command and removes that directory.
//
//	Spec ──► classify ──► toolchain ──► go list ──► go build │ go test -c ──► Binary
//	            │             │             │                   │
//	            └─────────────┴── *Error ───┴── *Error ─────────┘   Event, Event, …
//
// # Directory
//
// The go command runs where the caller is, as long as the package belongs to a
// module (or workspace) of that place; else, where it would refuse, in the
// package's own directory. A test binary runs in its package's directory, as
// `go test` does it, all else where the caller is.
//
// # Errors
//
// Each failure that a user can mend is an [Error]: what happened, why, what to
// do, and what the go command said, raw. Cancelling kills the go command with
// everything that it started, and yields ctx's error.
//
// The package never runs the target, never writes to the user's directories,
// and never prints.
package target
