// Package gdbscripts holds commands for gdb and for dlv that show what delete
// does to a Go map, without deltui.
//
// gomap.py is what gdb sources, once; the package gomap beside it does the work
// (its __init__.py tells how it is laid out). gomap.star is the same trace as a
// script for dlv. README.md says how to use them; WALKTHROUGH.md goes through one
// delete.
//
// There is no Go code here but the tests. They run gdb and dlv on programs that
// read their own maps' control bytes, and hold every byte that the scripts report
// against what the program saw; and they run the two pages, command by command.
package gdbscripts
