"""Go types as the debug information has them.

gdb does not hand over the attributes that Go adds to its DWARF (kind, key,
elem), so kinds are told by structure: a string is a struct of str and len, a
map is a pointer to a struct named map<K,V> or, when classic, hash<K,V>.
"""

import gdb

from .gotype import Type

_INTS = (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_CHAR, gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_RANGE)


def name_of(t):
    """t's name in Go's spelling: gdb forgets the names of pointers."""
    if t.name:
        return t.name
    if t.code == gdb.TYPE_CODE_PTR:
        target = t.target()
        return "unsafe.Pointer" if target.code == gdb.TYPE_CODE_VOID else "*" + name_of(target)
    return str(t)


def map_struct(t):
    """The struct map<K,V> or hash<K,V> behind a map's type, or None."""
    t = t.strip_typedefs()
    if t.code != gdb.TYPE_CODE_PTR:
        return None
    s = t.target().strip_typedefs()
    if s.code == gdb.TYPE_CODE_STRUCT and (s.name or "").startswith(("map<", "hash<")):
        return s
    return None


def of(t):
    """The Type that a gdb.Type describes."""
    name, u = name_of(t), t.strip_typedefs()
    size = u.sizeof
    code = u.code
    if code == gdb.TYPE_CODE_BOOL:
        return Type("bool", name, size)
    if code in _INTS:
        return Type("int" if getattr(u, "is_signed", True) else "uint", name, size)
    if code == gdb.TYPE_CODE_FLT:
        return Type("float", name, size)
    if code == gdb.TYPE_CODE_COMPLEX:
        return Type("complex", name, size)
    if code == gdb.TYPE_CODE_ARRAY:
        lo, hi = u.range()
        return Type("array", name, size, elem=lambda: of(u.target()), length=max(hi - lo + 1, 0))
    if code == gdb.TYPE_CODE_PTR:
        return _pointer(u, name, size)
    if code == gdb.TYPE_CODE_STRUCT:
        return _struct(u, name, size)
    return Type("other", name, size)


def _pointer(u, name, size):
    target = u.target().strip_typedefs()
    if map_struct(u):
        return Type("map", name, size)
    if target.code == gdb.TYPE_CODE_VOID:
        return Type("unsafeptr", name, size)
    if target.code == gdb.TYPE_CODE_FUNC:
        return Type("func", name, size)
    if (target.name or "").startswith("hchan<"):
        return Type("chan", name, size)
    return Type("ptr", name, size, elem=lambda: of(u.target()))


def _struct(u, name, size):
    names = [f.name for f in u.fields()]
    if u.name == "runtime.eface":
        return Type("eface", name, size)
    if u.name == "runtime.iface":
        return Type("iface", name, size)
    if names == ["str", "len"]:
        return Type("string", name, size)
    if names == ["array", "len", "cap"] and (u.name or "").startswith("[]"):
        return Type("slice", name, size, elem=lambda: of(u.fields()[0].type.target()))
    return Type("struct", name, size, fields=lambda: [(f.name, f.bitpos // 8, of(f.type)) for f in u.fields()])
