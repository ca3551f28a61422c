package debuginfo

import (
	"strings"

	"golang.org/x/arch/x86/x86asm"
)

// Instr is one instruction of the map runtime, as far as slow motion asks.
type Instr struct {
	Len uint64
	// Leaves: it calls something that is not of the map runtime: a hasher, the
	// allocator, a memory move. Next is then where it comes back to.
	Leaves bool
	Next   uint64
	// Writes: it may write to memory: Size bytes (0 is not known) at the sum of
	// Disp and the registers, of which Index counts Scale times.
	Writes      bool
	Base, Index int // DWARF numbers; -1 is none
	Scale, Disp int64
	Size        int
}

// Stepper says what a thread that goes through the map runtime is about to do.
type Stepper struct {
	f     *File
	known map[uint64]Instr
	// The last function that was looked up.
	fn     symbol
	inside bool
}

// Stepper returns a Stepper; ok is false on machines whose instructions are not
// known well enough.
func (f *File) Stepper() (s *Stepper, ok bool) {
	return &Stepper{f: f, known: make(map[uint64]Instr)}, f.facts.Arch == "amd64"
}

// Inside reports whether an address is in a function of the map runtime.
func (s *Stepper) Inside(pc uint64) bool {
	if s.fn.size != 0 && pc >= s.fn.addr && pc < s.fn.addr+s.fn.size {
		return s.inside
	}
	s.f.mu.Lock()
	fn, ok := s.f.funcAt(pc)
	s.f.mu.Unlock()
	if !ok {
		return false
	}
	s.fn, s.inside = fn, ofMaps(fn.name)
	return s.inside
}

// At is the instruction at an address.
func (s *Stepper) At(pc uint64) (Instr, error) {
	if in, ok := s.known[pc]; ok {
		return in, nil
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	var b [15]byte
	n := len(b)
	for s.f.c.readAt(b[:n], pc) != nil { // near the end of the code
		if n--; n == 0 {
			return Instr{}, s.f.malformed("no code at %#x", pc)
		}
	}
	in := s.f.stepOf(b[:n], pc)
	s.known[pc] = in
	return in, nil
}

func (f *File) stepOf(b []byte, pc uint64) Instr {
	in, err := x86asm.Decode(b, 64)
	if err != nil {
		// Of the vector instructions not all are known: it may write anywhere.
		return Instr{Len: 1, Writes: true, Base: -1, Index: -1}
	}
	out := Instr{Len: uint64(in.Len), Next: pc + uint64(in.Len), Base: -1, Index: -1}
	switch in.Op {
	case x86asm.CALL, x86asm.LCALL:
		out.Leaves = true
		if rel, ok := in.Args[0].(x86asm.Rel); ok {
			to := pc + out.Len + uint64(int64(rel))
			fn, ok := f.funcAt(to)
			out.Leaves = !ok || fn.addr != to || !ofMaps(fn.name)
		}
		return out
	case x86asm.CMP, x86asm.TEST, x86asm.BT, x86asm.PUSH, x86asm.JMP, x86asm.NOP, x86asm.LEA,
		x86asm.PREFETCHT0, x86asm.PREFETCHT1, x86asm.PREFETCHT2, x86asm.PREFETCHNTA:
		return out
	}
	m, ok := in.Args[0].(x86asm.Mem)
	if !ok {
		return out
	}
	out.Writes, out.Size = true, in.MemBytes
	for _, p := range in.Prefix {
		if p&0xff == x86asm.PrefixREP || p&0xff == x86asm.PrefixREPN {
			out.Size = 0 // as many as a register says
		}
	}
	var base, index bool
	out.Base, base = dwarfReg(m.Base)
	out.Index, index = dwarfReg(m.Index)
	out.Scale, out.Disp = int64(m.Scale), m.Disp
	if !base || !index {
		out.Size, out.Base, out.Index = 0, -1, -1
	}
	return out
}

// dwarfReg is a general register by its DWARF number, -1 for none.
func dwarfReg(r x86asm.Reg) (n int, ok bool) {
	switch {
	case r == 0:
		return -1, true
	case r == x86asm.RIP:
		return -1, false // of a variable of the program, and no map's memory
	case r >= x86asm.RAX && r <= x86asm.R15:
		return [...]int{0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15}[r-x86asm.RAX], true
	}
	return -1, false
}

// ofMaps reports whether a function is of the map runtime, so that the stores of
// an op to its map are in it, or in what it calls. What fills a table that no map
// has yet is not.
func ofMaps(name string) bool {
	if rest, ok := strings.CutPrefix(name, "internal/runtime/maps."); ok {
		switch rest {
		case "(*table).uncheckedPutSlot", "fatal", "rand", "newarray", "newobject", "typedmemmove", "typedmemclr":
			return false
		}
		return true
	}
	for _, pkg := range []string{"runtime.", "reflect."} {
		rest, ok := strings.CutPrefix(name, pkg)
		for _, begin := range []string{"mapdelete", "mapassign", "mapclear", "growWork", "evacuate", "hashGrow", "advanceEvacuationMark", "makeBucketArray", "(*hmap).", "(*bmap).", "(*mapextra)."} {
			if ok && strings.HasPrefix(rest, begin) {
				return true
			}
		}
	}
	return false
}
