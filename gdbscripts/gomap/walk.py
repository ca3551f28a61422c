"""walk(layout, addr) reads a map outside in: header, then directory and tables or
bucket arrays, then groups.
"""

from . import classic, swiss
from .map import WINDOW, Map


def walk(layout, addr, window=WINDOW):
    """The Map of that layout at addr, as far as window groups reach. A nil map
    has no header and no groups."""
    m = Map(layout, addr, window)
    if m.header is None:
        if addr != 0:
            m.notes.append("the header at 0x%x cannot be read" % addr)
        return m
    (classic if layout.classic else swiss).walk(m)
    if m.total > len(m.groups):
        m.notes.append("%d of %d groups read" % (len(m.groups), m.total))
    unread = sum(1 for g in m.groups if g.data is None)
    if unread:
        m.notes.append("%d groups cannot be read" % unread)
    return m
