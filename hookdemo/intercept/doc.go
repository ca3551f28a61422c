// Package intercept builds an unchanged program so that each of its deletes is
// audited: also those of its dependencies, of the standard library, and of
// reflect.
//
// The compiler turns delete(m, k) into a call of the runtime, and the runtime is
// compiled from source with every program. So the source is where the hook goes:
//
//	               Swiss maps, Go 1.24 … 1.27              classic maps, Go 1.22, 1.23
//
//	delete(m, k)   mapdelete  mapdelete_fast32/64/str      mapdelete  _fast32/64/str
//	                    │        │        │ nil or empty        │       │
//	                    │        │        └─► hook              ▼       ▼
//	                    ▼        ▼                         ┌──────────────────┐
//	               ┌────────────────────┐                  │ wrapper ─► hook  │
//	               │ (*Map).Delete      │                  │  └► the original │
//	               │  wrapper ─► hook   │                  └──────────────────┘
//	               │   └► the original  │
//	               └────────────────────┘
//	clear(m)       (*Map).Clear, likewise                  mapclear, likewise
//
// The hook is called when the original has returned (or panics) and the map can
// be used again. It lives in the program's main package, or in each package's
// test, where a generated file puts it (see package recorder); a push and a pull
// linkname connect the two.
//
// # Words
//
// A patch is the new text of the runtime's map sources, made from those of the
// toolchain at hand: the functions are found by name in the parsed source, and
// what is not as expected is refused, never guessed. A plan is everything that
// one build needs: the patch, the generated file, and by which means the go
// command is made to use them.
//
//	overlay    go build -overlay: files of the runtime are replaced by name.
//	           Go 1.25 and later refuse this below GOMODCACHE, where the
//	           toolchains that the go command has fetched itself are.
//	toolexec   go build -toolexec hookdemo: hookdemo runs the compiler and swaps
//	           the runtime's files in its arguments. Works everywhere. Its own
//	           version is part of the compiler's, so that the build cache keeps
//	           patched packages apart from others.
//
// A run is what one call of hookdemo ran, or one process of a program that was
// built and started otherwise; each record has its id. Deletes that the standard
// library makes for itself are left out unless Options.Std says otherwise, by the
// same rule as deltui's: the caller is the first function that is not of runtime,
// reflect or maps. Which import paths are of the standard library is asked of the
// go command when the program is built.
//
// # What it never does
//
// It changes no file of the program or of the toolchain. It does not see deletes
// made while packages are initialised before main's own variables are; they are
// counted, and the count is in the log. It does not audit the entries of a map
// that is cleared one by one, neither by clear nor by a range loop that the
// compiler recognises as one: the runtime does not either. Each is one record.
package intercept
