package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"deltui/internal/oplog"
	"deltui/internal/trace"
)

// Form is what a recording becomes.
type Form string

// The forms, by the ending of a file's name.
const (
	Page    Form = ".html"
	Picture Form = ".svg"
	Cast    Form = ".cast"
	Lines   Form = ".jsonl"
	Profile Form = ".pb.gz"
)

var forms = []Form{Page, Picture, Cast, Lines, Profile}

// Forms lists the forms that there are.
func Forms() []Form { return slices.Clone(forms) }

// FormOf tells the form from a file's name. The error lists the endings there are.
func FormOf(name string) (Form, error) {
	base := strings.ToLower(filepath.Base(name))
	for _, f := range forms {
		if strings.HasSuffix(base, string(f)) {
			return f, nil
		}
	}
	return "", fmt.Errorf("%s: its ending says no form; there are %s", filepath.Base(name), endings())
}

func endings() string {
	words := make([]string, len(forms))
	for i, f := range forms {
		words[i] = string(f)
	}
	return strings.Join(words, ", ")
}

// Result is what an export holds, and what it lacks.
type Result struct {
	Ops int // that it tells of
	// Damaged counts the ops that are in a damaged part of the recording.
	Damaged int
	// Left counts the ops that the form has no room for: the last ones.
	Left int
}

// At is the moment of a picture.
type At struct {
	Seq    uint64
	Before bool // the op's before, and not its after
}

// ParseAt reads a moment as people write it: 12 is after op 12, 12b before it.
func ParseAt(s string) (At, error) {
	number, before := strings.CutSuffix(s, "b")
	seq, err := strconv.ParseUint(number, 10, 63)
	if err != nil || seq == 0 {
		return At{}, fmt.Errorf("%q is no moment; 12 is after op 12, 12b before it", s)
	}
	return At{seq, before}, nil
}

// Write exports a timeline's ops as form to w. An error is w's or ctx's, or says
// that the timeline has none of what was asked for; ops that the timeline cannot
// return are left out and counted. at is for a [Picture].
func Write(ctx context.Context, w io.Writer, tl trace.Timeline, form Form, at At) (Result, error) {
	ops := ops{ctx, tl}
	switch form {
	case Page:
		return writePage(w, ops)
	case Picture:
		return writePicture(w, tl, at)
	case Cast:
		return writeCast(w, ops)
	case Lines:
		return writeLines(w, ops)
	case Profile:
		return writeProfile(w, ops)
	}
	return Result{}, fmt.Errorf("no form is called %q; there are %s", form, endings())
}

// writeLines writes the contract's JSON lines.
func writeLines(w io.Writer, ops ops) (Result, error) {
	p := oplog.NewJSON(w, ops.tl)
	return ops.each(p.Op)
}

// ops are a timeline's, as long as somebody waits for them.
type ops struct {
	ctx context.Context
	tl  trace.Timeline
}

// each calls f with every op that the timeline returns, in the order of ending.
func (o ops) each(f func(*trace.Op) error) (Result, error) {
	var r Result
	n := uint64(o.tl.Len())
	for seq := o.tl.First(); seq <= n; seq++ {
		if err := context.Cause(o.ctx); err != nil {
			return r, err
		}
		op, err := o.tl.Seq(seq)
		switch {
		case errors.Is(err, trace.ErrLetGo):
			continue // a bounded timeline that is written to meanwhile
		case err != nil:
			r.Damaged++
			continue
		}
		if err := f(op); err != nil {
			return r, err
		}
		r.Ops++
	}
	return r, nil
}
