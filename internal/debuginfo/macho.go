package debuginfo

import (
	"debug/macho"
	"fmt"
	"io"
	"strings"
)

// machoFile is the container of darwin.
type machoFile struct {
	f    *macho.File
	r    io.Closer
	size uint64
}

func openMachO(r interface {
	io.ReaderAt
	io.Closer
}, size int64,
) (container, error) {
	f, err := macho.NewFile(r)
	if err != nil {
		return nil, err
	}
	return &machoFile{f, r, uint64(size)}, nil
}

func (m *machoFile) close() error { return m.r.Close() }

func (m *machoFile) arch() string {
	switch m.f.Cpu {
	case macho.CpuAmd64:
		return "amd64"
	case macho.CpuArm64:
		return "arm64"
	}
	return m.f.Cpu.String()
}

func (m *machoFile) pie() bool { return m.f.Flags&macho.FlagPIE != 0 }

func (m *machoFile) library() string {
	if m.f.Type != macho.TypeExec {
		return "a Mach-O file of type " + m.f.Type.String()
	}
	return ""
}

func (m *machoFile) debugSection(name string) *macho.Section {
	// A Mach-O section's name has 16 bytes at most.
	for _, n := range []string{"__" + name, "__z" + name} {
		if s := m.f.Section(n[:min(len(n), 16)]); s != nil {
			return s
		}
	}
	return nil
}

func (m *machoFile) has(name string) bool {
	s := m.debugSection(name)
	return s != nil && s.Size > 0
}

func (m *machoFile) section(name string) (*stream, error) {
	s := m.debugSection(name)
	if s == nil {
		return &stream{}, nil
	}
	st, err := m.stream(s)
	if err == nil && strings.HasPrefix(s.Name, "__z") {
		st, err = newZdebug(s.Open(), s.Size)
	}
	if err != nil {
		return nil, fmt.Errorf("section %s: %w", s.Name, err)
	}
	return st, nil
}

func (m *machoFile) stream(s *macho.Section) (*stream, error) {
	if s.Size > m.size {
		return nil, io.ErrUnexpectedEOF
	}
	return newStream(s.Open(), s.Size, s.Size)
}

func (m *machoFile) symbols() ([]symbol, error) {
	if m.f.Symtab == nil {
		return nil, nil
	}
	var syms []symbol
	for _, s := range m.f.Symtab.Syms {
		const stab, typeMask, sect = 0xe0, 0x0e, 0x0e
		if s.Type&stab != 0 || s.Type&typeMask != sect || int(s.Sect) > len(m.f.Sections) || s.Sect == 0 {
			continue
		}
		// External linkers put an underscore before each name.
		name := strings.TrimPrefix(s.Name, "_")
		syms = append(syms, symbol{name: name, addr: s.Value, code: m.f.Sections[s.Sect-1].Name == "__text"})
	}
	return syms, nil
}

func (m *machoFile) text() (uint64, []byte, error) {
	s := m.f.Section("__text")
	if s == nil {
		return 0, nil, fmt.Errorf("no __text section")
	}
	st, err := m.stream(s)
	if err != nil {
		return 0, nil, err
	}
	b, err := st.all()
	return s.Addr, b, err
}

func (m *machoFile) readAt(p []byte, addr uint64) error {
	for _, l := range m.f.Loads {
		s, ok := l.(*macho.Segment)
		if ok && addr >= s.Addr && addr-s.Addr < s.Filesz && uint64(len(p)) <= s.Filesz-(addr-s.Addr) {
			_, err := s.ReadAt(p, int64(addr-s.Addr))
			return err
		}
	}
	return errNotMapped
}
