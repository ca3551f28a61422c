// Package doctor finds out what works on this machine, and what a binary has
// that watching needs: one finding a line, and for each that is not well what
// mends it.
//
// [Machine] tries what can be tried: a child is really put under ptrace, and
// the go command really asked for its version. [Binary] reads the file's debug
// information and runs nothing.
//
// The package changes nothing on the machine.
package doctor
