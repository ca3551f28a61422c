// Package launch starts a program to be watched.
//
// The program is started under Delve and stands before its first instruction;
// internal/probe/live gets it, with the order to kill it when the watching ends.
// What a launched target needs beside that is here: its input and output, a
// terminal of its own or pipes, never ours, and the guard, which ends it should
// we be killed.
//
//	Config ──► guard, console, debug information, process ──► live.Target ──► probe.Source
//
// A process that was not launched by us comes by another package.
package launch
