// Package packages finds what could be watched in the module that one stands in:
// its programs, and its packages with tests, by the calls of delete and clear
// that their own source has.
//
//	directory ──► module's root ──► every package, parsed ──► targets
//
// It reads source files with go/parser and runs no command, so that it answers
// while a key is held down; what is beneath vendor, testdata, another go.mod, or
// a directory whose name begins with . or _ is not the module's. Without types
// it cannot tell a clear of a slice from that of a map, nor a function of one's
// own called delete: its counts order a list, and prove nothing.
package packages
