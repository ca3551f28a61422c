"""One map: its header, its vitals, every cell with its state.

A deleted cell is shown as deleted, with what the runtime left lying in it. That
is where it parts from the printer that Go ships with (runtime-gdb.py), which
shows the emptyOne cells of a classic map as entries.
"""

from . import classic, memory, swiss, value
from .layout import CELLS
from .map import WINDOW
from .memory import say, uint
from .walk import walk

GROUPS = 32  # groups whose cells are listed, unless asked for more


def show(layout, addr, groups=GROUPS):
    """Print the map of that layout at addr."""
    m = walk(layout, addr, max(WINDOW, groups))
    if addr == 0:
        say("%s  nil map" % layout.name)
        return
    say("%s at 0x%x  %s" % (layout.name, addr, layout.kind))
    if m.header is not None:
        say("  header  " + header(m))
        say("  vitals  " + vitals(m))
    for note in m.notes:
        say("  NOTE    " + note)
    _mismatch(m)
    tables = list(m.tables)
    for i, g in enumerate(m.groups):
        if i == groups:
            say("  … %d more groups: gomap show -groups N" % (m.total - i))
            break
        while tables and g.where.startswith(tables[0][0] + " "):
            say("  " + table(*tables.pop(0)))
        _group(m, g)


def header(m):
    """The header's fields by name."""
    out = []
    for name, (off, size, _) in m.layout.header.fields.items():
        n = uint(m.header[off : off + size])
        out.append("%s=%s" % (name, hexed(name, n)))
    return " ".join(out)


def hexed(name, n):
    """Addresses and seeds in hex, the rest in decimal."""
    if name in ("seed", "hash0", "dirPtr", "buckets", "oldbuckets", "extra", "data", "groups"):
        return "0x%x" % n
    return str(n)


def table(label, addr, t, data):
    if data is None:
        return "%s at 0x%x  ??" % (label, addr)
    names = [n for n in t.fields if n != "groups"]
    return "%s at 0x%x  %s" % (label, addr, " ".join("%s=%d" % (n, t.get(data, n)) for n in names))


def vitals(m):
    pairs = (classic if m.layout.classic else swiss).vitals(m)
    return "  ".join("%s %s" % p for p in pairs)


def _mismatch(m):
    """Say it when the cells and the map's own count differ."""
    if m.header is None or not m.whole:
        return
    full = sum(g.states().count("full") for g in m.groups)
    if full != m.used:
        why = ": an op is under way" if writing(m) else ""
        say("  MISMATCH  the header says %d entries, the cells say %d%s" % (m.used, full, why))


def writing(m):
    """Whether the map is marked as being written to, as it is within an op."""
    return bool(m.field("flags") & classic.WRITING if m.layout.classic else m.field("writing"))


def _group(m, g):
    control = g.control
    if control is None:
        say("    %s at 0x%x  ?? ?? ?? ?? ?? ?? ?? ??" % (g.where, g.addr))
        return
    extra = "  evacuated" if m.layout.classic and classic.evacuated(g) else ""
    say("    %s at 0x%x  %s%s" % (g.where, g.addr, " ".join("%02x" % b for b in control), extra))
    states = g.states()
    for i in range(CELLS):
        text = cell(m.layout, g, i, states[i])
        if text:
            say("      cell %d  %02x %s" % (i, control[i], text))


def cell(layout, g, i, state):
    """A cell's state, and its key and elem; "" for one that was never used."""
    key, elem = g.key(i), g.elem(i)
    if state == "full":
        return "full  %s: %s" % (key_text(layout, key), elem_text(layout, elem))
    moved = state.startswith("evacuated")
    if value.zero(key) and value.zero(elem) and state in ("emptyRest", "empty", "evacuatedEmpty"):
        return ""
    text = "%s (%s)" % (state, "moved" if moved else "not in the map")
    if not value.zero(key):
        text += "  left in it: key %s" % key_text(layout, key)
    if not value.zero(elem):
        text += "%s elem %s" % ("" if "left" in text else "  left in it:", elem_text(layout, elem))
    return text


def key_text(layout, data):
    return _text(layout.key, layout.indirect_key, data)


def elem_text(layout, data):
    return _text(layout.elem, layout.indirect_elem, data)


def _text(t, indirect, data):
    if indirect and data is not None:
        p = uint(data)
        if p == 0:
            return "nil"
        data = memory.read(p, t.size)
    return value.show(t, data)
