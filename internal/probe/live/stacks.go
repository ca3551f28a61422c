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

type fnFacts struct{ runtime, std, transparent, audit bool }

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
		audit:       inAudit(fn),
	}
	s.fns[fn] = f
	return f
}

// entryStack is a stack from the entry point that the compiler or reflect
// called, to the goroutine's root.
type entryStack struct {
	fn     string // the entry point
	frames []trace.Frame
	// caller is the frame whose op it is: the first that is the user's, but for
	// those of an audit package that the user had delete for him. If none is,
	// it is the asker: the first whose function does more than pass on what its
	// own caller asked of a map.
	caller trace.Frame
	// std: the asker is one of the standard library. A delete in a function that
	// slices.SortFunc calls is not, one that sync.Map makes for the user is.
	std bool
}

// Frames that are read for the caller's sake, however few are wanted.
const (
	minFrames = 16
	maxFrames = 1024
)

// of reads the stack of a hit in an entry point. Where the first frames do not
// show the caller, as many more are read as it takes, but not of ops that will
// be hidden: those of the standard library, unless std is set.
func (s *stacks) of(p *dlvclient.Process, h *dlvclient.Hit, ep *debuginfo.EntryPoint, depth int, std bool) (entryStack, error) {
	for n := max(depth, minFrames); ; n *= 4 {
		fs, err := p.Stack(h, n)
		if err != nil {
			return entryStack{}, err
		}
		st, found := s.read(fs, ep, p.Slide(), depth)
		if found || st.std && !std || len(fs) < n || n >= maxFrames {
			return st, nil
		}
	}
}

// read makes a stack of frames. found reports that the caller is the user's.
func (s *stacks) read(fs []dlvclient.Frame, ep *debuginfo.EntryPoint, slide uint64, depth int) (st entryStack, found bool) {
	// The line after the prologue can be one of a call that was inlined.
	for len(fs) > 1 && (fs[0].Inlined || fs[0].Entry != ep.Entry+slide) {
		fs = fs[1:]
	}
	// reflect's own entry point only calls the runtime's.
	if len(fs) > 1 && isReflectEntry(fs[1].Func) {
		fs = fs[1:]
	}
	st.fn = ep.Name
	if len(fs) > 0 {
		st.fn = fs[0].Func
	}
	var auditor trace.Frame // the first of an audit package
	var asked string        // the last function of it: what was called
	for i, f := range fs {
		if i >= depth && found {
			break
		}
		facts := s.facts(f.Func, f.File)
		frame := trace.Frame{
			Func: f.Func, File: f.File, Line: f.Line, PC: f.PC,
			Inlined: f.Inlined, Runtime: facts.runtime, Std: facts.std,
		}
		if i > 0 && !found && !facts.transparent {
			if st.caller.Func == "" {
				st.caller, st.std = frame, facts.std
			}
			switch {
			case facts.audit:
				if auditor.Func == "" {
					auditor = frame
				}
				asked = f.Func
			case !facts.std:
				st.caller, found = frame, true
				if auditor.Func != "" && !isAuditDelete(asked) {
					st.caller = auditor // it was its own op
				}
			}
		}
		if i < depth {
			st.frames = append(st.frames, frame)
		}
	}
	if !found && auditor.Func != "" {
		st.caller = auditor
	}
	return st, found
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
