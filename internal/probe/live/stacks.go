package live

import (
	"deltui/dlvclient"
	"deltui/internal/debuginfo"
	"deltui/internal/trace"
)

// stacks turns Delve's frames into the timeline's. The same stack comes again
// and again, so what is known of a function is kept.
type stacks struct {
	file *debuginfo.File
	fns  map[string]fnFacts
}

type fnFacts struct{ runtime, std, transparent bool }

func newStacks(f *debuginfo.File) *stacks {
	return &stacks{file: f, fns: make(map[string]fnFacts)}
}

func (s *stacks) facts(fn, file string) fnFacts {
	if f, ok := s.fns[fn]; ok {
		return f
	}
	f := fnFacts{
		runtime:     s.file.IsRuntime(fn),
		std:         s.file.IsStd(fn, file),
		transparent: s.file.Transparent(fn),
	}
	s.fns[fn] = f
	return f
}

// entryStack is a stack from the entry point that the compiler or reflect
// called, to the goroutine's root.
type entryStack struct {
	fn     string // the entry point
	frames []trace.Frame
	caller trace.Frame // whose op it is
	std    bool        // which is one of the standard library
}

// minFrames are read for the caller's sake, however few are wanted.
const minFrames = 16

// of reads the stack of a hit in an entry point.
func (s *stacks) of(p *dlvclient.Process, h *dlvclient.Hit, ep *debuginfo.EntryPoint, slide uint64, depth int) (entryStack, error) {
	fs, err := p.Stack(h, max(depth, minFrames))
	if err != nil {
		return entryStack{}, err
	}
	// The line after the prologue can be one of a call that was inlined.
	for len(fs) > 1 && (fs[0].Inlined || fs[0].Entry != ep.Entry+slide) {
		fs = fs[1:]
	}
	// reflect's own entry point only calls the runtime's.
	if len(fs) > 1 && isReflectEntry(fs[1].Func) {
		fs = fs[1:]
	}
	st := entryStack{fn: ep.Name}
	if len(fs) > 0 {
		st.fn = fs[0].Func
	}
	for i, f := range fs {
		facts := s.facts(f.Func, f.File)
		frame := trace.Frame{
			Func: f.Func, File: f.File, Line: f.Line, PC: f.PC,
			Inlined: f.Inlined, Runtime: facts.runtime, Std: facts.std,
		}
		if i > 0 && st.caller.Func == "" && !facts.transparent {
			st.caller, st.std = frame, facts.std
		}
		if i < depth {
			st.frames = append(st.frames, frame)
		}
	}
	return st, nil
}

func isReflectEntry(fn string) bool {
	switch fn {
	case "reflect.mapdelete", "reflect.mapdelete_faststr",
		"reflect.mapassign", "reflect.mapassign_faststr", "reflect.mapassign0", "reflect.mapassign_faststr0",
		"reflect.mapclear":
		return true
	}
	return false
}
