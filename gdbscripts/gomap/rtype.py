"""Go types as the runtime describes them to itself.

A delete is handed the address of a map type's descriptor, an interface holds
that of its dynamic type. The descriptor's fields are found by name in the debug
information, in the spelling of either 1.18 (runtime._type, size, kind) or
later (internal/abi.Type, Size_, Kind_).

Kinds are numbered as reflect numbers them, which is part of Go's promise.
"""

import gdb

from . import memory
from .gotype import Type
from .memory import GomapError, struct, uint

_KINDS = (
    ["other", "bool"]
    + 5 * ["int"]  # int int8 … int64
    + 6 * ["uint"]  # uint uint8 … uint64 uintptr
    + 2 * ["float"]
    + 2 * ["complex"]
    + "array chan func interface map ptr slice string struct unsafeptr".split()
)
_KIND_MASK = 31
_FLAG_DIRECT = 32  # in Kind_ up to 1.26, in TFlag after; that bit of TFlag had no meaning before
_FLAG_EXTRA_STAR = 2  # in TFlag: the name is stored as *T, to share its bytes
_NAME_LIMIT = 512  # bytes
_FIELD_LIMIT = 256

_types = {}
_sections = []


def forget():
    _types.clear()
    del _sections[:]


def _abi(part):
    """The Struct of a descriptor: Type, MapType, StructType, ArrayType …"""
    old = {"Type": "runtime._type", "StructField": "runtime.structfield", "ITab": "runtime.itab"}
    return struct("internal/abi." + part, old.get(part, "runtime." + part.lower()))


def at(addr):
    """The Type that the descriptor at addr describes."""
    if addr in _types:
        return _types[addr]
    base = _abi("Type")
    data = base.read(addr)
    if data is None:
        raise GomapError("gomap: no type descriptor can be read at 0x%x" % addr)
    kind_byte = base.get(data, "Kind_", "kind")
    flags = base.get(data, "TFlag", "tflag")
    number = kind_byte & _KIND_MASK
    kind = _KINDS[number] if number < len(_KINDS) else "other"
    name = _name(addr, base.get(data, "Str", "str"))
    if flags & _FLAG_EXTRA_STAR and name.startswith("*"):
        name = name[1:]
    t = Type(
        kind,
        name,
        base.get(data, "Size_", "size"),
        direct=bool(kind_byte & _FLAG_DIRECT or flags & _FLAG_DIRECT),
    )
    if kind == "ptr":
        t._elem = lambda: at(_pointer(addr, "PtrType", "Elem", "elem"))
    elif kind == "slice":
        t._elem = lambda: at(_pointer(addr, "SliceType", "Elem", "elem"))
    elif kind == "array":
        t._elem = lambda: at(_pointer(addr, "ArrayType", "Elem", "elem"))
        t.length = _pointer(addr, "ArrayType", "Len", "len")
    elif kind == "struct":
        t._fields = lambda: _fields(addr)
    elif kind == "interface":
        t.kind = "iface" if _method_count(addr) else "eface"
    _types[addr] = t
    return t


def dynamic(word, has_methods):
    """The Type in an interface whose first word is word: a type's descriptor,
    or an itab's address when the interface type has methods."""
    if not has_methods:
        return at(word)
    itab = _abi("ITab")
    data = itab.read(word)
    if data is None:
        raise GomapError("gomap: no itab can be read at 0x%x" % word)
    return at(itab.get(data, "Type", "_type"))


def _pointer(addr, part, *names):
    s = _abi(part)
    data = s.read(addr)
    if data is None:
        raise GomapError("gomap: no %s can be read at 0x%x" % (s.name, addr))
    return s.get(data, *names)


def _slice(addr, part, *names):
    """(data, len) of a slice field of a descriptor."""
    s = _abi(part)
    off = s.offset(*names)
    data = s.read(addr)
    if data is None:
        raise GomapError("gomap: no %s can be read at 0x%x" % (s.name, addr))
    return uint(data[off : off + 8]), uint(data[off + 8 : off + 16])


def _method_count(addr):
    return _slice(addr, "InterfaceType", "Methods", "mhdr")[1]


def _fields(addr):
    data, n = _slice(addr, "StructType", "Fields", "fields")
    s = _abi("StructField")
    out = []
    for i in range(min(n, _FIELD_LIMIT)):
        b = s.read(data + i * s.size)
        if b is None:
            break
        if "offsetAnon" in s.fields:  # 1.18: the lowest bit says embedded
            off = s.get(b, "offsetAnon") >> 1
        else:
            off = s.get(b, "Offset", "offset")
        out.append((_text(s.get(b, "Name", "name")), off, at(s.get(b, "Typ", "typ"))))
    return out


def _name(addr, offset):
    """The type's name: offset counts from the types of the module that holds it."""
    for lo, hi in _modules():
        if lo <= addr < hi:
            return _text(lo + offset)
    return "type@0x%x" % addr  # made by reflect at run time


def _modules():
    """(start, end) of each module's types."""
    if not _sections:
        s = struct("runtime.moduledata")
        symbol = gdb.lookup_global_symbol("runtime.firstmoduledata") or gdb.lookup_static_symbol(
            "runtime.firstmoduledata"
        )
        if symbol is None:
            raise GomapError("gomap: the binary has no symbol runtime.firstmoduledata")
        addr = int(symbol.value().address)
        while addr and len(_sections) < 64:
            data = s.read(addr)
            if data is None:
                break
            _sections.append((s.get(data, "types"), s.get(data, "etypes")))
            addr = s.get(data, "next")
    return _sections


def _text(addr):
    """A name: a byte of flags, the length as a varint, the bytes."""
    head = memory.read(addr, 4)
    if head is None:
        return "?"
    n = shift = 0
    for i in range(1, 4):
        n |= (head[i] & 0x7F) << shift
        shift += 7
        if head[i] < 0x80:
            break
    b = memory.read(addr + 1 + i, min(n, _NAME_LIMIT))
    return "?" if b is None else b.decode("utf-8", "replace")
