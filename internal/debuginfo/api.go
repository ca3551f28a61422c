package debuginfo

import (
	"errors"

	"deltui/internal/gomap"
)

// Reason classifies why a file cannot be watched.
type Reason string

// The reasons that [Open] refuses a file.
const (
	NotFound  Reason = "no such file"
	NotELF    Reason = "not an executable"
	NotGo     Reason = "not a Go program"
	Stripped  Reason = "no debug information"
	WrongArch Reason = "another architecture"
	Malformed Reason = "malformed"
	Unknown   Reason = "unknown map layout" // fields wanted and not found are listed
	Library   Reason = "a shared library"
)

// ErrNoType says that the file does not describe a type.
var ErrNoType = errors.New("no such type in the debug information")

// Error is a file that cannot be watched: what happened, why, what to do.
type Error struct {
	Path   string
	Reason Reason
	Detail string
	Advice string
}

// EntryPoint is a function of the runtime through which maps are changed.
type EntryPoint struct {
	Name string // runtime.mapdelete_fast64
	Op   gomap.OpKind
	// Entry is the function's first address, Stop the first after its
	// prologue (the prologue runs again after the stack has grown), Returns
	// the address of each RET. All are link-time addresses.
	Entry   uint64
	End     uint64
	Stop    uint64
	Returns []uint64
	// Exits is the address of each jump out of the function (a tail call),
	// which ends it like a RET. Go makes none today.
	Exits []uint64
	File  string
	Line  int
	// MapType, Map and Key are where the arguments are at Stop. Key is the
	// key's value for the fast entry points, and a pointer to it (KeyByAddr)
	// for the others; a clear has none.
	MapType   Loc
	Map       Loc
	Key       []Loc
	KeyByAddr bool
	// ArgsByABI: DWARF does not say where the arguments are at Stop, so they
	// are where Go's register ABI puts them.
	ArgsByABI bool
}

// Loc is where a machine word of an argument is.
type Loc struct {
	Reg   int    // DWARF register number, or -1: in memory
	CFA   int64  // in memory: offset from the canonical frame address
	Size  uint64 // bytes used of the word
	Known bool
}

// CallSite is a call of an entry point in the target's code.
type CallSite struct {
	Func string // the caller
	File string
	Line int
	PC   uint64
	Call string // runtime.mapdelete_fast64
}
