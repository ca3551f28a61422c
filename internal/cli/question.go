package cli

import (
	"bytes"
	"context"
	"fmt"

	"deltui/internal/oplog"
	"deltui/internal/samples/question"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/tui"
)

// questionItem is the start screen's first: a recording that asks a question. It
// needs no target, no Go and no permission.
func questionItem(next tui.StartItem) tui.StartItem {
	next.Title = "watch " + next.Title + " live"
	return tui.StartItem{
		Title: "half a minute: why ··, why xx?",
		Hint:  "a recording that asks a question",
		Play:  true,
		Open: func(context.Context, func(tui.Progress)) (*tui.Session, error) {
			rec := question.Recording()
			tl, err := file.OpenReader(bytes.NewReader(rec), int64(len(rec)))
			if err != nil {
				return nil, fmt.Errorf("the bundled recording: %w", err)
			}
			s := &tui.Session{
				Timeline: tl,
				JSON:     func(op *trace.Op) ([]byte, error) { return oplog.Line(tl, op) },
				Close:    tl.Close,
				Next:     &next,
			}
			for _, c := range question.Captions() {
				phase := trace.Before
				if c.After {
					phase = trace.After
				}
				s.Captions = append(s.Captions, tui.Caption{Seq: c.Seq, Phase: phase, Text: c.Text, Question: c.Question, Answer: c.Answer})
			}
			return s, nil
		},
	}
}
