package export_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"regexp"
	"testing"

	"github.com/google/pprof/profile"

	"deltui/internal/export"
	"deltui/internal/gomap"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// FuzzExport exports a timeline of which a stranger has chosen the texts and the
// memory: every form is written, and can be read.
func FuzzExport(f *testing.F) {
	f.Add("42", "main.f", "x.go", 7, []byte{2, 0, 0, 0, 0, 0, 0, 0}, []byte("\x80\x80\xfe\x01"), false)
	f.Add("</script>", "<!--", "\u2028", -1, bytes.Repeat([]byte{0, 0x20}, 24), bytes.Repeat([]byte{5}, 144), true)
	f.Fuzz(func(t *testing.T, key, fn, name string, line int, head, row []byte, classic bool) {
		tl, err := file.Create("")
		if err != nil {
			t.Fatal(err)
		}
		defer tl.Close()
		s, l := tl.Sink(), tracetest.SwissLayout()
		if classic {
			l = tracetest.ClassicLayout()
			if head = bytes.Clone(head); len(head) > 9 {
				head[9] %= 8 // B: that a header may promise a million buckets is tried elsewhere
			}
		}
		id, err := s.Layout(l)
		if err != nil {
			t.Skip()
		}
		_ = s.Info(trace.Info{Target: name, GoVersion: fn})
		_ = s.Source(name, line, []string{key, fn})
		for range 2 {
			op, err := s.Begin(trace.Op{
				Kind: gomap.Delete, Func: fn, KeyText: key, Key: []byte(key), Map: trace.MapRef{ID: 1, Addr: 0x1000, Type: name, Layout: id},
				Stack: []trace.Frame{{Func: fn, File: name, Line: line, Inlined: true}, {Func: key, File: name, Line: line}},
			})
			if err != nil {
				t.Skip()
			}
			for _, phase := range []trace.Phase{trace.Before, trace.After} {
				_ = s.Read(trace.Moment{Op: op, Phase: phase}, 0, 0x1000, []trace.Region{{Addr: 0x1000, Role: gomap.RoleHeader, Data: head}, {Addr: 0x2000, Role: gomap.RoleRow, Data: row}})
				row = bytes.ToUpper(row)
			}
			_ = s.End(op, trace.Ending{Outcome: trace.Returned})
		}
		for _, form := range export.Forms() {
			var buf bytes.Buffer
			if _, err := export.Write(t.Context(), &buf, tl, form, export.At{Seq: 1}); err != nil {
				t.Fatalf("%s: %v", form, err)
			}
			check(t, form, buf.Bytes())
		}
	})
}

var recordsOf = regexp.MustCompile(`(?s)id="records">([^<]*)</script>`)

// check reads what was written.
func check(t *testing.T, form export.Form, b []byte) {
	t.Helper()
	switch form {
	case export.Lines:
		for dec := json.NewDecoder(bytes.NewReader(b)); ; {
			var v map[string]any
			if err := dec.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%v: %s", err, b)
			}
		}
	case export.Picture:
		for dec := xml.NewDecoder(bytes.NewReader(b)); ; {
			if _, err := dec.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%v: %s", err, b)
			}
		}
	case export.Cast:
		for line := range bytes.Lines(b) {
			if !json.Valid(line) {
				t.Fatalf("no JSON: %s", line)
			}
		}
	case export.Profile:
		if _, err := profile.ParseData(b); err != nil {
			t.Fatal(err)
		}
	case export.Page:
		if m := recordsOf.FindSubmatch(b); m == nil || !json.Valid(m[1]) {
			t.Fatalf("no records in\n%s", b)
		}
	}
}
