package debuginfo

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
)

// elfFile is the container of linux.
type elfFile struct {
	f    *elf.File
	r    io.Closer
	size uint64
}

func openELF(r interface {
	io.ReaderAt
	io.Closer
}, size int64,
) (container, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, err
	}
	return &elfFile{f, r, uint64(size)}, nil
}

func (e *elfFile) close() error { return e.r.Close() }

func (e *elfFile) arch() string {
	switch e.f.Machine {
	case elf.EM_X86_64:
		return "amd64"
	case elf.EM_AARCH64:
		return "arm64"
	case elf.EM_386:
		return "386"
	case elf.EM_ARM:
		return "arm"
	case elf.EM_RISCV:
		return "riscv64"
	case elf.EM_PPC64:
		return "ppc64"
	case elf.EM_S390:
		return "s390x"
	}
	return e.f.Machine.String()
}

func (e *elfFile) pie() bool { return e.f.Type == elf.ET_DYN }

func (e *elfFile) library() string {
	if e.f.Type != elf.ET_EXEC && e.f.Type != elf.ET_DYN {
		return "an object file of type " + e.f.Type.String()
	}
	libs, _ := e.f.ImportedLibraries()
	if i := slices.IndexFunc(libs, func(l string) bool { return l == "libstd.so" || strings.HasPrefix(l, "libruntime,") }); i >= 0 {
		return "its runtime is in the shared library " + libs[i]
	}
	return ""
}

// debugSection finds a debug section under either of its names.
func (e *elfFile) debugSection(name string) *elf.Section {
	if s := e.f.Section("." + name); s != nil {
		return s
	}
	return e.f.Section(".z" + name)
}

func (e *elfFile) has(name string) bool {
	s := e.debugSection(name)
	return s != nil && s.Type != elf.SHT_NOBITS && s.FileSize > 0
}

func (e *elfFile) section(name string) (*stream, error) {
	s := e.debugSection(name)
	if s == nil || s.Type == elf.SHT_NOBITS {
		return &stream{}, nil
	}
	st, err := e.stream(s) // debug/elf unpacks both forms of compression
	if err != nil {
		return nil, fmt.Errorf("section %s: %w", s.Name, err)
	}
	return st, nil
}

func (e *elfFile) stream(s *elf.Section) (*stream, error) {
	if s.FileSize > e.size {
		return nil, io.ErrUnexpectedEOF
	}
	return newStream(s.Open(), s.Size, s.FileSize)
}

func (e *elfFile) data(s *elf.Section) ([]byte, error) {
	st, err := e.stream(s)
	if err != nil {
		return nil, err
	}
	return st.all()
}

func (e *elfFile) symbols() ([]symbol, error) {
	if tab := e.f.SectionByType(elf.SHT_SYMTAB); tab == nil || e.f.Class != elf.ELFCLASS64 {
		return nil, nil
	} else if tab.FileSize > e.size {
		return nil, fmt.Errorf("symbol table: %w", io.ErrUnexpectedEOF)
	}
	all, err := e.f.Symbols()
	if err != nil {
		return nil, fmt.Errorf("symbol table: %w", err)
	}
	syms := make([]symbol, 0, len(all))
	for i := range all {
		if s := &all[i]; s.Section != elf.SHN_UNDEF && s.Name != "" {
			syms = append(syms, symbol{name: s.Name, addr: s.Value, size: s.Size, code: elf.ST_TYPE(s.Info) == elf.STT_FUNC})
		}
	}
	return syms, nil
}

func (e *elfFile) text() (uint64, []byte, error) {
	s := e.f.Section(".text")
	if s == nil {
		return 0, nil, fmt.Errorf("no .text section")
	}
	b, err := e.data(s)
	return s.Addr, b, err
}

func (e *elfFile) readAt(p []byte, addr uint64) error {
	for _, s := range e.f.Progs {
		if s.Type == elf.PT_LOAD && addr >= s.Vaddr && addr-s.Vaddr < s.Filesz && uint64(len(p)) <= s.Filesz-(addr-s.Vaddr) {
			_, err := s.ReadAt(p, int64(addr-s.Vaddr))
			return err
		}
	}
	return errNotMapped
}

// buildID is Go's build ID, from its note.
func (e *elfFile) buildID() string {
	s := e.f.Section(".note.go.buildid")
	if s == nil || s.FileSize > 4096 {
		return ""
	}
	b, err := e.data(s)
	if err != nil || len(b) < 16 {
		return ""
	}
	namesz, descsz := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	start := 12 + (uint64(namesz)+3)&^3
	if start+uint64(descsz) > uint64(len(b)) {
		return ""
	}
	return string(b[start : start+uint64(descsz)])
}
