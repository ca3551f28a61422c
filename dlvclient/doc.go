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
// # A guest
//
// It leaves alone what belongs to its host's whole process: the environment, the
// log package, standard output and error. What it hands out is the caller's.
// One thing it cannot help: while a Process is launched or runs, Delve waits for
// every child of this process, and takes the ends of those that are not its own
// (os/exec's Wait then says that there are no child processes). So a host that
// starts programs of its own does it while the Process stands still; and only
// one Process runs at a time ([ErrBusy]).
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
// the target, or change its memory but for breakpoints. It follows neither a
// process that becomes another program nor what that starts, but tells of both
// ([Stop]). It does not guard against its own death by SIGKILL: see the guard
// package for that.
//
// # Where things are
//
// process.go is what a caller sees, launch.go and end.go the ways in and out.
// child_linux.go is the target as the system knows it: started by us, so that
// Delve can be left (Delve's own launch is used elsewhere). guarded.go turns
// Delve's panics into errors, at every call; debuginfo_linux.go refuses what
// Delve would panic over where nobody can recover it. libraries.go is a way
// around a defect of Delve's that loses processes with C threads.
package dlvclient
