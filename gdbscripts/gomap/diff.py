"""What differs between a map as read at one moment and as read at another."""

from . import show
from .layout import CELLS
from .map import state
from .memory import uint


class Change:
    """One control byte going from one value to another."""

    def __init__(self, addr, where, old, new, states):
        self.addr = addr
        self.where = where
        self.old = old
        self.new = new
        self.states = states

    def __str__(self):
        return "%s 0x%x %02x->%02x %s->%s" % ((self.where, self.addr, self.old, self.new) + self.states)


def controls(before, after, moved=0):
    """The Changes of the control bytes that belong to the map both before and
    after, by address. moved is how far a map on a stack went with its stack:
    such a map's groups in the old stack are looked for in the new one."""
    was, now = before.control_bytes(), after.control_bytes()
    classic = before.layout.classic
    out = []
    for addr, (old, where) in was.items():
        at = addr if addr in now else addr + moved
        if at not in now or now[at][0] == old:
            continue
        new = now[at][0]
        for i in range(CELLS):
            if old[i] != new[i]:
                states = (state(classic, old[i]), state(classic, new[i]))
                out.append(Change(at + i, "%s cell %d" % (where, i), old[i], new[i], states))
    out.sort(key=lambda c: c.addr)
    return out


def all(before, after):
    """One text for each thing that differs: header fields, table fields,
    control bytes, keys, elems, groups that came or went."""
    out = []
    if before.header is not None and after.header is not None:
        out += _fields("header", before.layout.header, before.header, after.header)
    tables = {addr: (t, data) for _, addr, t, data in after.tables}
    for label, addr, t, data in before.tables:
        if addr in tables and data is not None and tables[addr][1] is not None:
            out += _fields(label, t, data, tables[addr][1])
    out += [str(c) for c in controls(before, after)]
    groups = {g.addr: g for g in after.groups}
    for g in before.groups:
        if g.addr in groups:
            out += _cells(g, groups.pop(g.addr))
        else:
            out.append("%s at 0x%x  no longer part of the map" % (g.where, g.addr))
    out += ["%s at 0x%x  new" % (g.where, g.addr) for g in groups.values()]
    return out


def _fields(label, struct, old, new):
    out = []
    for name, (off, size, _) in struct.fields.items():
        a, b = old[off : off + size], new[off : off + size]
        if a != b and size <= 8:
            out.append("%s.%s %s->%s" % (label, name, show.hexed(name, uint(a)), show.hexed(name, uint(b))))
    return out


def _cells(old, new):
    out = []
    if old.data is None or new.data is None or old.data == new.data:
        return out
    lay = old.layout
    for i in range(CELLS):
        if old.key(i) != new.key(i):
            out.append("%s cell %d key %s->%s" % (old.where, i, show.key_text(lay, old.key(i)), show.key_text(lay, new.key(i))))
        if old.elem(i) != new.elem(i):
            out.append("%s cell %d elem %s->%s" % (old.where, i, show.elem_text(lay, old.elem(i)), show.elem_text(lay, new.elem(i))))
    if lay.overflow is not None:
        at = lay.overflow
        a, b = uint(old.data[at : at + 8]), uint(new.data[at : at + 8])
        if a != b:
            out.append("%s overflow 0x%x->0x%x" % (old.where, a, b))
    return out


