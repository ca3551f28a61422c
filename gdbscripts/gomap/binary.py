"""What program gdb has, and whether it can be looked into at all."""

import gdb

from .memory import GomapError

_EVERY_GO = "runtime.main"  # a function of every Go program


def check():
    """Refuse a program in which nothing can be found, and say what to do."""
    if gdb.lookup_global_symbol(_EVERY_GO) or gdb.lookup_static_symbol(_EVERY_GO):
        return
    path = gdb.current_progspace().filename
    if not path:
        raise GomapError("gomap: no program is loaded; start gdb with one, or use file PROGRAM")
    if _is_go():
        raise GomapError(
            "gomap: %s is stripped: it is a Go program without debug information, so that no map can be found in it. "
            "Build it without -ldflags=-s or -w, and do not strip it; or load what is missing from such a build of the "
            "same sources: symbol-file FILE" % path
        )
    raise GomapError("gomap: %s is not a Go program" % path)


def _is_go():
    """Whether the program has what Go's linker puts into each, and strip leaves:
    the table of functions that the runtime itself reads."""
    return "gopclntab" in gdb.execute("maint info sections", to_string=True)
