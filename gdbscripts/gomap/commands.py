"""The commands: their names, their help, their arguments."""

import gdb

from . import binary, brk, ops, show, step, trace, which
from .map import WINDOW
from .memory import GomapError, say

_active = {"break": None, "trace": None, "step": None}


def load():
    for c in (Gomap, Show, Break, Trace, Step):
        c()
    gdb.events.new_objfile.connect(_new_objfile)


def unload():
    """Take back what sourcing set up: gomap.py is being sourced again."""
    for name in ("break", "trace"):
        _stop(name)
    gdb.events.new_objfile.disconnect(_new_objfile)


def _new_objfile(event):
    ops.forget()
    which.forget()


def _stop(name):
    if _active[name] is not None:
        _active[name].remove()
        _active[name] = None


def _option(args, name, argument=False):
    """Take an option out of the words; its number, or whether it is there."""
    if name not in args:
        return None
    i = args.index(name)
    args.pop(i)
    if not argument:
        return True
    if i >= len(args) or not args[i].isdigit():
        raise GomapError("gomap: %s needs a number" % name)
    return int(args.pop(i))


def _no_more(args, command):
    if args:
        raise GomapError("gomap: %s does not know %s; see help gomap %s" % (command, " ".join(args), command))


class Gomap(gdb.Command):
    """Show the structure of Go maps and what delete does to it.

gomap show EXPR          a map's header, vitals and cells
gomap show ADDR [TYPE]   the same, of the header at an address
gomap break              stop at every delete (and clear) entry point
gomap trace              print a line for each delete
gomap step               run one line inside a delete, show what it changed

`help gomap show` and so on tell more. Nothing here writes to the program or
calls a function in it."""

    def __init__(self):
        super().__init__("gomap", gdb.COMMAND_DATA, prefix=True)

    def invoke(self, text, from_tty):
        gdb.execute("help gomap")


class Show(gdb.Command):
    """Show a Go map: header, vitals, and every cell with its state.

gomap show [-groups N] EXPR
gomap show [-groups N] ADDR [TYPE]
gomap show

EXPR is a variable or an expression whose type is a map: main.cache, m. A name
with a slash in it needs quotes: 'example.com/x.cache'.
ADDR is the header's address (print m, or what gomap trace shows). The type of
the map there is taken from TYPE, as in

    gomap show 0xc000012300 map[uint64]int

or, without it, from what gomap showed or stopped at there, from a delete that is
under way, or from a variable of this stack or of its packages that holds ADDR.
Without an argument it shows the map of the delete that the program stopped in.
The address of the map last shown or stopped at is kept in $gomap.

A cell is `full`, or it is not in the map, whatever lies in its memory. A classic
map's other states are emptyRest, emptyOne, evacuatedX, evacuatedY and
evacuatedEmpty; a Swiss map's are empty and deleted (a tombstone).
32 groups are listed; -groups N lists more."""

    def __init__(self):
        super().__init__("gomap show", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, text, from_tty):
        words = text.split()
        groups = show.GROUPS
        if words and words[0] == "-groups":
            n = _option(words, "-groups", True)
            groups = n if n is not None else groups
            text = text.split(None, 2)[2] if words else ""
        binary.check()
        if not text.strip():
            lay, addr = _current()
        else:
            lay, addr = which.map(text.strip())
        which.remember(lay, addr)
        show.show(lay, addr, groups)


def _current():
    """The layout and address of the map of the op that the program stopped in."""
    if _active["step"] is not None and not _active["step"].done:
        op = _active["step"].op
        return op.layout, op.addr
    op = _op_here()
    if op is None:
        raise GomapError("gomap: which map? The program is not stopped at a delete's entry")
    return op.layout, op.addr


