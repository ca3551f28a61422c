"""A map as it was read at one moment: groups of 8 cells, whatever its layout.

Reading is bounded by a window of groups; what lies beyond it, and what cannot be
read, is counted and never guessed. classic.py and swiss.py fill a Map in.
"""

from . import memory
from .layout import CELLS

WINDOW = 4096  # groups, unless more are asked for
BLOCK = 64  # groups of one read


class Group:
    """8 cells: one bucket or one group."""

    def __init__(self, layout, where, addr, data):
        self.layout = layout
        self.where = where  # "bucket 5 overflow 1", "table 0 group 3", "group 0"
        self.addr = addr
        self.data = data  # bytes, or None where they cannot be read

    @property
    def control(self):
        """The 8 control bytes, or None."""
        if self.data is None:
            return None
        at = self.layout.control
        return self.data[at : at + CELLS]

    def control_addr(self, i):
        return self.addr + self.layout.control + i

    def states(self):
        """The state of each cell, or None where it was not read."""
        c = self.control
        return [None] * CELLS if c is None else [state(self.layout.classic, b) for b in c]

    def key(self, i):
        """The key's bytes as the cell has them (maybe only its address)."""
        return self._part(self.layout.key_at + i * self.layout.key_stride, self._key_size())

    def elem(self, i):
        return self._part(self.layout.elem_at + i * self.layout.elem_stride, self._elem_size())

    def _key_size(self):
        return 8 if self.layout.indirect_key else self.layout.key.size

    def _elem_size(self):
        return 8 if self.layout.indirect_elem else self.layout.elem.size

    def _part(self, off, n):
        return None if self.data is None else self.data[off : off + n]


class Map:
    """A map as it was read at one moment."""

    def __init__(self, layout, addr, window):
        self.layout = layout
        self.addr = addr
        self.window = window
        self.header = layout.header.read(addr)  # bytes or None
        self.groups = []
        self.tables = []  # (label, addr, Struct, bytes), swiss only
        self.total = 0  # groups that there are, read or not
        self.notes = []  # what was wrong with it, or left out

    def field(self, *names):
        return self.layout.header.get(self.header, *names)

    @property
    def whole(self):
        """Whether all of its groups were read."""
        return self.total == len(self.groups) and all(g.data is not None for g in self.groups)

    @property
    def used(self):
        """The map's own count, or None where its header cannot be read."""
        return None if self.header is None else self.field("count", "used")

    def add(self, where, addr, data):
        """Take up one group; False once the window is full."""
        self.total += 1
        if len(self.groups) >= self.window:
            return False
        self.groups.append(Group(self.layout, where, addr, data))
        return True

    def array(self, addr, n):
        """(index, address, bytes) of the groups that lie one after the other
        from addr on, as far as the window reaches; the rest is counted."""
        size = self.layout.group_size
        for first in range(0, n, BLOCK):
            if len(self.groups) >= self.window:
                self.total += n - first
                return
            count = min(BLOCK, n - first)
            block = memory.read(addr + first * size, count * size)
            for i in range(count):
                data = block[i * size : (i + 1) * size] if block is not None else None
                yield first + i, addr + (first + i) * size, data

    def control_bytes(self):
        """{address: (8 bytes, where)} of all groups that could be read."""
        return {g.control_addr(0): (g.control, g.where) for g in self.groups if g.control is not None}

    def count(self, name):
        """How many cells are in a state."""
        return sum(g.states().count(name) for g in self.groups)


_CLASSIC = ("emptyRest", "emptyOne", "evacuatedX", "evacuatedY", "evacuatedEmpty")


def state(classic, b):
    """What a control byte means."""
    if classic:
        return _CLASSIC[b] if b < len(_CLASSIC) else "full"
    if b < 0x80:
        return "full"
    return {0x80: "empty", 0xFE: "deleted"}.get(b, "invalid")
