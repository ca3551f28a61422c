package auditlog

import (
	"log/slog"
	"reflect"
	"slices"
	"sync"

	"deltui.example/hookdemo/audit"
	"deltui.example/hookdemo/audit/fact"
)

// where is a slog.LogValuer: a stack is taken where the delete is, and turned
// into names by the log's goroutine, for that takes longer.
type where struct {
	pcs    []uintptr
	places *places
}

// LogValue is the attributes depth and caller.
func (w where) LogValue() slog.Value {
	p := w.places.of(w.pcs)
	return slog.GroupValue(
		slog.Int("depth", p.Depth),
		slog.Group("caller", slog.String("func", p.Func), slog.String("file", p.File), slog.Int("line", p.Line)),
	)
}

// places remembers stacks that have been turned into names. Deletes are many,
// the places they are made at few.
type places struct {
	mu sync.Mutex
	m  map[uint64]place // by a hash of the stack
}

type place struct {
	pcs []uintptr
	fact.Where
}

const maxPlaces = 4096

func (p *places) of(pcs []uintptr) fact.Where {
	h := uint64(14695981039346656037) // FNV-1a, by words
	for _, pc := range pcs {
		h = (h ^ uint64(pc)) * 1099511628211
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.m[h]; ok && slices.Equal(known.pcs, pcs) {
		return known.Where
	}
	w := fact.Resolve(pcs, auditPackage+"run", []string{auditPackage})
	if len(p.m) >= maxPlaces {
		p.m = map[uint64]place{} // a clear would be seen among the program's own
	}
	p.m[h] = place{pcs, w}
	return w
}

// auditPackage begins the names of package audit's functions, wherever it is
// vendored.
var auditPackage = reflect.TypeOf(audit.Op{}).PkgPath() + "."

var _ audit.Hook = (*Log)(nil)
