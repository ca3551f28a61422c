package audit

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Delete removes k from m as the builtin does, under the eyes of the current
// hook. It returns nil where the builtin would return: also for a key that is
// not there and for a nil map. It returns an [AbortError] if a hook stopped it
// and a [NestError] if hooks nested too far; the map is unchanged then. It
// panics where the builtin does: on a key that cannot be hashed.
//
// In Go 1.18 and 1.19 an interface type is not comparable: use [DeleteAny].
func Delete[M ~map[K]V, K comparable, V any](m M, k K) error {
	s := current.Load().(*setting)
	if s.chain == nil {
		remove(m, k)
		return nil
	}
	return deleteHooked(s.chain, m, k)
}

// deleteHooked is a function of its own, so that in Delete neither the key nor
// the map escapes to the heap.
//
//go:noinline
func deleteHooked[M ~map[K]V, K comparable, V any](c *chain, m M, k K) error {
	t := &typed[M, K, V]{m: m, k: k}
	t.op.Map, t.op.Key = m, k
	return run(c, &t.op, t)
}

// A subject is a map and a key that run works on.
type subject interface {
	find() bool // may panic as delete would
	size() int
	remove()
}

type typed[M ~map[K]V, K comparable, V any] struct {
	op Op
	m  M
	k  K
}

func (t *typed[M, K, V]) find() bool { _, ok := t.m[t.k]; return ok }
func (t *typed[M, K, V]) size() int  { return len(t.m) }
func (t *typed[M, K, V]) remove()    { remove(t.m, t.k) }

// DeleteAny is Delete for a map and a key whose types are not known at compile
// time. It returns an error if m is no map, or k cannot be assigned to its key
// type.
func DeleteAny(m, k interface{}) error {
	mv := reflect.ValueOf(m)
	if mv.Kind() != reflect.Map {
		return fmt.Errorf("audit.DeleteAny: a %T is no map", m)
	}
	u := &untyped{held: m, m: mv, k: reflect.New(mv.Type().Key())}
	kv := reflect.ValueOf(k)
	switch {
	case k == nil && u.k.Elem().Kind() == reflect.Interface: // the nil key
	case k == nil || !kv.Type().AssignableTo(mv.Type().Key()):
		return fmt.Errorf("audit.DeleteAny: a %T is no key of a %T", k, m)
	default:
		u.k.Elem().Set(kv)
	}
	s := current.Load().(*setting)
	if s.chain == nil {
		u.remove()
		return nil
	}
	u.op.Map, u.op.Key = m, k
	return run(s.chain, &u.op, u)
}

type untyped struct {
	op   Op
	held interface{}
	m    reflect.Value
	k    reflect.Value // a pointer to the key
}

func (u *untyped) find() bool { return u.m.MapIndex(u.k.Elem()).IsValid() }
func (u *untyped) size() int  { return u.m.Len() }

func (u *untyped) remove() {
	if !anyBound {
		u.m.SetMapIndex(u.k.Elem(), reflect.Value{})
		return
	}
	f := (*face)(unsafe.Pointer(&u.held))
	mapdelete(f.typ, f.word, u.k.UnsafePointer())
}

// run takes op through the hooks of c.
func run(c *chain, op *Op, s subject) (err error) {
	op.Hooks = c.name
	root, err := enter(op)
	if err != nil {
		return err
	}
	defer leave(op, root)

	op.LenBefore = s.size()
	op.Found = found(s)
	op.Outcome = Exited // holds if a hook calls runtime.Goexit
	defer func() {
		op.LenAfter = s.size()
		for i := len(c.hooks) - 1; i >= 0; i-- {
			if op.entered&(1<<uint(i)) != 0 {
				after(c.hooks[i], op)
			}
		}
	}()

	for i, h := range c.hooks {
		entered, err := before(h, op)
		if err != nil {
			op.Outcome = Aborted
			op.Err = &AbortError{Hook: nameOf(h), Err: err}
			return op.Err
		}
		if entered {
			op.entered |= 1 << uint(i)
		}
	}

	n := s.size()
	op.Outcome = Panicked // holds if the next line panics
	s.remove()
	op.Outcome = Absent
	if s.size() < n {
		op.Outcome = Deleted
	}
	return nil
}

// found asks before the hooks do anything. A key that cannot be hashed is not
// there; delete will say so in its own time.
func found(s subject) (ok bool) {
	defer func() { _ = recover() }()
	return s.find()
}
