package debuginfo

import (
	"debug/dwarf"
	"strings"
)

// readGoroot finds where the standard library's files were, by the runtime's.
// Call it with mu held.
func (f *File) readGoroot() (err error) {
	defer guard(f.path, "the runtime's files", &err)
	if f.facts.Settings["-trimpath"] == "true" {
		f.facts.Trimmed = true
		return nil
	}
	if err := f.indexPackage(typesPackage); err != nil {
		return err
	}
	for _, u := range f.units {
		if !f.scanned[u] || u.name != typesPackage {
			continue
		}
		d, err := f.lineData(u)
		if err != nil {
			return err
		}
		r := d.Reader()
		r.Seek(dwarf.Offset(u.root))
		cu, err := r.Next()
		if err != nil || cu == nil {
			return f.malformed("package %s: %v", u.name, err)
		}
		lr, err := d.LineReader(cu)
		if err != nil || lr == nil {
			return f.malformed("line table of package %s: %v", u.name, err)
		}
		for _, file := range lr.Files() {
			if file == nil {
				continue
			}
			if root, ok := strings.CutSuffix(file.Name, "/src/runtime/proc.go"); ok {
				f.facts.Goroot = root
				return nil
			}
			if strings.HasSuffix(file.Name, "runtime/proc.go") {
				f.facts.Trimmed = true
				return nil
			}
		}
	}
	return nil
}
