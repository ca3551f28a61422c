package trace

import (
	"deltui/internal/gomap"
)

// progress is what is kept of an op that has not ended.
type progress struct {
	op    Op
	alone bool     // no other op of the map was in progress meanwhile
	prior *control // the map at its last after
	looks [2]look  // before and after
}

// look is what was read of an op's map at one moment.
type look struct {
	seen bool
	root uint64
	rs   []Region
	n    int
}

type control struct{}

func (p *progress) read(m Moment, root uint64, rs []Region, n int) {}

func (f *File) summarize(p *progress, e Ending) (Summary, int) {
	s := Summary{Mark: MarkEmptied}
	switch {
	case e.Outcome != Returned:
		s.Mark = MarkBroken
	case p.op.Kind == gomap.Assign:
		s.Mark = MarkAssign
	case p.op.Kind == gomap.Clear:
		s.Mark = MarkClear
	}
	return s, 0
}

// caller is the function that called the runtime: the first frame that is not
// the runtime's.
func caller(op *Op) string {
	for i := range op.Stack {
		if !op.Stack[i].Runtime {
			return op.Stack[i].Func
		}
	}
	return ""
}
