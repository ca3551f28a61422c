package question

import (
	"bytes"
	"strings"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace/file"
)

func open(t *testing.T) *file.File {
	t.Helper()
	f, err := file.OpenReader(bytes.NewReader(Recording()), int64(len(Recording())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// The recording tells the story that the captions tell.
func TestStory(t *testing.T) {
	f := open(t)
	if d := f.Damage(); len(d) > 0 {
		t.Errorf("damage: %v", d)
	}
	var marks strings.Builder
	for _, m := range f.Marks(1, uint64(f.Len())) {
		marks.WriteRune(rune(m))
	}
	if marks.String() != Marks {
		t.Errorf("the marks are %s, not %s", marks.String(), Marks)
	}
	for seq, want := range map[uint64]gomap.State{1: gomap.Empty, 2: gomap.Deleted, 4: gomap.Deleted} {
		op, err := f.Seq(seq)
		if err != nil {
			t.Fatal(err)
		}
		d, err := moment.Of(f, op)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Delta.Changes) != 1 || d.Delta.Changes[0].State[1] != want {
			t.Errorf("op %d changes %+v, want one to %s", seq, d.Delta.Changes, want)
		}
	}
}

func TestCaptions(t *testing.T) {
	f := open(t)
	last := uint64(0)
	questions := 0
	for _, c := range Captions() {
		if c.Seq < last || c.Seq > uint64(f.Len()) {
			t.Errorf("a caption for op %d after one for op %d, of %d", c.Seq, last, f.Len())
		}
		last = c.Seq
		if c.Question != "" {
			questions++
			if c.Answer == "" {
				t.Errorf("no answer to %q", c.Question)
			}
		}
	}
	if questions != 1 {
		t.Errorf("%d questions", questions)
	}
}

// A recording made on one machine says nothing of that machine.
func TestNoPaths(t *testing.T) {
	f := open(t)
	for seq := uint64(1); seq <= uint64(f.Len()); seq++ {
		op, err := f.Seq(seq)
		if err != nil {
			t.Fatal(err)
		}
		for _, fr := range op.Stack {
			if strings.HasPrefix(fr.File, "/") {
				t.Errorf("op %d: %s", seq, fr.File)
			}
		}
	}
	if i := f.Info(); strings.Contains(i.Target+i.Goroot, "/") {
		t.Errorf("info %+v", i)
	}
	for _, file := range []string{"question/main.go", "internal/runtime/maps/table.go"} {
		if len(f.Source(file)) == 0 {
			t.Errorf("no lines of %s", file)
		}
	}
}
