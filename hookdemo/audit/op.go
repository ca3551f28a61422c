package audit

import (
	"context"
	"fmt"
)

// An Outcome is what came of an op.
type Outcome string

// The outcomes of an op.
const (
	Deleted  Outcome = "deleted"  // the key was there and is gone
	Absent   Outcome = "absent"   // the key was not there (or is a NaN, which nothing finds)
	Aborted  Outcome = "aborted"  // a hook returned an error: the map is unchanged
	Panicked Outcome = "panicked" // delete itself panicked: the key cannot be hashed
	Exited   Outcome = "exited"   // a hook ended its goroutine: the map is unchanged
)

// Failed reports whether the delete did not take place although it was asked for.
func (o Outcome) Failed() bool { return o == Aborted || o == Panicked || o == Exited }

// An Op is one delete on its way through the hooks. It belongs to the goroutine
// that deletes: a hook copies what it keeps.
type Op struct {
	Context context.Context // of DeleteContext; a hook that deletes in turn hands it on

	Map   interface{} // the map itself, of its own type
	Key   interface{} // the key; of the map's key type, but for interface keys
	Found bool        // whether the key was there when Delete was called
	Nest  int         // how many ops of this goroutine are around this one, in whose hooks it was made
	Hooks string      // names of the hooks, joined by +

	LenBefore int // the map's length when Delete was called

	// Known in After only.
	Outcome  Outcome
	LenAfter int     // the map's length after all, with what the hooks did to it
	Err      error   // why it was aborted
	Faults   []Fault // what went wrong in hooks so far

	wrapped []wrapped
}

// Actor is who deletes; see [WithActor].
func (op *Op) Actor() string { return Actor(op.Context) }

func (op *Op) abort(by Hook, err error) {
	op.Outcome = Aborted
	op.Err = &AbortError{Hook: nameOf(by), Err: err}
}

// A Fault is something that went wrong in a hook and did not stop the delete's
// caller.
type Fault struct {
	Hook  string // its name
	Phase string // "before", "after" or "nest"
	Text  string // the panic's value, or the limit that was met
	Stack string // the goroutine's stack, where there was a panic
}

func (f Fault) String() string { return f.Hook + "." + f.Phase + ": " + f.Text }

// An AbortError tells that a hook stopped a delete, and which.
type AbortError struct {
	Hook string
	Err  error
}

func (e *AbortError) Error() string {
	return fmt.Sprintf("delete aborted by hook %s, the map is unchanged: %v", e.Hook, e.Err)
}

func (e *AbortError) Unwrap() error { return e.Err }

// A NestError tells that a delete made by a hook was refused, so that hooks
// that cause each other come to an end.
type NestError struct {
	What  string // "depth" or "count"
	Limit int
}

func (e *NestError) Error() string {
	return fmt.Sprintf("delete refused, the map is unchanged: a hook's deletes are limited to %s %d (audit.SetLimits)", e.What, e.Limit)
}
