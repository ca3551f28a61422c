"""Which map the user means: an expression, or an address and what lies there.

A header does not say of what type its map is. For an address alone, the type comes
from whoever is known to hold it: gomap itself, a function of the runtime that was
handed it together with the type's descriptor, or a variable.
"""

import gdb

from . import dwarftype, layout
from .memory import GomapError

_FRAMES = 64  # of the stack that are searched
_seen = {}  # header address → Layout, of the maps that were shown or stopped at


def forget():
    _seen.clear()


def remember(lay, addr):
    """Keep what type of map is at addr, and addr itself as $gomap."""
    _seen[addr] = lay
    gdb.set_convenience_variable("gomap", addr)


def map(text):
    """The Layout and header address that the user's words mean."""
    first, _, rest = text.partition(" ")
    addr = _address(first)
    if addr is not None and (rest or first == text):
        return (_layout_named(rest.strip()) if rest else _layout_at(addr)), addr
    try:
        v = gdb.parse_and_eval(text)
        if v.is_optimized_out:
            raise gdb.error("it is optimised out here; go up to where it is still held, or give its address")
    except gdb.error as e:
        s = gdb.lookup_static_symbol(text) or gdb.lookup_global_symbol(text)
        if s is None:
            raise GomapError("gomap: %s: %s" % (text, e))
        v = s.value()
    t = v.type.strip_typedefs()
    if dwarftype.map_struct(v.type) is None and t.code == gdb.TYPE_CODE_PTR and dwarftype.map_struct(t.target()):
        v = v.dereference()
    if dwarftype.map_struct(v.type) is None:
        if _may_point(t):
            return _layout_at(int(v)), int(v)
        raise GomapError("gomap: %s is a %s, not a map" % (text, dwarftype.name_of(v.type)))
    return layout.of_expression(v.type), int(v)


def _may_point(t):
    """Whether a value of that type may be a header's address: a number, an
    unsafe.Pointer, or what the runtime's own code calls a map."""
    if t.code != gdb.TYPE_CODE_PTR:
        return t.code == gdb.TYPE_CODE_INT
    target = t.target().strip_typedefs()
    return target.code == gdb.TYPE_CODE_VOID or target.name in ("runtime.hmap", "internal/runtime/maps.Map")


def _address(word):
    try:
        return int(word, 0)
    except ValueError:
        return None


def _layout_named(name):
    try:
        return layout.of_expression(gdb.lookup_type(name))
    except gdb.error:
        raise GomapError("gomap: the debug information has no type %s (spell it as `whatis` does, with full package paths)" % name)


def _layout_at(addr):
    """The layout of the map at addr, from who is known to hold it."""
    if addr in _seen:
        return _seen[addr]
    descriptor = _handed(addr)
    if descriptor is not None:
        return layout.of_descriptor(descriptor)
    for t in _holders(addr):
        return layout.of_expression(t)
    raise GomapError("gomap: nothing says what type of map is at 0x%x; give it: gomap show 0x%x map[K]V" % (addr, addr))


def _handed(addr):
    """The descriptor that a function of the runtime, on this stack, was handed
    together with the header at addr."""
    headers = ("runtime.hmap", "internal/runtime/maps.Map")
    try:
        frame = gdb.newest_frame()
    except gdb.error:
        return None
    for _ in range(_FRAMES):
        if frame is None:
            return None
        header = descriptor = None
        for s in _arguments(frame):
            t, v = s.type.strip_typedefs(), s.value(frame)
            if t.code != gdb.TYPE_CODE_PTR or v.is_optimized_out:
                continue
            name = t.target().name or ""
            if name in headers and int(v) == addr:
                header = v
            elif name in layout.DESCRIPTORS:
                descriptor = int(v)
        if header is not None and descriptor is not None:
            return descriptor
        frame = frame.older()
    return None


def _arguments(frame):
    """The symbols of the arguments of frame's function."""
    try:
        b = frame.block()
    except RuntimeError:
        return []
    while b.function is None and b.superblock is not None:
        b = b.superblock
    return [s for s in b if s.is_argument]


def _holders(addr):
    """Types of the map variables, on this stack or of packages, that hold addr."""
    try:
        frame = gdb.selected_frame()
    except gdb.error:
        return
    for _ in range(_FRAMES):
        if frame is None:
            return
        try:
            b = frame.block()
        except RuntimeError:
            b = None
        while b is not None and not b.is_static:
            for s in b:
                if (s.is_variable or s.is_argument) and dwarftype.map_struct(s.type):
                    v = s.value(frame)
                    if not v.is_optimized_out and int(v) == addr:
                        yield s.type
            b = b.superblock
        sal = frame.find_sal()
        if sal.symtab is not None:
            for b in (sal.symtab.global_block(), sal.symtab.static_block()):
                for s in b:
                    if s.is_variable and dwarftype.map_struct(s.type) and int(s.value()) == addr:
                        yield s.type
        frame = frame.older()
