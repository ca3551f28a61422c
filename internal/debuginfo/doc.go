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
// The package opens the one file that it is handed, and starts nothing. The
// file may be hostile: debug/elf and debug/dwarf are not hardened, so panics
// are caught and become errors. It knows nothing of Delve.
package debuginfo
