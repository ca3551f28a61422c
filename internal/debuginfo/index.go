package debuginfo

import (
	"debug/dwarf"
	"reflect"
	"strings"
)

// funcDIE is where a function's debug information is.
type funcDIE struct {
	off    uint64
	origin uint64 // of a function that was also inlined: where its name and arguments are declared
	unit   *unit
}

// typesPackage is the package to which the linker gives the descriptions of
// all types. Others are searched where it has not what is wanted.
const typesPackage = "runtime"

// indexPackage indexes the first unit of a package that is not assembly. Call
// it with mu held.
func (f *File) indexPackage(pkg string) error {
	if err := f.load(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		if i == len(f.units) && !f.moreUnits() {
			return nil
		}
		if u := f.units[i]; u.name == pkg && u.goLang {
			f.index(u)
			return nil
		}
	}
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

// lookup finds an entry in one of the indexes: first where it should be, then
// anywhere. Call it with mu held.
func lookup[K comparable, V any](f *File, in map[K]V, key K, pkgs ...string) (V, bool, error) {
	for _, pkg := range pkgs {
		if v, ok := in[key]; ok {
			return v, true, nil
		}
		if err := f.indexPackage(pkg); err != nil {
			var zero V
			return zero, false, err
		}
	}
	v, ok := in[key]
	if ok {
		return v, true, nil
	}
	if err := f.indexAll(); err != nil {
		return v, false, err
	}
	v, ok = in[key]
	return v, ok, nil
}
