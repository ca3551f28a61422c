package live

import (
	"fmt"
	"slices"

	"deltui/dlvclient"
	"deltui/internal/debuginfo"
	"deltui/internal/gomap"
)

// stops are the breakpoints in the target, and what each is for.
type stops struct {
	proc *dlvclient.Process
	file *debuginfo.File
	name string // of the target
	at   map[uint64]stop
	only map[gomap.OpKind]int // kinds of ops that are watched on one map: its number

	slow bool // ops come back from calls out
	// Where hashes are known, by entry point, and since how many ops of a kind
	// nobody has asked for one: a stop there costs every op, but only those on
	// large maps need it.
	hashes  map[string][]uint64
	unasked map[gomap.OpKind]int
}

// stop is what a breakpoint is for.
type stop struct {
	what what
	ep   *debuginfo.EntryPoint
	kind gomap.OpKind // of ops that may be there; of an entry point its own
}

type what uint8

const (
	atEntry what = iota + 1
	atReturn
	atBack  // where an op in slow motion comes back to from a call out
	atHash  // of an op on a large map
	atPanic // runtime.gopanic
	atFatal // runtime.throw, runtime.fatal
)

func newStops(p *dlvclient.Process, f *debuginfo.File, name string) *stops {
	return &stops{proc: p, file: f, name: name, at: make(map[uint64]stop), hashes: make(map[string][]uint64), unasked: make(map[gomap.OpKind]int)}
}

// patience is after how many ops on small maps the stops for large ones go.
const patience = 256

// await makes the target stop where the hash of the op that is at an entry point
// is known. It reports whether there is such a place.
func (s *stops) await(ep *debuginfo.EntryPoint) (bool, error) {
	pcs, known := s.hashes[ep.Name]
	if !known && ep.Op != gomap.Clear {
		var err error
		if pcs, err = s.file.HashStops(ep); err != nil {
			return false, err
		}
		s.hashes[ep.Name] = pcs
	}
	for _, pc := range pcs {
		if err := s.set(pc, stop{what: atHash, kind: ep.Op}); err != nil {
			return false, err
		}
	}
	if len(pcs) == 0 {
		return false, nil
	}
	s.unasked[ep.Op] = 0
	return true, nil
}

// small notes an op that needs no hash.
func (s *stops) small(kind gomap.OpKind) error {
	n, awaited := s.unasked[kind]
	if !awaited || n > patience {
		return nil
	}
	if s.unasked[kind]++; s.unasked[kind] <= patience {
		return nil
	}
	for addr, at := range s.at {
		if at.what != atHash || at.kind != kind {
			continue
		}
		if s.slow {
			s.at[addr] = stop{what: atBack} // an op may be coming back here
			continue
		}
		if err := s.proc.ClearBreakpoint(addr); err != nil {
			return fmt.Errorf("watching %s: %w", s.name, err)
		}
		delete(s.at, addr)
	}
	return nil
}

// unslow takes away where ops in slow motion came back to.
func (s *stops) unslow() error {
	s.slow = false
	for addr, at := range s.at {
		if at.what != atBack {
			continue
		}
		if err := s.proc.ClearBreakpoint(addr); err != nil {
			return fmt.Errorf("watching %s: %w", s.name, err)
		}
		delete(s.at, addr)
	}
	return nil
}

// watchPanics stops where an op ends that does not return.
func (s *stops) watchPanics() error {
	for _, name := range []string{"runtime.gopanic", "runtime.throw", "runtime.fatal"} {
		lo, _, ok := s.file.Func(name)
		if !ok {
			continue
		}
		what := atFatal
		if name == "runtime.gopanic" {
			what = atPanic
		}
		if err := s.set(lo, stop{what: what}); err != nil {
			return err
		}
	}
	return nil
}

// watch stops at the entries and the returns of ops of some kinds.
func (s *stops) watch(kinds []gomap.OpKind) error {
	if len(kinds) == 0 {
		return nil
	}
	eps, err := s.file.EntryPoints(kinds...)
	if err != nil {
		return err
	}
	for i := range eps {
		ep := &eps[i]
		if err := s.set(ep.Stop, stop{what: atEntry, ep: ep}); err != nil {
			return err
		}
		for _, pc := range slices.Concat(ep.Returns, ep.Exits) {
			if err := s.set(pc, stop{what: atReturn, ep: ep}); err != nil {
				return err
			}
		}
	}
	return nil
}

// set sets a breakpoint at an address of the file.
func (s *stops) set(addr uint64, at stop) error {
	addr += s.proc.Slide()
	if was, ok := s.at[addr]; ok {
		if was.what == atBack { // which needs no more than that it stops
			s.at[addr] = at
		}
		return nil
	}
	if err := s.proc.SetBreakpoint(addr); err != nil {
		return fmt.Errorf("watching %s: %w", s.name, err)
	}
	s.at[addr] = at
	return nil
}

// watchOnly changes the kinds of ops watched. Those of them that were not
// planned are watched on one map only, if one is named.
func (s *stops) watchOnly(kinds, planned []gomap.OpKind, mapID int) error {
	if err := s.unwatch(kinds); err != nil {
		return err
	}
	s.only = make(map[gomap.OpKind]int)
	for _, k := range kinds {
		if mapID != 0 && !slices.Contains(planned, k) {
			s.only[k] = mapID
		}
	}
	return s.watch(kinds)
}

// unwatch takes the breakpoints at the entries of other kinds of ops away; an op
// in progress still returns.
func (s *stops) unwatch(keep []gomap.OpKind) error {
	for addr, at := range s.at {
		if at.what != atEntry || slices.Contains(keep, at.ep.Op) {
			continue
		}
		if err := s.proc.ClearBreakpoint(addr); err != nil {
			return fmt.Errorf("watching less of %s: %w", s.name, err)
		}
		delete(s.at, addr)
	}
	return nil
}

// wanted reports whether an op of a kind is watched on a map.
func (s *stops) wanted(k gomap.OpKind, m *knownMap) bool {
	id, limited := s.only[k]
	return !limited || m != nil && m.id == id
}
