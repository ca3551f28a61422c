package audit

import (
	"context"
	"fmt"
	"reflect"
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
	if s.idle {
		remove(m, k)
		return nil
	}
	return deleteHooked(s, context.Background(), m, k)
}

// DeleteContext is Delete on behalf of someone: the hooks find ctx, and the
// actor that it carries, in the op. That ctx is done does not keep the entry; a
// hook that wants so can.
func DeleteContext[M ~map[K]V, K comparable, V any](ctx context.Context, m M, k K) error {
	s := current.Load().(*setting)
	if s.idle {
		remove(m, k)
		return nil
	}
	return deleteHooked(s, ctx, m, k)
}

// deleteHooked is a function of its own, so that in Delete the key does not
// escape to the heap.
//
//go:noinline
func deleteHooked[M ~map[K]V, K comparable, V any](s *setting, ctx context.Context, m M, k K) error {
	c := s.of(m)
	if c == nil {
		remove(m, k)
		return nil
	}
	t := &typed[M, K, V]{m: m, k: k}
	t.op.Context, t.op.Map, t.op.Key = ctx, m, k
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

// DeleteAny is DeleteContext for a map and a key whose types are not known at
// compile time. It returns an error if m is no map, or k cannot be assigned to
// its key type.
func DeleteAny(ctx context.Context, m, k interface{}) error {
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
	c := current.Load().(*setting).of(m)
	if c == nil {
		u.remove()
		return nil
	}
	u.op.Context, u.op.Map, u.op.Key = ctx, m, k
	return run(c, &u.op, u)
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
	mapdelete(typeOf(u.held), header(u.held), u.k.UnsafePointer())
}

// run takes op through the hooks of c.
func run(c *chain, op *Op, s subject) (err error) {
	op.Hooks = c.name
	if op.Context == nil {
		op.Context = context.Background()
	}
	root, err := enter(op)
	if err != nil {
		return err
	}
	defer leave(root)
	op.LenBefore = s.size()
	op.Found = found(s)
	op.Outcome = Exited // holds if a hook calls runtime.Goexit
	var entered uint64
	defer func() {
		op.LenAfter = s.size()
		c.tell(op, entered)
	}()
	by, err := c.ask(op, &entered)
	if err != nil {
		op.abort(by, err)
		return op.Err
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
