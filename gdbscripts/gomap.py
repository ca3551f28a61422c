"""gomap: what delete(m, k) really does, seen from gdb 13 and later.

    (gdb) source gdbscripts/gomap.py
    (gdb) help gomap

This file only finds the package that lies beside it, `gomap/`, and loads it.
Sourcing it again loads it anew.
"""

import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
if _here not in sys.path:
    sys.path.insert(0, _here)
if "gomap.commands" in sys.modules:
    sys.modules["gomap.commands"].unload()
for _name in [n for n in sys.modules if n == "gomap" or n.startswith("gomap.")]:
    del sys.modules[_name]

import gomap.commands  # noqa: E402

gomap.commands.load()
