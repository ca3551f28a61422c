package gomap

import "errors"

// Memory is bytes of a target at one moment.
type Memory interface {
	// ReadAt fills p from addr, or returns an error: [ErrUnread] where the
	// bytes were never read from the target. Who asks says what the bytes are:
	// a memory that keeps what passes through it keeps that, too.
	ReadAt(p []byte, addr uint64, as Role) error
}

// ErrUnread says that memory was not read at that moment; it draws as ??.
var ErrUnread = errors.New("not read")

// Sparse is a [Memory] that knows which of its bytes are there. Decode asks it
// to go straight to what was read: a big map of which three groups were read
// costs three reads, and not one a group.
type Sparse interface {
	Memory
	// Next is the first run of readable bytes within [addr, end), as large as
	// it can be; from == end says that there is none.
	Next(addr, end uint64) (from, to uint64)
}

// Role says what a piece of a target's memory is. It is told by who asks for
// the memory, so that nobody has to guess it from addresses and sizes.
type Role uint8

// The roles.
const (
	RoleUnknown   Role = iota
	RoleHeader         // runtime.hmap or maps.Map
	RoleDirectory      // pointers to tables
	RoleTable          // a table's header
	RoleRow            // buckets or groups: one, or many side by side
	RoleKey            // what a cell's key leads to: an indirect key, a string's bytes, what an interface holds
	RoleElem           // what a cell's elem leads to
	RoleArgument       // an op's own key where its caller has it, and what that leads to
	RoleType           // a type descriptor or an itab
	numRoles
)

var roleNames = [numRoles]string{"unknown", "header", "directory", "table", "row", "key", "elem", "argument", "type"}

// String is the role's name.
func (r Role) String() string {
	if r < numRoles {
		return roleNames[r]
	}
	return roleNames[RoleUnknown]
}

// Known reports whether the role is one of this version's.
func (r Role) Known() bool { return r < numRoles }

// As is m for reading what has the role: values in Go syntax are read the same
// way whether they are keys or elems.
func As(m Memory, role Role) Memory { return inRole{m, role} }

type inRole struct {
	m    Memory
	role Role
}

func (r inRole) ReadAt(p []byte, addr uint64, as Role) error {
	if as == RoleUnknown {
		as = r.role
	}
	return r.m.ReadAt(p, addr, as)
}
