package debuginfo

import "deltui/internal/gomap"

// HashStops lists where the hash of an op's key is known: the addresses after
// each call of the map type's hasher on the way of the ops that come by an entry
// point. There it is in the register of a function's first result, and nothing of
// the map has been changed yet. The list is empty where no such call is found: on
// other machines than amd64, in a runtime that is made otherwise, and of an entry
// point that hashes without the closure, as assigns of some keys do from Go 1.27 on.
//
//	MOVQ 0x48(AX), DX     the type's Hasher, a closure
//	MOVQ (DX), CX
//	…
//	CALL CX
//	                   ◄─ here
//
// Other closures are called in the same way; which one it is tells the offset
// that it was loaded from.
func (f *File) HashStops(ep *EntryPoint) (stops []uint64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer guard(f.path, "the calls of hashers", &err)
	off, ok, err := f.hasher()
	if err != nil || !ok || f.facts.Arch != "amd64" {
		return nil, err
	}
	names := []string{ep.Name}
	if ep.Op == gomap.Delete {
		names = append(names, innerDelete)
	}
	for _, name := range names {
		if _, ok := f.syms[name]; !ok {
			continue
		}
		ins, err := f.disassemble(name)
		if err != nil {
			return nil, err
		}
		stops = append(stops, afterHashers(ins, off)...)
	}
	return stops, nil
}

// hasher is the offset of Hasher in the runtime's map type.
func (f *File) hasher() (off uint64, ok bool, err error) {
	for _, name := range append(abiSwissMap[:len(abiSwissMap):len(abiSwissMap)], abiClassic...) {
		die, found, err := typeNamed(f, f.structs, name)
		if err != nil {
			return 0, false, err
		}
		if !found {
			continue
		}
		for _, field := range []string{"Hasher", "hasher"} {
			if off, _, err := f.fieldIn(die, field); err == nil {
				return off, true, nil
			}
		}
	}
	return 0, false, nil
}

// afterHashers finds the calls of a closure that was loaded from off.
func afterHashers(ins []instr, off uint64) (stops []uint64) {
	loaded := false
	for i := range ins {
		in := &ins[i]
		if in.context {
			loaded = in.loads && in.disp == int64(off)
		}
		if in.flow != flowCall {
			continue
		}
		if loaded && in.target == 0 {
			stops = append(stops, in.pc+in.len)
		}
		loaded = false // a call keeps no register
	}
	return stops
}