def _op_here():
    """The op that the selected thread is at the entry of, or None."""
    try:
        frame = gdb.newest_frame()
    except gdb.error:
        return None
    name = frame.name()
    if name not in ops.ENTRIES:
        return None
    at = _active["break"].at if _active["break"] is not None else None
    if frame.pc() not in ops.entries(name):
        return None
    g = ops.Goroutine(frame)
    depth = g.depth(frame)
    if at is not None and (at.func, at.g.addr, at.depth) == (name, g.addr, depth):
        return at
    return ops.Op(frame, g, depth, ops.caller(frame))


class Break(gdb.Command):
    """Stop at every delete entry point, and say what is about to be deleted.

gomap break [-std]
gomap break off

The entry points are runtime.mapdelete, mapdelete_fast32, mapdelete_fast64 and
mapdelete_faststr, which the compiler picks from by the key's type, and
runtime.mapclear, which clear(m) calls, and optimised code in place of a loop that
deletes every key. Those that the program has get a breakpoint each.
Deletes by the standard library pass, unless -std is given."""

    def __init__(self):
        super().__init__("gomap break", gdb.COMMAND_BREAKPOINTS)

    def invoke(self, text, from_tty):
        args = text.split()
        _stop("break")
        if args == ["off"]:
            return
        std = _option(args, "-std")
        _no_more(args, "break")
        binary.check()
        _active["break"] = brk.Break(bool(std), which.remember)


class Trace(gdb.Command):
    """Print a line for each delete (and clear): key, bytes changed, caller.

gomap trace [-std] [-changes N] [-window N]
gomap trace off

Give it, then run or continue. A line is printed when the delete has returned:

  7  delete(map[uint64]int@0xc000012300, 42)  found  used 13->12  table 0 group 0 cell 2 0xc000056fc2 7c->fe full->deleted  main.evict cache.go:41  goroutine 1  runtime.mapdelete_fast64

its number; the map's type and header address, and the key; whether the key was
there (or panicked, fatal, exited, if the call did not return); the map's count
before and after; each control byte that changed, with its place, address,
values and what they mean; who called; the goroutine; the function.
At most 256 changes are printed, or -changes N. Deletes by the standard library are
left out, unless -std is given. Of a map 4096 groups (32768 cells) are read, or
-window N; a line says when there are more."""

    def __init__(self):
        super().__init__("gomap trace", gdb.COMMAND_TRACEPOINTS)

    def invoke(self, text, from_tty):
        args = text.split()
        _stop("trace")
        if args == ["off"]:
            return
        std = _option(args, "-std")
        limit = _option(args, "-changes", True)
        window = _option(args, "-window", True)
        _no_more(args, "trace")
        binary.check()
        _active["trace"] = w = trace.Trace(bool(std), limit or trace.CHANGES, window or WINDOW)
        say("tracing " + " ".join(w.names))


class Step(gdb.Command):
    """Run one line inside a delete, and show what it changed.

gomap step [N]
gomap step all

Stop at a delete first (gomap break, then run). Each step prints the line that
was run, under it what it changed in the map (header fields, table fields, control
bytes, keys, elems), and the line that comes next. `all` goes on to the return.
Hashing, comparing and evacuating run as part of the line that calls them."""

    def __init__(self):
        super().__init__("gomap step", gdb.COMMAND_RUNNING)

    def invoke(self, text, from_tty):
        args = text.split()
        count = 1
        if args == ["all"]:
            count = None
        elif args and args[0].isdigit() and len(args) == 1:
            count = int(args[0])
        else:
            _no_more(args, "step")
        binary.check()
        s = _stepper()
        while not s.done and count != 0:
            if count is not None:
                count -= 1
            s.step(ahead=count == 0)
        if s.done:
            _active["step"] = None


def _stepper():
    """The op being stepped through, or a new one at whose entry we are."""
    op = _op_here()
    if op is not None:
        which.remember(op.layout, op.addr)
        _active["step"] = step.Stepper(op)
    s = _active["step"]
    if s is None:
        raise GomapError("gomap: the program is not stopped at a delete; use gomap break, then run or continue")
    return s
