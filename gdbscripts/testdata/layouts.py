"""Sourced by a test: at each op, hold the layout that the runtime's descriptors
give against the one that the debug information gives, and print both."""

import gdb

from gomap import layout, ops

PARTS = (
    "kind group_size control key_at key_stride elem_at elem_stride overflow indirect_key indirect_elem"
).split()


def told(lay):
    parts = ["%s=%s" % (p, getattr(lay, p)) for p in PARTS]
    parts += ["key=%s/%d" % (lay.key.kind, lay.key.size), "elem=%s/%d" % (lay.elem.kind, lay.elem.size)]
    return " ".join(parts)


class Compare(ops.Watch):
    seen = set()

    def wanted(self, asker):
        # The descriptor's name has only the last part of a package's path: enough for main.
        return not ops.standard(asker)

    def entered(self, op):
        name = op.layout.name
        if name in self.seen:
            return False
        self.seen.add(name)
        t = gdb.lookup_type(name)
        print("LAYOUT descriptor %s: %s" % (name, told(op.layout)))
        print("LAYOUT debuginfo %s: %s" % (name, told(layout.of_expression(t))))
        return False


Compare()
