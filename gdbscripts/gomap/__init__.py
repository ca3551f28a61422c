"""Commands for gdb that show the structure of a Go map and what delete does to it.

    commands    gomap and its four subcommands: their names, help and arguments
      binary    whether the program can be looked into
      show      one map: header, vitals, every cell with its state
      ops       delete as an op: entry points, arguments, before and after
        brk     stop at each op's entry
        trace   a line for each op
        step    line by line inside one op
    walk        reads a map: its header, then its groups, as they lie in
      classic   buckets, overflow buckets, old buckets, or in
      swiss     directory, tables, groups
      map       what was read: groups of 8 cells, states of control bytes
    layout      where things are in a map's memory, derived from its types
    value       a key or elem in Go syntax
    gotype      a Go type, whatever described it:
      dwarftype   the debug information
      rtype       the runtime's own type descriptors
    memory      bounded reads, structs by field name, and output made harmless

The words are those of the rest of deltui: a map has groups (a classic bucket
is one too) of 8 cells; a cell is a control byte, a key and an elem; the control
byte means a state. Offsets come from the target's own types, by field name: a
runtime whose fields have other names is refused, with the names wanted and found.

Nothing here writes to the target or calls a function in it.
"""
