package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/oplog"
	"deltui/internal/trace"
)

// An asciicast's terminal.
const (
	castCols = 100
	castRows = 32
	castMap  = 16 // rows of the map, at most
)

// Between two ops as much time passes as in the target, but never so little that
// nobody can see the first, and not as long as it slept.
const (
	shortest = 400 * time.Millisecond
	longest  = 2 * time.Second
)

// writeCast writes an asciicast of version 3: a screen an op, with the map after it
// and what `deltui trace` prints of it. Tombstones and events are its markers.
func writeCast(w io.Writer, ops ops) (Result, error) {
	info := ops.tl.Info()
	header := map[string]any{
		"version": 3, "term": map[string]any{"cols": castCols, "rows": castRows, "type": "xterm-256color"},
		"title": strings.TrimSpace("deltui: " + info.Target),
	}
	if !info.Started.IsZero() {
		header["timestamp"] = max(info.Started.Unix(), 0)
	}
	line, err := json.Marshal(header)
	if err != nil {
		return Result{}, err
	}
	var out bytes.Buffer
	out.Write(line)
	out.WriteByte('\n')
	var last time.Duration
	first := true
	r, err := ops.each(func(op *trace.Op) error {
		wait := min(max(op.Ended-last, shortest), longest)
		if first {
			wait, first = 0, false
		}
		last = op.Ended
		screen, err := castScreen(ops.tl, op)
		if err != nil {
			return err
		}
		event(&out, wait.Seconds(), "o", screen)
		if label := castLabel(op); label != "" {
			event(&out, 0, "m", label)
		}
		_, err = w.Write(out.Bytes())
		out.Reset()
		return err
	})
	if err == nil && out.Len() > 0 {
		_, err = w.Write(out.Bytes()) // there was no op
	}
	if err != nil {
		return r, fmt.Errorf("writing the cast: %w", err)
	}
	return r, nil
}

func event(out *bytes.Buffer, wait float64, code, data string) {
	line, err := json.Marshal([]any{json.Number(strconv.FormatFloat(wait, 'f', 3, 64)), code, data})
	if err != nil {
		panic(err) // a number and two strings
	}
	out.Write(line)
	out.WriteByte('\n')
}

// castLabel names what is worth going to.
func castLabel(op *trace.Op) string {
	switch {
	case op.Summary.Mark == trace.MarkTombstone:
		return fmt.Sprintf("op %d: a tombstone", op.Seq)
	case len(op.Summary.Events) > 0:
		words := make([]string, len(op.Summary.Events))
		for i, e := range op.Summary.Events {
			words[i] = string(e)
		}
		return fmt.Sprintf("op %d: %s", op.Seq, strings.Join(words, ", "))
	}
	return ""
}

// castScreen is the screen after an op.
func castScreen(tl trace.Timeline, op *trace.Op) (string, error) {
	s, err := moment.Load(tl, trace.Moment{Op: op.ID, Phase: trace.After})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("\x1b[H\x1b[2J\x1b[1m")
	b.WriteString(cut(fmt.Sprintf("%s  %s", moment.MapName(op.Map.ID), op.Map.Type), castCols))
	b.WriteString("\x1b[0m\r\n\r\n")
	if k := s.Shown(); k.Shows() {
		rows := choose(s, castMap)
		for _, i := range rows {
			castRow(&b, s, i)
		}
		if more := len(k.Map.Rows) - len(rows); more > 0 {
			fmt.Fprintf(&b, "and %d rows more\r\n", more)
		}
	} else {
		b.WriteString(cut("there is no map to show: "+k.Lacks(), castCols) + "\r\n")
	}
	b.WriteString("\r\n")
	var text bytes.Buffer
	if err := oplog.NewText(&text, tl, oplog.Style{Width: castCols, Color: true, Stack: true}).Op(op); err != nil {
		return "", err
	}
	b.WriteString(strings.ReplaceAll(text.String(), "\n", "\r\n"))
	return b.String(), nil
}

// castRow writes a row: its name, and in 9 columns each its cells.
func castRow(b *strings.Builder, s *moment.Scene, i int) {
	row := &s.Shown().Map.Rows[i]
	fmt.Fprintf(b, "%-24s", cut(row.Where.String(), 23))
	for c := range gomap.CellsPerRow {
		st := s.Layout.State(row, c)
		word, sgr := glyph(st, row.Ctrl[c]), ""
		switch {
		case st == gomap.Deleted:
			sgr = "\x1b[1;33m"
		case st != gomap.Full:
			sgr = "\x1b[2m"
		}
		if change := s.Change(gomap.Place{Row: i, Cell: c}); change != nil {
			word = glyph(change.State[0], change.From) + "▶" + word
			if st != gomap.Deleted {
				sgr = "\x1b[1;36m"
			}
		}
		b.WriteString(sgr + word)
		if sgr != "" {
			b.WriteString("\x1b[0m")
		}
		b.WriteString(strings.Repeat(" ", max(9-len([]rune(word)), 1)))
	}
	b.WriteString("\r\n")
}
