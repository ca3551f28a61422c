"""Swiss maps (Go from 1.24 on).

    Map.dirLen == 0:  Map.dirPtr -> one group (a small map), or nil
    otherwise:        Map.dirPtr -> dirLen pointers to tables, a table maybe several times
                      table.groups.data -> lengthMask+1 groups

The 8 bytes of ctrl are the control bytes: 0x80 empty, 0xfe deleted (a tombstone),
below 0x80 full. A small map has no tombstones. A table's label is its index, the
first place that it has in the directory.
"""

from . import memory
from .memory import Struct, struct, uint

_MAX_DIR = 1 << 20  # entries of a directory that are read
_MAX_GROUPS = 1 << 20  # of one table; the runtime's own limit is 128


def walk(m):
    """Read the tables and groups of m."""
    directory, n = m.field("dirPtr"), m.field("dirLen")
    if directory == 0:
        return
    if n == 0:
        m.add("group 0", directory, memory.read(directory, m.layout.group_size))
        return
    if n > _MAX_DIR:
        m.notes.append("dirLen=%d: only the first %d are read" % (n, _MAX_DIR))
        n = _MAX_DIR
    data = memory.read(directory, n * 8)
    if data is None:
        m.notes.append("the directory at 0x%x cannot be read" % directory)
        return
    t = struct("internal/runtime/maps.table")
    groups = Struct(t.type("groups"))
    seen = set()
    for i in range(n):
        addr = uint(data[i * 8 : i * 8 + 8])
        if addr in seen:
            continue
        seen.add(addr)
        _table(m, t, groups, i, addr)


def _table(m, t, groups, i, addr):
    data = t.read(addr)
    m.tables.append(("table %d" % i, addr, t, data))
    if data is None:
        m.notes.append("table %d at 0x%x cannot be read" % (i, addr))
        return
    inner = t.part(data, "groups")
    count = groups.get(inner, "lengthMask") + 1
    if count > _MAX_GROUPS:
        m.notes.append("table %d claims %d groups" % (i, count))
        return
    for g, at, data in m.array(groups.get(inner, "data"), count):
        m.add("table %d group %d" % (i, g), at, data)


def vitals(m):
    """(name, text) pairs that sum the map up."""
    cells = m.total * 8
    out = [("used", m.used), ("cap", cells), ("full", m.count("full")), ("empty", m.count("empty"))]
    out.append(("tombstones", m.count("deleted")))
    if m.tables:
        left = [t.get(data, "growthLeft") for _, _, t, data in m.tables if data is not None]
        out.append(("growthLeft", sum(left)))
        out.append(("tables", len(m.tables)))
    if cells:
        out.append(("load", "%d %%" % round(100 * m.used / cells)))
    return out
