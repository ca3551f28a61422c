package dlvclient

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/go-delve/delve/pkg/dwarf/line"
)

// checkDebugInfo refuses a program over which Delve would do what its caller
// cannot take back: warn on standard error where there is no debug information,
// panic in a goroutine of its own where a line table is damaged, and ask for up
// to eight gigabytes where the build id is.
func checkDebugInfo(path string) error {
	f, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, name := range []string{".debug_info", ".zdebug_info", ".gnu_debuglink"} {
		if f.Section(name) != nil {
			if err := checkBuildID(f); err != nil {
				return err
			}
			return checkLines(f)
		}
	}
	return errors.New("it has no debug information: it was linked with -s or -w, or stripped")
}

// checkBuildID checks that the note has the lengths that it says.
func checkBuildID(f *elf.File) error {
	s := f.Section(".note.gnu.build-id")
	if s == nil {
		return nil
	}
	b, err := s.Data()
	if err != nil {
		return fmt.Errorf("reading its build id: %w", err)
	}
	const head = 3 * 4
	if len(b) < head {
		return nil // Delve reads no further either
	}
	name, desc := uint64(f.ByteOrder.Uint32(b)), uint64(f.ByteOrder.Uint32(b[4:]))
	if head+name+desc > uint64(len(b)) {
		return fmt.Errorf("its build id is damaged: a name of %d bytes and an id of %d in a note of %d", name, desc, len(b))
	}
	return nil
}

// checkLines reads the head of each line table as Delve does, here where its
// panics can be recovered. A compressed table is not read: it has a checksum,
// by which damage is an error to Delve too.
func checkLines(f *elf.File) error {
	s := f.Section(".debug_line")
	if s == nil || s.Flags&elf.SHF_COMPRESSED != 0 {
		return nil
	}
	lines, err := s.Data()
	if err != nil {
		return fmt.Errorf("reading its line table: %w", err)
	}
	var strs []byte
	if s := f.Section(".debug_line_str"); s != nil {
		if strs, err = s.Data(); err != nil {
			return fmt.Errorf("reading its line table: %w", err)
		}
	}
	const least = 4 + 2 + 4 // length, version, length of the head
	for at := 0; at < len(lines); {
		table := lines[at:]
		if len(table) < least {
			return fmt.Errorf("its line table at %#x of .debug_line is damaged: %d bytes are left", at, len(table))
		}
		n := uint64(binary.LittleEndian.Uint32(table))
		if n < least-4 || n > uint64(len(table)-4) {
			return fmt.Errorf("its line table at %#x of .debug_line is damaged: its length is %d", at, n)
		}
		err := enter(func() error {
			info := line.Parse("", bytes.NewBuffer(table), strs, nil, 0, false, 8)
			if info == nil || info.Prologue.LineRange == 0 || info.Prologue.Version < 2 || info.Prologue.Version > 5 {
				return errors.New("its head makes no sense")
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("its line table at %#x of .debug_line is damaged: %w", at, err)
		}
		at += 4 + int(n)
	}
	return nil
}
