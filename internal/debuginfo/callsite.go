package debuginfo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"

	"deltui/internal/gomap"
)

// maxCallSites bounds what CallSites returns.
const maxCallSites = 4096

// CallSites finds the places in the user's code that call entry points of the
// given kinds, in the order of their addresses, and at most a few thousand. A
// call that the compiler inlined from elsewhere has the line that it was
// written on. File and Line are empty where the line table has none.
func (f *File) CallSites(kinds ...gomap.OpKind) ([]CallSite, error) {
	f.learn()
	sites, err := f.callSites(kinds)
	if err != nil || f.tellsModules() {
		return sites, err
	}
	// Only now are their files known.
	return slices.DeleteFunc(sites, func(s CallSite) bool { return f.IsStd(s.Func, s.File) }), nil
}

func (f *File) callSites(kinds []gomap.OpKind) (sites []CallSite, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer guard(f.path, "the call sites", &err)
	targets := map[uint64]string{}
	for _, k := range kinds {
		for _, name := range entryNames[k] {
			if s, ok := f.syms[name]; ok {
				targets[s.addr] = name
			}
		}
	}
	calls, err := f.calls(targets, func(fn symbol) bool {
		return !f.IsRuntime(fn.name) && !(f.tellsModules() && f.isStd(fn.name, ""))
	})
	if err != nil {
		return nil, err
	}
	for _, c := range calls {
		sites = append(sites, CallSite{Func: c.fn.name, PC: c.pc, Call: targets[c.target]})
	}
	return sites, f.lineSites(sites, calls)
}

// A call is one call instruction.
type call struct {
	pc     uint64
	target uint64
	fn     symbol
}

// calls scans the whole code for direct calls of the targets from functions
// that are wanted. What looks like one is believed only after its function has
// been decoded from its start.
func (f *File) calls(targets map[uint64]string, want func(symbol) bool) ([]call, error) {
	if len(targets) == 0 {
		return nil, nil
	}
	addr, text, err := f.c.text()
	if err != nil {
		return nil, f.malformed("code: %v", err)
	}
	f.sortSyms()
	var found []call
	check := func(off int) {
		pc := addr + uint64(off)
		fn, ok := f.funcAt(pc)
		if ok && want(fn) {
			found = append(found, call{pc: pc, fn: fn})
		}
	}
	if f.facts.Arch == "arm64" {
		for i := 0; i+4 <= len(text) && len(found) < maxCallSites; i += 4 {
			w := binary.LittleEndian.Uint32(text[i:])
			if w>>26 == 0x25 { // BL
				if _, ok := targets[addr+uint64(i)+uint64(int64(int32(w<<6)>>6)*4)]; ok {
					check(i)
				}
			}
		}
	} else {
		for i := 0; len(found) < maxCallSites; i++ {
			j := bytes.IndexByte(text[i:], 0xe8) // CALL rel32
			if j < 0 || i+j+5 > len(text) {
				break
			}
			i += j
			rel := int32(binary.LittleEndian.Uint32(text[i+1:]))
			if _, ok := targets[addr+uint64(i)+5+uint64(int64(rel))]; ok {
				check(i)
			}
		}
	}
	return f.verify(found, addr, text), nil
}

// verify keeps the calls that are instructions, and fills their targets.
func (f *File) verify(found []call, addr uint64, text []byte) []call {
	kept := found[:0]
	var pc uint64 // where decoding has come to
	var of symbol
	for _, c := range found {
		if pc == 0 || of != c.fn || pc > c.pc {
			pc, of = c.fn.addr, c.fn
		}
		for pc < c.pc {
			pc += decode(f.facts.Arch, text[pc-addr:], pc).len
		}
		if pc != c.pc {
			continue
		}
		if in := decode(f.facts.Arch, text[pc-addr:], pc); in.flow == flowCall {
			c.target = in.target
			kept = append(kept, c)
		}
	}
	return kept
}

// funcAt is the function that a pc is in.
func (f *File) funcAt(pc uint64) (symbol, bool) {
	f.sortSyms()
	i := sort.Search(len(f.sorted), func(i int) bool { return f.sorted[i].addr > pc }) - 1
	if i < 0 {
		return symbol{}, false
	}
	s := f.sorted[i]
	if s.size != 0 && pc >= s.addr+s.size {
		return symbol{}, false
	}
	return s, true
}

// lineSites finds the lines of call sites: in the units of their functions'
// packages, or where a generic function's code ended up.
func (f *File) lineSites(sites []CallSite, calls []call) error {
	if len(sites) == 0 {
		return nil
	}
	if err := f.load(); err != nil {
		return err
	}
	for f.moreUnits() {
	}
	byPkg := map[string][]*span{}
	spans := make([]*span, len(sites))
	for i, s := range sites {
		spans[i] = &span{lo: s.PC, hi: s.PC + 1}
		pkg := packageOf(s.Func)
		byPkg[pkg] = append(byPkg[pkg], spans[i])
	}
	for _, u := range f.units {
		// Take a copy: fill sorts.
		if s := byPkg[u.name]; u.goLang && len(s) > 0 {
			if err := f.fill(u, append([]*span(nil), s...)); err != nil {
				return fmt.Errorf("lines of the call sites: %w", err)
			}
		}
	}
	elsewhere := map[*unit][]*span{}
	for i, s := range spans {
		if len(s.rows) > 0 {
			continue
		}
		if err := f.indexAll(); err != nil {
			return err
		}
		if fd, ok := f.funcs[calls[i].fn.addr]; ok {
			elsewhere[fd.unit] = append(elsewhere[fd.unit], s)
		}
	}
	for u, s := range elsewhere {
		if err := f.fill(u, s); err != nil {
			return fmt.Errorf("lines of the call sites: %w", err)
		}
	}
	for i, s := range spans {
		if len(s.rows) > 0 {
			r := s.rows[len(s.rows)-1]
			sites[i].Line = r.Line
			if r.File != nil {
				sites[i].File = r.File.Name
			}
		}
	}
	return nil
}
