package live_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"deltui/internal/guard"
	"deltui/internal/moment"
	"deltui/internal/probe"
	"deltui/internal/probe/launch"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
)

func TestMain(m *testing.M) {
	guard.Main()
	os.Exit(m.Run())
}

// watched is a target's timeline after its end.
type watched struct {
	tl   *file.File
	acts []*moment.Act // the ops, in the order of their ends
	out  string        // what the target printed
}

func timeline(t *testing.T) *file.File {
	t.Helper()
	tl, err := file.Create("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tl.Close() })
	return tl
}

// watch launches a program and watches it to its end.
func watch(t *testing.T, ctx context.Context, path string, args []string, plan probe.Plan) *watched {
	t.Helper()
	l, err := launch.Launch(ctx, launch.Config{Path: path, Args: args})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Ops == nil {
		plan.Ops = deletes
	}
	tl := timeline(t)
	plan.Seen = tl
	if err := l.Run(ctx, plan, tl.Sink()); err != nil {
		t.Fatalf("%s %v: %v", path, args, err)
	}
	if l.State().Doing != probe.Ended {
		t.Errorf("%v: after its end the source says %+v", args, l.State())
	}
	return acts(t, tl)
}

// acts decodes all that a timeline holds.
func acts(t *testing.T, tl *file.File) *watched {
	t.Helper()
	w := &watched{tl: tl}
	for seq := range tl.Len() {
		op, err := tl.Seq(uint64(seq + 1))
		if err != nil {
			t.Fatal(err)
		}
		a, err := moment.Of(tl, op)
		if err != nil {
			t.Fatal(err)
		}
		w.acts = append(w.acts, a)
	}
	var out strings.Builder
	for _, l := range tl.Output(1 << 20) {
		out.WriteString(l.Text + "\n")
	}
	w.out = out.String()
	return w
}

// told is an op as these tests compare it.
func told(a *moment.Act) string {
	text := fmt.Sprintf("%s %s %s", a.Op.Kind, a.Op.KeyText, a.Op.Outcome)
	if a.Op.Map.Addr != 0 && a.Op.Outcome == trace.Returned {
		text += fmt.Sprintf(" %d→%d", a.Delta.Used[0], a.Delta.Used[1])
	}
	return text
}

func (w *watched) told() (all []string) {
	for _, a := range w.acts {
		all = append(all, told(a))
	}
	return all
}
