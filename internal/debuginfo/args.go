package debuginfo

import (
	"debug/dwarf"
	"strings"

	"deltui/internal/goabi"
	"deltui/internal/gomap"
)

// argRoles tells an argument's place by the names that the runtime gave it
// over the years.
var argRoles = map[string]int{"t": 0, "typ": 0, "h": 1, "m": 1, "key": 2, "ky": 2, "s": 2}

// arguments finds where map type, map and key are at the stop: from DWARF, or
// from the ABI where DWARF does not say.
func (f *File) arguments(ep *EntryPoint, fd funcDIE) error {
	args, err := f.params(fd, ep.Stop)
	if err != nil {
		return err
	}
	ep.KeyByAddr = ep.Op != gomap.Clear && !strings.Contains(ep.Name, "_fast")
	keyWords := 1
	switch {
	case ep.Op == gomap.Clear:
		keyWords = 0
	case strings.HasSuffix(ep.Name, "_faststr"), strings.HasSuffix(ep.Name, "_faststr0"):
		keyWords = 2
	}
	regs := goabi.Of(f.facts.Arch).Args
	byABI := func(i int) Loc {
		ep.ArgsByABI = true
		return Loc{Reg: regs[i], Size: ptrSize, Known: true}
	}
	word := func(i int) Loc {
		if len(args[i]) == 1 && args[i][0].Known {
			return args[i][0]
		}
		return byABI(i)
	}
	ep.MapType, ep.Map = word(0), word(1)
	for _, l := range args[2] {
		if !l.Known {
			args[2] = nil
			break
		}
	}
	if keyWords > 0 {
		if ep.Key = args[2]; len(ep.Key) != keyWords {
			ep.Key = nil
			for i := range keyWords {
				l := byABI(2 + i)
				if strings.Contains(ep.Name, "_fast32") && !strings.Contains(ep.Name, "ptr") {
					l.Size = 4
				}
				ep.Key = append(ep.Key, l)
			}
		} else if keyWords == 1 && strings.Contains(ep.Name, "_fast32") && !strings.Contains(ep.Name, "ptr") {
			ep.Key[0].Size = 4
		}
	}
	return nil
}

// params locates a function's first arguments at a pc.
func (f *File) params(fd funcDIE, pc uint64) ([3][]Loc, error) {
	var args [3][]Loc
	d, err := f.dwarfUpTo(max(fd.off, fd.origin)+1, 0)
	if err != nil {
		return args, err
	}
	r := d.Reader()
	r.Seek(dwarf.Offset(fd.off))
	e, err := r.Next()
	if err != nil || e == nil {
		return args, f.malformed("function at %#x: %v", fd.off, err)
	}
	for e.Children {
		c, err := r.Next()
		if err != nil {
			return args, f.malformed("function at %#x: %v", fd.off, err)
		}
		if c == nil || c.Tag == 0 {
			break
		}
		if c.Tag == dwarf.TagFormalParameter {
			name, result := f.paramName(c)
			loc := c.AttrField(dwarf.AttrLocation)
			if i, ok := argRoles[name]; ok && !result && loc != nil {
				if args[i], err = f.locate(fd.unit, loc, pc); err != nil {
					return args, err
				}
			}
		}
		if c.Children {
			r.SkipChildren()
		}
	}
	return args, nil
}

// paramName is a parameter's name, which for a function that was also inlined
// stands with the abstract function.
func (f *File) paramName(e *dwarf.Entry) (name string, result bool) {
	if off, ok := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset); ok && uint64(off) < f.dataInfo {
		r := f.data.Reader()
		r.Seek(off)
		if o, err := r.Next(); err == nil && o != nil {
			e = o
		}
	}
	name, _ = e.Val(dwarf.AttrName).(string)
	result, _ = e.Val(dwarf.AttrVarParam).(bool)
	return name, result
}
