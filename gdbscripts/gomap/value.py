"""A key or elem in Go syntax.

Every length is bounded, a text is quoted as Go quotes it, memory that cannot
be read shows as ??, and a pointer is shown and never followed: what is at its
end is not part of the map.
"""

import math
import struct as packing

from . import memory, rtype
from .memory import GomapError, uint

STRING = 256  # bytes of a string
ITEMS = 16  # elements of an array or slice
DEPTH = 6  # of nesting
UNREAD = "??"


def show(t, data, depth=0, typed=False):
    """The value of type t whose bytes are data (None: not read). typed puts
    the type's name on a basic value too, as an interface's content needs."""
    if data is None or len(data) < t.size:
        return UNREAD
    if depth > DEPTH:
        return "…"
    text = _SHOW.get(t.kind, _other)(t, data, depth)
    if typed and t.kind in ("bool", "int", "uint", "float", "complex", "string"):
        return "%s(%s)" % (t.name, text)
    return text


def zero(data):
    return data is not None and not any(data)


def quote(b):
    """Bytes as a Go string literal, in ASCII but for printable text."""
    out = ['"']
    i = 0
    while i < len(b):
        c, n = _rune(b, i)
        if c is None:
            out.append("\\x%02x" % b[i])
        elif c in '"\\':
            out.append("\\" + c)
        elif c.isprintable():
            out.append(c)
        else:
            short = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
            code = ord(c)
            out.append(short.get(c) or ("\\x%02x" % code if code < 0x80 else memory.escape(c).replace("\\x", "\\u00")))
        i += n
    out.append('"')
    return "".join(out)


def _rune(b, i):
    """The character at b[i] and its length; None where it is not UTF-8."""
    for n in (1, 2, 3, 4):
        try:
            return b[i : i + n].decode("utf-8"), n
        except UnicodeDecodeError:
            continue
    return None, 1


def floating(b):
    """A float in Go's shortest form."""
    f = packing.unpack("<f" if len(b) == 4 else "<d", b)[0]
    if math.isnan(f):
        return "NaN"
    if math.isinf(f):
        return "+Inf" if f > 0 else "-Inf"
    if len(b) == 4:  # the shortest text that reads back as the same 32 bits
        for digits in range(1, 10):
            text = "%.*g" % (digits, f)
            if packing.pack("<f", float(text)) == b:
                break
        f = float(text)
    text = repr(f)
    return text[:-2] if text.endswith(".0") else text


def _bool(t, data, depth):
    return {0: "false", 1: "true"}.get(data[0], "bool(%d)" % data[0])


def _int(t, data, depth):
    return str(int.from_bytes(data[: t.size], "little", signed=True))


def _uint(t, data, depth):
    return str(uint(data[: t.size]))


def _float(t, data, depth):
    return floating(data[: t.size])


def _complex(t, data, depth):
    half = t.size // 2
    re, im = floating(data[:half]), floating(data[half : t.size])
    return "(%s%s%si)" % (re, "" if im[0] in "+-" else "+", im)


def _string(t, data, depth):
    ptr, n = uint(data[:8]), int.from_bytes(data[8:16], "little", signed=True)
    if n == 0:
        return '""'
    if ptr == 0:  # what a classic map leaves of a deleted string key
        return "string{nil, len %d}" % n
    if n < 0:
        return "string{0x%x, len %d}" % (ptr, n)
    b = memory.read(ptr, min(n, STRING))
    if b is None:
        return UNREAD
    return quote(b) + ("…(len %d)" % n if n > STRING else "")


def _pointer(t, data, depth):
    p = uint(data[:8])
    if p == 0:
        return "nil"
    if t.kind == "unsafeptr" and t.name == "unsafe.Pointer":
        return "unsafe.Pointer(0x%x)" % p
    return "(%s)(0x%x)" % (t.name, p)


def _slice(t, data, depth):
    ptr, n = uint(data[:8]), uint(data[8:16])
    if ptr == 0:
        return "nil"
    elem = t.elem
    shown = min(n, ITEMS)
    b = memory.read(ptr, shown * elem.size)
    return "%s{%s}" % (t.name, _items(elem, b, n, shown, depth))


def _array(t, data, depth):
    return "%s{%s}" % (t.name, _items(t.elem, data, t.length, min(t.length, ITEMS), depth))


def _items(elem, data, n, shown, depth):
    if data is None:
        return UNREAD
    texts = [show(elem, data[i * elem.size : (i + 1) * elem.size], depth + 1) for i in range(shown)]
    if n > shown:
        texts.append("…+%d" % (n - shown))
    return ", ".join(texts)


def _struct(t, data, depth):
    texts = []
    for i, (name, off, ft) in enumerate(t.fields):
        if i == ITEMS:
            texts.append("…+%d" % (len(t.fields) - ITEMS))
            break
        texts.append("%s: %s" % (name, show(ft, data[off : off + ft.size], depth + 1)))
    return "%s{%s}" % (t.name, ", ".join(texts))


def _interface(t, data, depth):
    first, second = uint(data[:8]), uint(data[8:16])
    if first == 0:
        return "nil"
    try:
        dyn = rtype.dynamic(first, t.kind == "iface")
    except GomapError:
        return "interface{0x%x, 0x%x}" % (first, second)
    content = data[8:16] if dyn.direct else memory.read(second, dyn.size)
    if dyn.size == 0:
        content = b""
    return show(dyn, content, depth + 1, typed=True)


def _other(t, data, depth):
    return "%s{%s}" % (t.name, data[:32].hex())


_SHOW = {
    "bool": _bool,
    "int": _int,
    "uint": _uint,
    "float": _float,
    "complex": _complex,
    "string": _string,
    "ptr": _pointer,
    "unsafeptr": _pointer,
    "chan": _pointer,
    "func": _pointer,
    "map": _pointer,
    "slice": _slice,
    "array": _array,
    "struct": _struct,
    "eface": _interface,
    "iface": _interface,
}
