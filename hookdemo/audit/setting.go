package audit

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"
)

// current holds a *setting, which is never changed: those who set hooks make a
// new one, one at a time.
var (
	current atomic.Value
	setMu   sync.Mutex
)

// A setting is which hooks which deletes run.
type setting struct {
	hook  Hook   // of Set
	chain *chain // the same, as run wants it; nil: nothing to call

	types scopes // by the address of the map type
	maps  scopes // by that of the header; the scope keeps the map alive

	idle bool // no delete runs any hook
}

// A scope is a hook for some maps only.
type scope struct {
	hook  Hook
	of    interface{} // the map; nil for a type's scope
	own   *chain
	chain *chain // all that a delete runs: what is wider first, own last
}

func init() { current.Store(&setting{hook: NoOp, idle: true}) }

// Set makes h the hook of all deletes that begin from now on, and returns the
// one before. A delete that is under way keeps the hooks that it began with. It
// may be called at any time, and deletes do not wait for it; nil stands for
// NoOp.
func Set(h Hook) (old Hook) {
	change(func(s *setting) {
		old = s.hook
		s.hook, s.chain = orNoOp(h), chainOrNil(h)
	})
	return old
}

// SetType makes h the hook of all deletes whose map is passed as an M, after
// that of [Set], and returns the one before. nil stands for NoOp. It panics if
// M is not a map type.
func SetType[M any](h Hook) (old Hook) {
	t := reflect.TypeOf((*M)(nil)).Elem()
	if t.Kind() != reflect.Map {
		panic(fmt.Sprintf("audit.SetType: %v is no map type", t))
	}
	zero := reflect.Zero(t).Interface()
	change(func(s *setting) {
		old = orNoOp(s.types[typeOf(zero)].hook)
		s.types = s.types.with(typeOf(zero), scope{hook: h, of: zero, own: chainOrNil(h)})
	})
	return old
}

// SetMap makes h the hook of all deletes from the map m, after those of [Set]
// and [SetType], and returns the one before. nil stands for NoOp, and lets go
// of m: until then it is kept alive. Each call copies what is set for other
// maps: hundreds of maps are well, a map for each request is not. It panics if
// m is not a map, or nil.
func SetMap(m interface{}, h Hook) (old Hook) {
	v := reflect.ValueOf(m)
	if v.Kind() != reflect.Map || v.IsNil() {
		panic(fmt.Sprintf("audit.SetMap: a %T, want a map that is not nil", m))
	}
	change(func(s *setting) {
		old = orNoOp(s.maps[header(m)].hook)
		s.maps = s.maps.with(header(m), scope{hook: h, of: m, own: chainOrNil(h)})
	})
	return old
}

// Current returns the hook of [Set].
func Current() Hook { return current.Load().(*setting).hook }

// change stores a changed copy of the setting.
func change(edit func(*setting)) {
	setMu.Lock()
	defer setMu.Unlock()
	s := *current.Load().(*setting)
	edit(&s)
	s.types = s.types.each(func(sc *scope) { sc.chain = join(s.chain, sc.own) })
	s.maps = s.maps.each(func(sc *scope) { sc.chain = join(s.ofType(sc.of), sc.own) })
	s.idle = s.chain == nil && len(s.types) == 0 && len(s.maps) == 0
	current.Store(&s)
}

// of returns what a delete from m, of the type that it is passed as, runs, or
// nil.
func (s *setting) of(m interface{}) *chain {
	if sc, ok := s.maps[header(m)]; ok {
		if typeOf(m) == typeOf(sc.of) {
			return sc.chain
		}
		return join(s.ofType(m), sc.own) // the same map, passed as another type
	}
	return s.ofType(m)
}

func (s *setting) ofType(m interface{}) *chain {
	if sc, ok := s.types[typeOf(m)]; ok {
		return sc.chain
	}
	return s.chain
}

// scopes are never changed, for deletes read them: they are copied. A scope
// without a hook of its own is left out of the copy, not deleted, so that this
// package deletes from no map but its callers'.
type scopes map[unsafe.Pointer]scope

func (ss scopes) with(at unsafe.Pointer, sc scope) scopes {
	c := ss.each(func(*scope) {})
	if c == nil {
		c = scopes{}
	}
	c[at] = sc
	return c.each(func(*scope) {})
}

// each returns a copy in which each scope has been edited.
func (ss scopes) each(edit func(*scope)) scopes {
	var c scopes
	for at, sc := range ss {
		if sc.own == nil {
			continue
		}
		edit(&sc)
		if c == nil {
			c = make(scopes, len(ss))
		}
		c[at] = sc
	}
	return c
}

func orNoOp(h Hook) Hook {
	if h == nil {
		return NoOp
	}
	return h
}

// chainOrNil is h as run wants it, or nil where there is nothing to call.
func chainOrNil(h Hook) *chain {
	if c := Chain(h).(*chain); len(c.hooks) > 0 {
		return c
	}
	return nil
}

func join(wide, own *chain) *chain {
	switch {
	case wide == nil:
		return own
	case own == nil:
		return wide
	}
	return Chain(wide, own).(*chain)
}

// A face is an interface value as it is in memory: for one that holds a map,
// the map's type and the address of its header.
type face struct{ typ, word unsafe.Pointer }

func typeOf(m interface{}) unsafe.Pointer { return (*face)(unsafe.Pointer(&m)).typ }
func header(m interface{}) unsafe.Pointer { return (*face)(unsafe.Pointer(&m)).word }
