"""delete and clear as ops: where they enter, what they are handed, how they end.

The compiler calls one of four delete functions, by the key's type, and mapclear
for clear(m) (and, in optimised code, for a loop that deletes every key). reflect
has entry points of its own, which call the runtime's, or have them inlined. All
take the map type's descriptor, the header, and the key: as a value in the fast
ones, by address in mapdelete.

An op ends at one of the function's RET instructions, or in a panic, a fatal
error or the program's end. Between the two the goroutine may change its thread
and its stack may move, so an op in flight is known by its goroutine and by how
deep below the stack's upper end its frame lies: both survive.
"""

import gdb

from . import diff, layout, memory, rtype, show, value
from .map import WINDOW
from .memory import GomapError, struct
from .walk import walk

ENTRIES = {
    "runtime.mapdelete": "delete",
    "runtime.mapdelete_fast32": "delete",
    "runtime.mapdelete_fast64": "delete",
    "runtime.mapdelete_faststr": "delete",
    "runtime.mapclear": "clear",
    "reflect.mapdelete": "delete",
    "reflect.mapdelete_faststr": "delete",
    "reflect.mapclear": "clear",
}
ENDINGS = {"runtime.gopanic": "panicked", "runtime.fatal": "fatal", "runtime.throw": "fatal"}
_G = {"i386:x86-64": "r14", "aarch64": "x28"}  # the register that holds g, in Go's own code
_THROUGH = ("reflect.", "maps.", "internal/reflectlite.")  # they delete on behalf of their caller
_FRAMES = 64


def forget():
    memory.forget()
    rtype.forget()
    layout.forget()


def present():
    """The entry points that this binary has: one without a caller is not linked in."""
    return [name for name in ENTRIES if _symbol(name) is not None]


def _symbol(name):
    return gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)


def block(name):
    """The function's block: its first pc, its end, its arguments."""
    s = _symbol(name)
    return None if s is None else gdb.block_for_pc(int(s.value().address))


def returns(name):
    """The function's RET instructions, as offsets from its start: a program that
    is position independent moves when it is started."""
    b = block(name)
    code = gdb.selected_inferior().architecture().disassemble(b.start, b.end - 1)
    return [i["addr"] - b.start for i in code if i["asm"].split()[0].startswith("ret")]


def entries(name):
    """Where gdb stops at a breakpoint on the function: past its prologue, with
    the arguments still in their registers."""
    point = gdb.Breakpoint(name, internal=True)
    try:
        return [l.address for l in point.locations]
    finally:
        point.delete()


class Goroutine:
    """The goroutine that the selected thread runs."""

    def __init__(self, frame):
        reg = _G.get(frame.architecture().name())
        if reg is None:
            raise GomapError("gomap: deletes are watched on amd64 and arm64 only, this is " + frame.architecture().name())
        self.addr = int(frame.read_register(reg)) & (1 << 64) - 1
        g = struct("runtime.g")
        data = g.read(self.addr)
        if data is None:
            raise GomapError("gomap: no goroutine can be read at 0x%x" % self.addr)
        self.id = g.get(data, "goid")
        at = g.offset("stack")
        self.lo, self.hi = memory.uint(data[at : at + 8]), memory.uint(data[at + 8 : at + 16])

    def depth(self, frame):
        """How far below the stack's upper end the caller of frame goes on."""
        older = frame.older()
        if older is None:
            raise GomapError("gomap: the stack cannot be unwound")
        return self.hi - (int(older.read_register("sp")) & (1 << 64) - 1)


class Op:
    """One call of an entry point, from its before to its after."""

    def __init__(self, frame, g, depth, asker, window=WINDOW):
        """The op that is about to run: frame is at the entry of its function."""
        self.func = frame.name()
        self.op = ENTRIES[self.func]
        self.g = g
        self.depth = depth
        args = [s for s in frame.block() if s.is_argument]
        if len(args) < 2:
            raise GomapError("gomap: %s has no arguments in the debug information" % self.func)
        descriptor = _number(args[0].value(frame))
        self.addr = _number(args[1].value(frame))
        self.layout = layout.of_descriptor(descriptor)
        self.window = window
        self.before = walk(self.layout, self.addr, window)
        self.key = None
        if self.op == "delete":
            self.key = value.show(self.layout.key, _key(args[2].value(frame), self.func, self.layout.key))
        self.caller = asker
        self.outcome = None
        self.after = None
        self.changes = []

    def now(self, g):
        """The map as it is now; g is the op's goroutine as it is now."""
        return walk(self.layout, self.addr + self._moved(g), self.window)

    def _moved(self, g):
        on_stack = self.g.lo <= self.addr < self.g.hi
        return g.hi - self.g.hi if on_stack else 0

    def end(self, outcome, g=None):
        self.outcome = outcome
        if g is not None:
            self.after = self.now(g)
            self.changes = diff.controls(self.before, self.after, self._moved(g))

    def call(self):
        """delete(map[uint64]int@0xc000012300, 42)"""
        what = "%s@0x%x" % (self.layout.name, self.addr)
        return "%s(%s)" % (self.op, what if self.key is None else "%s, %s" % (what, self.key))


