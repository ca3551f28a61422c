"""Where things are in a map's memory, derived from the map's types.

A classic bucket and a Swiss group are both a struct of 8 cells, and that struct
is described twice in a target: in the debug information, for an expression, and
by the runtime's descriptors, for the map that a delete is handed. Both ways
come to the same Layout:

    classic       tophash[8] keys[8] elems[8] overflow      cell i: tophash[i] keys[i] elems[i]
    swiss         ctrl slots[8]{key elem}                   cell i: byte i of ctrl, slots[i]
    swiss-split   ctrl keys[8] elems[8]                     cell i: byte i of ctrl, keys[i] elems[i]
"""

from . import dwarftype, rtype
from .memory import GomapError, Struct, has_type, struct

CELLS = 8
_INDIRECT_FROM = 128  # bytes: a bigger key or elem is stored as a pointer to it


class Layout:
    """The layout of one map type."""

    def __init__(self, name, header, group, key=None, elem=None):
        """name of the map type; header: Struct; group: Type of a bucket or group;
        key, elem: Types, where they are known apart from the group's."""
        self.name = name
        self.header = header
        self.group_size = group.size
        self.overflow = None  # offset of a bucket's overflow pointer
        control = group.field("tophash", "topbits")
        if control:
            self.kind = "classic"
            self.overflow = _need(group, "overflow")[0]
        else:
            self.kind = "swiss"
            control = _need(group, "ctrl")
        self.control = control[0]
        slots = group.field("slots")
        if slots:
            off, array = slots
            slot = array.elem
            key_off, stored_key = _need(slot, "key")
            elem_off, stored_elem = _need(slot, "elem")
            self.key_at, self.elem_at = off + key_off, off + elem_off
            self.key_stride = self.elem_stride = slot.size
        else:
            if self.kind == "swiss":
                self.kind = "swiss-split"
            self.key_at, keys = _need(group, "keys")
            self.elem_at, elems = _need(group, "elems", "values")
            stored_key, stored_elem = keys.elem, elems.elem
            self.key_stride, self.elem_stride = stored_key.size, stored_elem.size
        self.key, self.indirect_key = _stored(stored_key, key, name, True)
        self.elem, self.indirect_elem = _stored(stored_elem, elem, name, False)

    @property
    def classic(self):
        return self.kind == "classic"


def _need(t, *names):
    found = t.field(*names)
    if found is None:
        raise GomapError(
            "gomap: %s has no field %s; it has %s. This Go release lays maps out in a way gomap does not know."
            % (t.name, " or ".join(names), ", ".join(f[0] for f in t.fields))
        )
    return found


def _stored(stored, declared, name, is_key):
    """The type of a key or elem, and whether the cell holds only its address."""
    if declared is not None:
        return declared, stored.kind == "ptr" and declared.size > _INDIRECT_FROM
    if stored.kind == "ptr" and stored.elem.size > _INDIRECT_FROM:
        inner = name[name.index("<") + 1 : -1] if "<" in name else ""
        target = stored.elem.name
        if inner.startswith(target + ",") if is_key else inner.endswith("," + target):
            return stored.elem, True
    return stored, False


# The type of a map type's descriptor, in the spellings of 1.24 and 1.25 (with and
# without the experiment), of all others from 1.21 on, and of those before.
DESCRIPTORS = ("internal/abi.OldMapType", "internal/abi.SwissMapType", "internal/abi.MapType", "runtime.maptype")

_by_descriptor = {}


def forget():
    _by_descriptor.clear()


def of_expression(t):
    """The Layout of a map's gdb.Type, from the debug information."""
    s = dwarftype.map_struct(t)
    if s is None:
        raise GomapError("gomap: %s is not a map" % dwarftype.name_of(t))
    header = Struct(s)
    if "buckets" in header.fields:
        group = header.type("buckets").target()
    else:
        table = Struct(header.type("dirPtr").target().target())
        groups = Struct(table.type("groups"))
        group = groups.type("data").target()
    name = t.name or ""
    lay = Layout(s.name, header, dwarftype.of(group))
    if name.startswith("map[") or (name and not name.startswith(".param")):
        lay.name = name
    else:
        lay.name = "map[%s]%s" % (lay.key.name, lay.elem.name)
    return lay


def of_descriptor(addr):
    """The Layout of the map type whose descriptor is at addr."""
    if addr in _by_descriptor:
        return _by_descriptor[addr]
    classic = has_type("runtime.hmap")
    header = struct("runtime.hmap") if classic else struct("internal/runtime/maps.Map")
    descriptor = struct(*DESCRIPTORS)
    data = descriptor.read(addr)
    if data is None:
        raise GomapError("gomap: no map type can be read at 0x%x" % addr)
    group = rtype.at(descriptor.get(data, "Group", "Bucket", "bucket"))
    key = rtype.at(descriptor.get(data, "Key", "key"))
    elem = rtype.at(descriptor.get(data, "Elem", "elem"))
    lay = Layout(rtype.at(addr).name, header, group, key, elem)
    _by_descriptor[addr] = lay
    return lay
