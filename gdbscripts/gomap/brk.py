"""Stop at every op's entry, with a line that says what is about to be done."""

from . import ops
from .memory import say
from .ops import Watch


class Break(Watch):
    """Ordinary breakpoints, listed and deleted as any other."""

    internal = False
    paused = False  # while one op is being stepped through, others pass

    def __init__(self, std, remember):
        super().__init__()
        self.std = std
        self.remember = remember  # called with the layout and address of each map
        self.at = None  # the op that the target last stopped in

    def wanted(self, asker):
        return not Break.paused and (self.std or not ops.standard(asker))

    def entered(self, op):
        self.at = op
        self.remember(op.layout, op.addr)
        say("about to run %s  used %s  from %s  goroutine %d" % (op.call(), op.before.used or 0, op.caller, op.g.id))
        return True
