// Package dlvclient runs a program under an embedded Delve: launch it, stop it
// at addresses, read its registers, stacks and memory, let go of it.
//
// There is no dlv binary and no listening socket: Delve's debugger lives in
// this process. [Process] drives it by one of two ways, with one contract that
// one test holds both to:
//
//	         ┌── Direct: the debugger's target group      (default)
//	Process ─┤
//	         └── RPC: service/rpc2 client ══ net.Pipe ══ rpc2 server
//
// RPC is what a remote Delve speaks, so whatever is done here through it can be
// done to one. Direct takes the same debugger by the hand where stops come by
// the hundred each second: it is about three times faster.
//
// # Words
//
// A stop is the whole process at rest; its hits are the threads that came to a
// breakpoint, all of them: each has to be dealt with before the process goes
// on. An address is always the process's own; [Process.Slide] turns the
// addresses of a position independent file into it.
//
// # What it never does
//
// No exported name mentions a type of Delve, whose packages make no promise
// of staying as they are. It does not evaluate expressions, call functions in
// the target, or change its memory but for breakpoints. It does not guard
// against its own death by SIGKILL: see the guard package for that.
package dlvclient
