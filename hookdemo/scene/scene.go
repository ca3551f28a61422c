package scene

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"deltui.example/hookdemo/audit"
)

// Result counts what was played. The numbers are the same each time.
type Result struct {
	Native   int // builtin deletes
	Audited  int // audited ones, those that a hook makes too
	Recorded int // of these, told to the log
	Aborted  int // of these, stopped by a hook
	Absent   int // of these, whose key was not there

	Plain, Twin int // sessions left in the two caches
}

const sessions = 8

// An act is one key and the hooks under which it is deleted.
type act struct {
	key   string
	hooks []audit.Hook
	why   string
}

// Play plays the scene with log as its AuditLog, tells it on out, and puts back
// the hook that was set before.
func Play(out io.Writer, log audit.Hook) Result {
	var res Result
	plain, audited := newCache(sessions), newCache(sessions)
	record := counted{log, &res}
	cascade := audit.Cascade("Cascade", audited.cascade)
	ctx := audit.WithActor(context.Background(), "the janitor")
	defer audit.Set(audit.Set(audit.NoOp))

	fmt.Fprintf(out, "Twins: two caches of %d sessions. Each key goes from the plain one by the builtin,\nthen from the audited one by audit.Delete.\n\n", sessions)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "key\tdelete(m, k)\taudit.Delete(m, k)\tunder\twhat that shows")
	for _, a := range []act{
		{"s-01", nil, "nobody is told of either"},
		{"s-02", []audit.Hook{record}, "the same delete, and a record of it"},
		{"s-99", []audit.Hook{record}, "an absent key: no change, and a record of that"},
		{"s-03", []audit.Hook{record, cascade}, "2 tokens go too; the plain one's stay behind"},
		{"s-04", []audit.Hook{record, cascade}, "the builtin asks nobody"},
		{"s-05", []audit.Hook{record, broken{}}, "the hook panics: a fault is recorded, the delete is done"},
	} {
		hooks := audit.Chain(a.hooks...)
		audit.Set(hooks)

		n := len(plain.sessions)
		plain.drop(a.key)
		res.Native++
		natively := fmt.Sprintf("%d→%d", n, len(plain.sessions))

		n = len(audited.sessions)
		tokens := len(audited.tokens)
		err := audited.evict(ctx, a.key)
		res.Audited += 1 + tokens - len(audited.tokens)
		outcome := fmt.Sprintf("%d→%d", n, len(audited.sessions))
		var abort *audit.AbortError
		if errors.As(err, &abort) {
			outcome += ", aborted: " + abort.Err.Error()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.key, natively, outcome, hooks.Name(), a.why)
	}
	_ = w.Flush() // as far as out takes it
	res.Plain, res.Twin = len(plain.sessions), len(audited.sessions)
	fmt.Fprintf(out, "\nLeft: %d sessions and %d tokens, in the audited one %d and %d. `hookdemo intercept` would show the plain one's deletes too.\n",
		len(plain.sessions), len(plain.tokens), len(audited.sessions), len(audited.tokens))
	return res
}

// counted counts what its hook is told.
type counted struct {
	audit.Hook
	res *Result
}

func (h counted) After(op *audit.Op) {
	h.res.Recorded++
	switch op.Outcome {
	case audit.Aborted:
		h.res.Aborted++
	case audit.Absent:
		h.res.Absent++
	}
	h.Hook.After(op)
}

type broken struct{}

func (broken) Name() string           { return "Broken" }
func (broken) Before(*audit.Op) error { panic("a bug in the hook") }
func (broken) After(*audit.Op)        {}
