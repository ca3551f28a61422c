"""A Go type, whatever described it.

Two describers know the types of a target. The debug information (dwarftype)
knows the type of an expression; the runtime's descriptors (rtype) are what a
delete is handed, and what an interface holds. Both come out as a Type, so that
layouts and values are told by one piece of code.
"""

# The kinds that gomap tells apart; a name type's kind is that of what it names.
BASIC = ("bool", "int", "uint", "float", "complex", "string")
POINTERS = ("ptr", "unsafeptr", "chan", "func", "map")


class Type:
    """One type. elem, fields and more are asked for when needed: types recur."""

    def __init__(self, kind, name, size, elem=None, fields=None, length=0, direct=False):
        self.kind = kind  # one of BASIC, POINTERS, slice array struct eface iface other
        self.name = name
        self.size = size  # bytes
        self.length = length  # of an array
        self.direct = direct  # an interface holds the value itself, not its address
        self._elem = elem  # function
        self._fields = fields  # function

    @property
    def elem(self):
        """What a ptr points to, and what an array or slice is made of."""
        return self._elem() if self._elem else None

    @property
    def fields(self):
        """(name, offset, Type) of each field of a struct."""
        return self._fields() if self._fields else []

    def field(self, *names):
        """(offset, Type) of the first of names that is a field, or None."""
        for name, off, t in self.fields:
            if name in names:
                return off, t
        return None
