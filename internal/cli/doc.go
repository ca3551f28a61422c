// Package cli is the command line: what a user types becomes a session, and
// what goes wrong becomes one clear line and an exit code.
//
//	flags ──► target ──► debuginfo ──► file.File ◄── probe source
//	                                      │
//	                       ┌──────────────┴───────────┐
//	                 deltui trace: oplog        deltui: the screen
//
// # Streams
//
// stdout carries ops only. The target's output goes to stderr, line by line and
// with escapes made visible, or raw to the --output file; its input is ours.
// Our own words go to stderr, each line beginning with "deltui: ".
//
// # Exit codes
//
//	0  done; also when the target crashed, which is news and no error
//	1  we failed
//	2  bad usage
//
// # Signals
//
// The first SIGINT, SIGTERM, SIGHUP or SIGQUIT kills the target and ends in order,
// with exit code 0, also while the target is built or started; the second one is
// final: 128 and its number, as a shell has it. A reader of stdout that goes away
// ends us quietly, also while there is nothing to print.
//
// # What is left
//
// Nothing, however we end: what our own clean-up does not get to, internal/guard
// does, and what even that could not do the next start sweeps (internal/scratch).
// What a target leaves, processes that it has started, is named, and killed with
// --kill-children.
//
// The package decodes nothing and draws nothing. The screen and the live source
// are handed to it, so that tests can do without both.
package cli

//go:generate go test . -run ^TestManual$ -update