def _number(v):
    if v.is_optimized_out:
        raise GomapError("gomap: an argument is not where the debug information says it is")
    return int(v) & (1 << 64) - 1


def _key(v, func, t):
    """The bytes of the key that a delete was handed."""
    if v.is_optimized_out:
        return None
    if func.endswith("_faststr"):
        return b"".join(_number(v[f]).to_bytes(8, "little") for f in ("str", "len"))
    if "_fast" in func:
        return _number(v).to_bytes(8, "little")[: t.size]
    return memory.read(_number(v), t.size)


class Caller:
    """The code that asked for the op."""

    def __init__(self, name, file, line):
        self.name = name
        self.file = file  # full path, as the line table has it
        self.line = line

    def __str__(self):
        return "%s %s:%d" % (self.name, self.file.rsplit("/", 1)[-1], self.line)


def caller(frame):
    """Who called the op at frame, past the packages that only pass it on."""
    f, found = frame, None
    for _ in range(_FRAMES):
        f = f.older()
        if f is None or f.name() is None:
            break
        sal = f.find_sal()
        found = Caller(f.name(), sal.symtab.filename if sal.symtab else "?", sal.line)
        if not f.name().startswith(_THROUGH):
            break
    return found or Caller("?", "?", 0)


def standard(c):
    """Whether a Caller belongs to the standard library: its file lies where the
    runtime's do, or, when -trimpath left no such place, its path looks like it."""
    s = _symbol("runtime.gopanic")
    root = s.symtab.filename if s is not None else ""
    root = root[: -len("runtime/panic.go")] if root.endswith("/runtime/panic.go") else ""
    if root:
        return c.file.startswith(root)
    package = c.name.split("(")[0].split("[")[0]
    return not package.startswith("main.") and "." not in package.split("/")[0] and "/" in package


class Ending(gdb.Breakpoint):
    """Where an op may end: a RET of its function, or a function that never returns."""

    def __init__(self, spec, watch, outcome):
        super().__init__(spec, internal=True)
        self.silent = True
        self.watch = watch
        self.outcome = outcome

    def stop(self):
        try:
            frame = gdb.newest_frame()
            g = Goroutine(frame)
            if self.outcome == "returned":
                op = self.watch.pending.pop((g.addr, g.depth(frame)), None)
            else:
                op = self.watch.take(g.addr)
            if op is not None:
                op.end(self.outcome, g)
                self.watch.ended(op)
        except (gdb.error, GomapError) as e:
            self.watch.trouble(e)
        return False


class Entry(gdb.Breakpoint):
    """An entry point of an op."""

    def __init__(self, name, watch):
        super().__init__(name, internal=watch.internal)
        self.silent = True
        self.location_name = name
        self.watch = watch

    def stop(self):
        try:
            frame = gdb.newest_frame()
            if frame.name() != self.location_name:
                return False  # where it is inlined into another entry point
            if frame.older().name() in ENTRIES:
                return False  # reflect's entry point is the op
            g = Goroutine(frame)
            depth = g.depth(frame)
            if (g.addr, depth) in self.watch.pending:
                return False  # a signal came first, and the breakpoint is hit again
            stale = self.watch.take(g.addr)
            if stale is not None:
                stale.end("panicked")
                self.watch.ended(stale)
            asker = caller(frame)
            if not self.watch.wanted(asker):
                return False
            op = Op(frame, g, depth, asker, self.watch.window)
            self.watch.pending[(g.addr, depth)] = op
            return self.watch.entered(op)
        except (gdb.error, GomapError) as e:
            self.watch.trouble(e)
            return False


class Watch:
    """A set of breakpoints that turns the target's calls into ops. What to do
    with them is a subclass's matter."""

    window = WINDOW  # groups that are read of a map
    internal = True  # keep the breakpoints out of `info breakpoints`

    def __init__(self):
        names = present()
        if not names:
            raise GomapError("gomap: this program has no delete entry point: nothing in it deletes from a map")
        self.pending = {}  # (goroutine, depth) → Op
        self.names = names
        self.points = [Entry(n, self) for n in names]
        for n in names:
            self.points += [Ending("*'%s'+%d" % (n, off), self, "returned") for off in returns(n)]
        self.points += [Ending(n, self, how) for n, how in ENDINGS.items() if _symbol(n) is not None]
        gdb.events.exited.connect(self._exited)

    def wanted(self, asker):
        """Whether an op that this Caller asks for concerns this watch."""
        return True

    def entered(self, op):
        """An op begins. Returns whether the target is to stop there."""
        return False

    def ended(self, op):
        """An op has ended."""

    def trouble(self, e):
        memory.say("gomap: an op was not read: %s" % e)

    def take(self, g):
        """Remove and return the op that the goroutine at g has in flight."""
        for key in list(self.pending):
            if key[0] == g:
                return self.pending.pop(key)
        return None

    def _exited(self, event):
        for op in list(self.pending.values()):
            op.end("exited")
            self.ended(op)
        self.pending.clear()

    def remove(self):
        for p in self.points:
            if p.is_valid():
                p.delete()
        self.points = []
        gdb.events.exited.disconnect(self._exited)
