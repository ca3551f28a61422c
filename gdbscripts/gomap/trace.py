"""A line for each op: key, bytes changed, caller.

    7  delete(map[uint64]int@0xc000012300, 42)  found  used 13->12  table 0 group 0 cell 2 0xc000056fc2 7c->fe full->deleted  main.evict cache.go:41  goroutine 1  runtime.mapdelete_fast64

Two spaces part the fields, "; " the changes. In the place of found or absent
stands cleared, panicked, fatal or exited where that is what became of the op.
"""

from . import ops
from .memory import say
from .ops import Watch

CHANGES = 256  # changes on a line


def line(seq, op, limit=CHANGES):
    """The line that tells an op that has ended."""
    used = op.before.used or 0
    after = "?" if op.after is None else op.after.used or 0
    fields = ["%d" % seq, op.call(), result(op, used, after), "used %s->%s" % (used, after), changes(op, limit)]
    fields += [str(op.caller), "goroutine %d" % op.g.id, op.func]
    notes = op.before.notes if op.after is None else op.after.notes
    return "  ".join(fields + ["NOTE " + n for n in notes])


def result(op, used, after):
    if op.outcome != "returned":
        return op.outcome
    if op.op == "clear":
        return "cleared"
    return "found" if used != after else "absent"


def changes(op, limit):
    """The control bytes that changed, by address."""
    if op.after is None:
        return "not seen to its end"
    if not op.changes:
        return "no byte changed" if op.before.whole and op.after.whole else "no byte changed of those read"
    text = "; ".join(str(c) for c in op.changes[:limit])
    if len(op.changes) > limit:
        text += "; +%d more" % (len(op.changes) - limit)
    return text


class Trace(Watch):
    """Print each op as it ends, and let the target run on."""

    def __init__(self, std, limit, window):
        super().__init__()
        self.std = std
        self.limit = limit
        self.window = window
        self.seq = 0

    def wanted(self, asker):
        return self.std or not ops.standard(asker)

    def ended(self, op):
        self.seq += 1
        say(line(self.seq, op, self.limit))
