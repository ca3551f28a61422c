"""Line by line inside one op, with what each line changed.

The runtime is compiled optimised, so gdb's own `step` jumps about in it and hides
which line wrote what. This goes instruction by instruction and reads the map
whenever the line changes: what differs was written by the line just left.

A call of anything that is not itself delete's or clear's code (hashing, comparing,
clearing memory, evacuating) runs to its return; its writes count as the line's
that called it.
"""

import linecache
import re

import gdb

from . import brk, diff, memory, ops, trace
from .memory import GomapError, say

# The functions whose lines are shown: the ops, and what they are made of.
_SHOWN = re.compile(r"^(runtime|reflect)\.map(delete|clear)\w*$|^internal/runtime/maps\.\(\*(Map|table)\)\.(Delete|Clear|deleteSmall|clear\w*)$")
_INSTRUCTIONS = 200000  # of one line


class _Returned(gdb.Breakpoint):
    """Stops when the goroutine is back from a call, on whatever thread and stack."""

    def __init__(self, pc, g, depth):
        super().__init__("*0x%x" % pc, internal=True)
        self.silent = True
        self.key = (g.addr, depth)

    def stop(self):
        frame = gdb.newest_frame()
        g = ops.Goroutine(frame)
        return (g.addr, g.hi - _sp(frame)) == self.key


def _sp(frame):
    return int(frame.read_register("sp")) & (1 << 64) - 1


class Stepper:
    """Walks through one op."""

    def __init__(self, op):
        self.op = op
        self.map = op.before
        self.done = False

    def step(self, ahead):
        """Run the current line and print it; ahead: also print the next one."""
        line, texts = self._visible_line()
        say(_source(line))
        for text in texts:
            say("      " + text)
        g = self._goroutine()
        if self.done:
            self.op.end("returned", g)
            say("returned: " + trace.line(1, self.op).split("  ", 1)[1])
        elif ahead:
            say("next: " + _source(_position()))

    def _visible_line(self):
        """Run to the end of the next line worth showing: one that changed
        something, or one that the line table has begin here. Optimised code goes
        through scraps of many others on its way."""
        while True:
            line, begins = _position(), _begins()
            brk.Break.paused = True
            try:
                self._line(line)
            finally:
                brk.Break.paused = False
            m = self.op.now(self._goroutine())
            texts = diff.all(self.map, m)
            self.map = m
            if texts or begins or self.done:
                return line, texts

    def _goroutine(self):
        return ops.Goroutine(gdb.newest_frame())

    def _line(self, start):
        """Run until another line begins, or the op has returned."""
        for _ in range(_INSTRUCTIONS):
            self._instruction()
            frame = gdb.newest_frame()
            g = ops.Goroutine(frame)
            if g.hi - _sp(frame) <= self.op.depth:
                self.done = True
                return
            line = _position()
            if line[2] > 0 and line != start:
                return
        raise GomapError("gomap: %d instructions and still on one line" % _INSTRUCTIONS)

    def _instruction(self):
        """Run one instruction; a call of other code, to its return."""
        frame = gdb.newest_frame()
        g, sp = ops.Goroutine(frame), _sp(frame)
        _quiet("stepi")
        frame = gdb.newest_frame()
        if _sp(frame) != sp - 8 or _physical(frame) is None or _SHOWN.match(_physical(frame).name() or ""):
            return
        back = memory.word(_sp(frame))
        if back is None or not _SHOWN.match(_function(back)):
            return  # a push, not a call
        point = _Returned(back, g, g.hi - sp)
        try:
            _quiet("continue")
        finally:
            point.delete()
        if gdb.selected_inferior().pid == 0:
            raise GomapError("gomap: the program ended inside the op")
        if gdb.newest_frame().pc() != back:
            raise GomapError("gomap: the target stopped elsewhere (%s); the op is left" % gdb.newest_frame().name())


def _quiet(command):
    """Run a command without what gdb says about threads and lines."""
    before = gdb.parameter("suppress-cli-notifications")
    gdb.execute("set suppress-cli-notifications on")
    try:
        gdb.execute(command, False, True)
    finally:
        gdb.execute("set suppress-cli-notifications " + ("on" if before else "off"))


def _function(pc):
    s = gdb.selected_inferior().progspace.block_for_pc(pc)
    while s is not None and (s.function is None or s.superblock is not None and s.superblock.function is not None):
        s = s.superblock
    return s.function.name if s is not None else ""


def _physical(frame):
    """The frame of the function that was really called, past inlined ones."""
    while frame is not None and frame.type() == gdb.INLINE_FRAME:
        frame = frame.older()
    return frame


def _position():
    """(function, file, line) of the innermost function that is shown: of what is
    inlined into it, a helper's line counts as the line that uses it."""
    f = gdb.newest_frame()
    while f.type() == gdb.INLINE_FRAME and not _SHOWN.match(f.name() or ""):
        f = f.older()
    sal = f.find_sal()
    return f.name() or "?", sal.symtab.fullname() if sal.symtab else "?", sal.line


def _begins():
    """Whether the line table has a line begin at the current instruction."""
    pc = gdb.newest_frame().pc()
    return gdb.find_pc_line(pc).pc == pc


def _source(position):
    _, file, line = position
    text = linecache.getline(file, line).strip() if line else ""
    return "%s:%d  %s" % (file.rsplit("/", 1)[-1], line, text)
