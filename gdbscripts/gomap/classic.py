"""Classic maps (Go up to 1.23, and 1.24 and 1.25 with GOEXPERIMENT=noswissmap).

    hmap.buckets    ->  2^B buckets, each with a chain of overflow buckets
    hmap.oldbuckets ->  while the map grows: the former array, which inserts and
                        deletes evacuate bucket by bucket

The 8 bytes of tophash are the control bytes: 0 emptyRest (this cell is empty, and
so is all that follows in the chain), 1 emptyOne, 2 to 4 evacuated, from 5 on full.
A deleted key may still lie in its cell: only tophash says that the cell is empty.
"""

from . import memory

WRITING = 4  # in hmap.flags
_SAME_SIZE_GROW = 8  # in hmap.flags
_MAX_B = 40


def walk(m):
    """Read the buckets of m."""
    b = m.field("B")
    if b > _MAX_B:
        m.notes.append("B=%d: this is no map, or it was read while being made" % b)
        return
    old = m.field("oldbuckets")
    if old:
        n = 1 << b if m.field("flags") & _SAME_SIZE_GROW else max((1 << b) >> 1, 1)
        _array(m, "old bucket %d", old, n)
    buckets = m.field("buckets")
    if buckets:
        _array(m, "bucket %d", buckets, 1 << b)


def _array(m, where, addr, n):
    for i, at, data in m.array(addr, n):
        if m.add(where % i, at, data):
            _chain(m, where % i, data)


def _chain(m, where, data):
    """The overflow buckets behind a bucket of the array."""
    seen = set()
    while data is not None:
        at = memory.uint(data[m.layout.overflow : m.layout.overflow + 8])
        if at == 0:
            return
        if at in seen:
            m.notes.append("%s: its overflow buckets go round in a loop" % where)
            return
        seen.add(at)
        data = memory.read(at, m.layout.group_size)
        if not m.add("%s overflow %d" % (where, len(seen)), at, data):
            return


def evacuated(group):
    """Whether the bucket's entries have moved to the new array."""
    c = group.control
    return c is not None and 1 < c[0] < 5


def vitals(m):
    """(name, text) pairs that sum the map up."""
    n = 1 << m.field("B")
    live = [g for g in m.groups if not (g.where.startswith("old") and evacuated(g))]
    old = sum(1 for g in m.groups if g.where.startswith("old") and "overflow" not in g.where)
    states = [s for g in live for s in g.states()]
    out = [
        ("used", m.used),
        ("buckets", n),
        ("overflow", sum(1 for g in m.groups if "overflow" in g.where)),
        ("full", states.count("full")),
        ("emptyOne", states.count("emptyOne")),
        ("emptyRest", states.count("emptyRest")),
        ("entries per bucket", "%.1f" % (m.used / n)),
    ]
    if old:
        moved = sum(1 for g in m.groups if g.where.startswith("old") and "overflow" not in g.where and evacuated(g))
        out.append(("growing", "%d of %d old buckets evacuated" % (moved, old)))
    return out
