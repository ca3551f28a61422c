package claims

// chapter3: go:linkname.
var chapter3 = []Claim{
	{ID: "3.1a", Says: "go:linkname binds a Go declaration to another symbol at link time; the target must come from assembly or cgo and be declared in the same package.", Parts: []Part{
		{Says: "a declaration bound to `runtime.mapdelete` deletes", Measure: links("pull"), Holds: Always},
		{Says: "its target has to be assembly (by the line table, this one is Go)", Measure: not(all(links("pull"), fact("mapdelete.is.go"))), Holds: Never},
		{Says: "its target has to be in the same package (by the symbol table, this one is in `runtime`)", Measure: not(all(links("pull"), symbol("runtime.mapdelete"))), Holds: Never},
	}},
	{ID: "3.1b", Says: "`-gcflags=-l` breaks (or, elsewhere in the article, is needed for) such a binding.", Parts: []Part{
		{Says: "it breaks with `-gcflags=-l`", Measure: not(links("pull", "-gcflags=-l")), Holds: Never},
		{Says: "it does not work without", Measure: not(links("pull")), Holds: Never},
	}},
	{ID: "3.2a", Says: "mapdelete_* are not exported; 1.18: visible and resolvable; 1.21: only in some builds; 1.23: gone from the symbol table, fully inlined.", Parts: []Part{
		{Says: "a program can bind to `runtime.mapdelete_fast64`", Measure: links("pull64"), Holds: Until(23)},
		{Says: "it depends on the build whether it can (with `-gcflags=-l`, with `-gcflags='-N -l'`, without)", Measure: differs(links("pull64"), links("pull64", "-gcflags=-l"), links("pull64", "-gcflags=-N -l")), Holds: Never},
		{Says: "it is not in the symbol table of a program that deletes", Measure: not(symbol(fast64)), Holds: Never},
		{Says: "`delete(m, k)` is compiled to something else than a call of it, as if it were inlined", Measure: not(calls("dUint64", fast64)), Holds: Never},
		{Says: "the linker refuses the binding, by name", Measure: refused("pull64", `invalid reference to runtime\.mapdelete_fast64`), Holds: Since(24), Role: Note},
		{Says: "with `-ldflags=-checklinkname=0` it does not", Measure: links("pull64", "-ldflags=-checklinkname=0"), Holds: Since(23), Role: Note},
		{Says: "a program can define it anew", Measure: not(refused("hijack", `duplicated definition of symbol runtime\.mapdelete_fast64`)), Holds: Never, Role: Note},
	}},
	{ID: "3.2b", Says: "In 1.23 mapdelete_fast64 became mapdelete_fast64_2 and its arguments lost the map type.", Parts: []Part{
		{Says: "there is a `mapdelete_fast64_2` (in the source, or the binary)", Measure: some(source("mapdelete_fast64_2", "runtime", "internal", "cmd/compile/internal"), symbol("runtime.mapdelete_fast64_2")), Holds: Never},
		{Says: "`mapdelete_fast64`'s first parameter is not the map's type (from the debug information)", Measure: not(parameters(fast64, mapType, headerType, "uint64")), Holds: Never},
	}},
	{ID: "3.3a", Says: "unsafe.Pointer → uintptr → offset → unsafe.Pointer is how a hijack calls such a function; it panics if the signature differs or the symbol was inlined away.", Parts: []Part{
		{Says: "calling it takes more than a declaration and two words of an interface", Measure: not(fact("pull.mapdelete.works")), Holds: Never},
		{Says: "a call with a wrong signature panics (one argument too many was tried)", Measure: fact("wrong.signature.panics"), Holds: Never},
		{Says: "a symbol that is not there is found out by a panic", Measure: not(refused("gone", `relocation target runtime\.mapdelete_fast64_2 not defined`)), Holds: Never},
	}},
}
