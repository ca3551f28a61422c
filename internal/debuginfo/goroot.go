package debuginfo

import (
	"debug/dwarf"
	"errors"
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
	var inner error
	err = f.eachUnit([]string{typesPackage}, func(u *unit) bool {
		var files []*dwarf.LineFile
		if files, inner = f.files(u); inner != nil {
			return true
		}
		for _, file := range files {
			if file == nil {
				continue
			}
			if root, ok := strings.CutSuffix(file.Name, "/src/runtime/proc.go"); ok {
				f.facts.Goroot = root
				return true
			}
			if strings.HasSuffix(file.Name, "runtime/proc.go") {
				f.facts.Trimmed = true
				return true
			}
		}
		return false
	})
	return errors.Join(err, inner)
}
