package debuginfo

import (
	"debug/dwarf"
	"reflect"
	"slices"
	"strings"
)

// funcDIE is where a function's debug information is.
type funcDIE struct {
	off    uint64
	origin uint64 // of a function that was also inlined: where its name and arguments are declared
	unit   *unit
}

// typesPackage is the package to which the linker gives the descriptions of
// all types: in the last of its units, for its assembly makes several.
const typesPackage = "runtime"

// eachUnit calls visit for the packages' units in file order, and indexes them
// first. It ends when visit returns true, and unpacks no more than up to there.
// Call it with mu held.
func (f *File) eachUnit(pkgs []string, visit func(*unit) bool) error {
	if err := f.load(); err != nil {
		return err
	}
	for i := 0; i < len(f.units) || f.moreUnits(); i++ {
		if u := f.units[i]; u.goLang && slices.Contains(pkgs, u.name) {
			f.index(u)
			if visit(u) {
				return nil
			}
		}
	}
	return nil
}

// indexAll indexes what has not been yet. Call it with mu held.
func (f *File) indexAll() error {
	if err := f.load(); err != nil {
		return err
	}
	for f.moreUnits() {
	}
	for _, u := range f.units {
		f.index(u)
	}
	return nil
}

// moreUnits finds the next unit.
func (f *File) moreUnits() bool {
	u := f.scan.unit()
	if u != nil {
		f.units = append(f.units, u)
	}
	return u != nil
}

// index notes the types and functions of one unit.
func (f *File) index(u *unit) {
	if !u.goLang || f.scanned[u] {
		return
	}
	f.scanned[u] = true
	f.scan.scan(u, func(d *die) bool {
		if d.depth != 1 {
			return true
		}
		if d.tag == dwarf.TagSubprogram {
			if d.hasPC {
				f.funcs[d.lowPC] = funcDIE{d.off, d.origin, u}
			} else if wantedNames[string(d.name)] {
				f.abstract[d.off] = string(d.name)
			}
			return true
		}
		if d.rtype != 0 {
			if _, ok := f.types[d.rtype]; !ok {
				f.types[d.rtype] = d.off
			}
		}
		switch {
		case d.tag == dwarf.TagTypedef && d.kind == uint64(reflect.Map):
			f.maps[string(d.name)] = d.off
		case d.tag == dwarf.TagStructType && wantedStruct(d.name):
			f.structs[string(d.name)] = d.off
		}
		return true
	})
}

// wantedStruct: a struct of the runtime, which Field may be asked for.
func wantedStruct(name []byte) bool {
	n := string(name)
	return strings.HasPrefix(n, "runtime.") || strings.HasPrefix(n, "internal/")
}

// typeNamed finds a type in one of the indexes of types, by whatever it is
// indexed by. They are all in one unit: once there are any, what is not among
// them is not in the file. Call it with mu held.
func typeNamed[K comparable](f *File, in map[K]uint64, key K) (dwarf.Offset, bool, error) {
	off, ok := in[key]
	if ok || len(f.types) > 0 {
		return dwarf.Offset(off), ok, nil
	}
	err := f.eachUnit([]string{typesPackage}, func(*unit) bool { return len(f.types) > 0 })
	if err == nil && len(f.types) == 0 {
		err = f.indexAll()
	}
	off, ok = in[key]
	return dwarf.Offset(off), ok, err
}

// function finds a function by its address. The packages are where it should
// be. Call it with mu held.
func (f *File) function(entry uint64, pkgs ...string) (funcDIE, bool, error) {
	fd, ok := f.funcs[entry]
	if ok {
		return fd, ok, nil
	}
	err := f.eachUnit(pkgs, func(*unit) bool {
		fd, ok = f.funcs[entry]
		return ok
	})
	if ok || err != nil {
		return fd, ok, err
	}
	err = f.indexAll()
	fd, ok = f.funcs[entry]
	return fd, ok, err
}
