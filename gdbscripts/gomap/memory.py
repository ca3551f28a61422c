"""Bounded reads of the target's memory, structs by field name, harmless output."""

import gdb

LIMIT = 1 << 24  # bytes of one read; no length that the target holds is trusted beyond it


class GomapError(gdb.GdbError):
    """An error for the user: gdb prints its text without a traceback."""

    def __init__(self, text):
        super().__init__(visible(text))


def read(addr, n):
    """The n bytes at addr, or None where they cannot be read."""
    if addr <= 0 or addr >= 1 << 64 or n < 0 or n > LIMIT:
        return None
    if n == 0:
        return b""
    try:
        return bytes(gdb.selected_inferior().read_memory(addr, n))
    except (gdb.error, OverflowError, MemoryError):
        return None


def uint(b):
    """Little-endian bytes as an unsigned number (amd64 and arm64 are both)."""
    return int.from_bytes(b, "little")


def word(addr):
    """The pointer-sized word at addr, or None."""
    b = read(addr, 8)
    return None if b is None else uint(b)


def visible(text):
    """text with everything but printable characters escaped: what a target
    holds must not be able to steer the terminal."""
    return "".join(c if c.isprintable() else escape(c) for c in text)


def escape(c):
    n = ord(c)
    if n < 0x100:
        return "\\x%02x" % n
    return "\\u%04x" % n if n < 0x10000 else "\\U%08x" % n


def say(text):
    """Print one line."""
    gdb.write(visible(text) + "\n")


class Struct:
    """A struct of the target, its fields found by name in the debug information."""

    def __init__(self, t):
        t = t.strip_typedefs()
        self.name = t.name or str(t)
        self.size = t.sizeof
        self.fields = {}
        for f in t.fields():
            ft = f.type.strip_typedefs()
            self.fields[f.name] = (f.bitpos // 8, ft.sizeof, ft)

    def pick(self, *names):
        """The first of names that is a field: runtimes spell the same field
        differently. Refuses by name where there is none."""
        for n in names:
            if n in self.fields:
                return n
        raise GomapError(
            "gomap: %s has no field %s; it has %s. This Go release lays maps out in a way gomap does not know."
            % (self.name, " or ".join(names), ", ".join(self.fields))
        )

    def offset(self, *names):
        return self.fields[self.pick(*names)][0]

    def type(self, *names):
        return self.fields[self.pick(*names)][2]

    def get(self, data, *names):
        """The unsigned number in the field, out of the struct's bytes."""
        return uint(self.part(data, *names))

    def part(self, data, *names):
        """The bytes of the field, out of the struct's bytes."""
        off, size, _ = self.fields[self.pick(*names)]
        return data[off : off + size]

    def read(self, addr):
        return read(addr, self.size)


_structs = {}


def forget():
    """Drop what was learnt of a binary: another one may be loaded."""
    _structs.clear()


def struct(*names):
    """The Struct of the first type among names that the binary has."""
    for n in names:
        if n in _structs:
            return _structs[n]
        try:
            _structs[n] = Struct(gdb.lookup_type(n))
            return _structs[n]
        except gdb.error:
            continue
    raise GomapError(
        "gomap: the debug information has no type %s. Is it a Go program, built without -ldflags=-w?"
        % " or ".join(names)
    )


def has_type(name):
    try:
        gdb.lookup_type(name)
        return True
    except gdb.error:
        return False
