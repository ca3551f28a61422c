// Package debuginfo reads from a Go binary what watching its maps needs.
//
// Everything comes from the binary itself, by the names of functions, types
// and fields, never from a table of versions: so a new Go release either works
// or is refused with the fields that were wanted and found.
//
//   - the layouts of its map types ([gomap.Layout]), by runtime type address
//   - the entry points through which maps are changed, with the places to stop
//     and where their arguments are there
//   - the delete call sites of the user's code, for a target that is quiet
//   - its Go version, experiments, modules, and where its standard library is
//
// # Where it looks
//
//	symbol table ── where functions begin, where the type descriptors are
//	code ────────── RETs, calls between entry points, call sites
//	.debug_line ─── where a prologue ends, and lines
//	.debug_loc* ─── where arguments are at a stop
//	.debug_info ─── functions, and types: each map type is a typedef
//	                map[K]V of a pointer to its header, which leads to its
//	                rows; its go_runtime_type is where its descriptor is
//	descriptors ─── types that have no more than that
//
// DWARF describes the types that variables have. A map that is only ever
// converted to an interface need not be among them (up to Go 1.23), and one
// made by reflect never is: their layouts are read from their descriptors, in
// the file or in the program's memory, by DWARF's account of the descriptor.
//
// # Why it is quick
//
// A program's debug information is large and packed, and all that is wanted of
// it is of the runtime's packages, which come first: so a section is unpacked
// only as far as it is read. Entries are found by a scanner that makes nothing
// of the ones that it passes, and only those few are read with debug/dwarf.
//
// # What it does not do
//
// The package opens the one file that it is handed, and starts nothing. The
// file may be hostile: debug/elf and debug/dwarf are not hardened, so panics
// are caught and become errors, and sizes are checked before they are believed.
// It knows nothing of Delve. All addresses are link-time addresses: to a PIE's
// the caller adds where it was loaded. Shared libraries and plugins are refused.
package debuginfo
