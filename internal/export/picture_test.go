package export_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"deltui/internal/export"
	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/tracetest"
)

type svg struct {
	Rects []struct {
		Class string `xml:"class,attr"`
	} `xml:"rect"`
	Texts []struct {
		Anchor string `xml:"text-anchor,attr"`
		Size   string `xml:"font-size,attr"`
		Text   string `xml:",chardata"`
	} `xml:"text"`
}

// A picture has the cells of its moment, by package moment, and marks the one that
// the op is about.
func TestPicture(t *testing.T) {
	tl := tracetest.New(t, tracetest.Options{Ops: 120, Layouts: []gomap.LayoutKind{gomap.Swiss}, Keys: 40})
	q, err := trace.Parse("mark=x")
	if err != nil {
		t.Fatal(err)
	}
	tomb, err := tl.Find(q, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []export.At{{Seq: 1, Before: true}, {Seq: tomb.Seq, Before: true}, {Seq: tomb.Seq}} {
		var buf bytes.Buffer
		if _, err := export.Write(t.Context(), &buf, tl, export.Picture, at); err != nil {
			t.Fatal(err)
		}
		var p svg
		if err := xml.Unmarshal(buf.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		var got, keys []string
		for _, text := range p.Texts {
			switch {
			case text.Anchor == "middle" && text.Size == "14":
				keys = append(keys, text.Text)
			case text.Anchor == "middle":
				got = append(got, text.Text)
			}
		}
		phase := trace.After
		if at.Before {
			phase = trace.Before
		}
		var cells, names []string
		for _, c := range want(t, tl, at.Seq, phase) {
			switch {
			case c.Byte == 0x80:
				cells = append(cells, "··")
			case c.Byte == 0xfe:
				cells = append(cells, "xx")
			default:
				cells = append(cells, fmt.Sprintf("%02x", c.Byte))
			}
			if c.Key != "" {
				names = append(names, c.Key)
			}
		}
		for i := range got {
			if _, now, changed := strings.Cut(got[i], "▸"); changed {
				if at.Before || now != "xx" {
					t.Errorf("%+v: cell %d is %s", at, i, got[i])
				}
				got[i] = now
			}
		}
		if len(cells) > 12*gomap.CellsPerRow {
			t.Fatalf("%d cells: the picture does not show all, and the test proves nothing", len(cells))
		}
		if !slices.Equal(got, cells) || !slices.Equal(keys, names) || len(p.Rects) != len(cells)+1 {
			t.Errorf("%+v:\ngot  %v %v\nwant %v %v", at, got, keys, cells, names)
		}
		if marked := bytes.Count(buf.Bytes(), []byte(" changed\"")); !at.Before && marked != 1 || at.Before && marked != 0 {
			t.Errorf("%+v: %d cells are marked", at, marked)
		}
	}
	if _, err := export.Write(t.Context(), &bytes.Buffer{}, tl, export.Picture, export.At{Seq: 121}); err == nil || !strings.Contains(err.Error(), "there is no op 121: the recording has ops 1 to 120") {
		t.Errorf("op 121: %v", err)
	}
}

var sgr = regexp.MustCompile(`\x1b\[[0-9;]*[mHJ]`)

// A cast has a screen for each op, with the map after it, and markers.
func TestCast(t *testing.T) {
	const ops = 100
	tl := tracetest.New(t, tracetest.Options{Ops: ops, Layouts: []gomap.LayoutKind{gomap.Swiss}, Keys: 40})
	var buf bytes.Buffer
	if _, err := export.Write(t.Context(), &buf, tl, export.Cast, export.At{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(buf.String(), "\n"), "\n")
	var head struct {
		Version int
		Term    struct{ Cols, Rows int }
	}
	if err := json.Unmarshal([]byte(lines[0]), &head); err != nil || head.Version != 3 || head.Term.Cols != 100 || head.Term.Rows == 0 {
		t.Fatalf("%s: %v", lines[0], err)
	}
	seq, markers, seconds := uint64(0), 0, 0.0
	for _, line := range lines[1:] {
		var wait float64
		var code, data string
		if err := json.Unmarshal([]byte(line), &[]any{&wait, &code, &data}); err != nil || wait < 0 {
			t.Fatalf("%s: %v", line, err)
		}
		seconds += wait
		if code == "m" {
			markers++
			continue
		}
		seq++
		op, err := tl.Seq(seq)
		if err != nil || code != "o" {
			t.Fatal(code, err)
		}
		a, err := moment.Of(tl, op)
		if err != nil {
			t.Fatal(err)
		}
		var want []string // of the rows
		for i := range a.After.Map.Rows {
			row := &a.After.Map.Rows[i]
			words := []string{row.Where.String()}
			for c, b := range row.Ctrl {
				word := map[gomap.State]string{gomap.Full: fmt.Sprintf("%02x", b), gomap.Empty: "··", gomap.Deleted: "xx"}[a.After.Map.Layout.State(row, c)]
				words = append(words, word)
			}
			want = append(want, strings.Join(words, " "))
		}
		if len(want) > 16 {
			continue // the screen does not have them all
		}
		screen := sgr.ReplaceAllString(data, "")
		screen = regexp.MustCompile(`\S\S▶`).ReplaceAllString(screen, "")
		rows := strings.Split(screen, "\r\n")[2:]
		for i := range want {
			if got := strings.Join(strings.Fields(rows[i]), " "); got != want[i] {
				t.Fatalf("op %d: %q, want %q", seq, got, want[i])
			}
		}
		if !strings.Contains(screen, "why ") {
			t.Errorf("op %d does not say why: %q", seq, screen)
		}
	}
	marks := tl.Marks(1, ops)
	tombs := 0
	for _, m := range marks {
		if m == trace.MarkTombstone {
			tombs++
		}
	}
	if seq != ops || markers < tombs || tombs == 0 || seconds < 0.4*(ops-1)-.001 {
		t.Errorf("%d screens, %d markers for %d tombstones, %.1f s", seq, markers, tombs, seconds)
	}
}
