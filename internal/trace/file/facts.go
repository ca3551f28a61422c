package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"deltui/internal/gomap"
	"deltui/internal/trace"
	"deltui/internal/visible"
)

// fact is something about the whole timeline: one JSON object, on a line of
// its own, with one field set (and ID, for a layout's number or a type's
// address). Of Info, Fate and Usage the last one counts.
type fact struct {
	Info   *trace.Info   `json:"info,omitempty"`
	Fate   *trace.Fate   `json:"fate,omitempty"`
	Usage  *trace.Usage  `json:"usage,omitempty"`
	Layout *gomap.Layout `json:"layout,omitempty"`
	Type   *gomap.Type   `json:"type,omitempty"`
	Source *sourceLines  `json:"source,omitempty"`
	ID     uint64        `json:"id,omitempty"`
}

// sourceLines is lines of a source file, the first of which has number First.
type sourceLines struct {
	File  string   `json:"file"`
	First int      `json:"first"`
	Lines []string `json:"lines"`
}

// addFact puts a fact by for the next flush. It reports false if there is no room
// for it: the last of the room is for info, fate and usage.
func (f *File) addFact(v fact) bool {
	b, err := json.Marshal(v)
	if err != nil || len(b) > maxFact {
		return false
	}
	bytes, count := maxFacts, maxFactCount
	if v.Layout != nil || v.Type != nil || v.Source != nil {
		bytes, count = bytes-keptForInfo, count-keptForInfo>>10
	}
	if f.factBytes+len(b) >= bytes || f.factCount >= count {
		return false
	}
	f.factBytes += len(b) + 1
	f.factCount++
	f.facts = append(append(f.facts, b...), '\n')
	return true
}

// keptForInfo is how much of a file's facts only info, fate and usage may take.
const keptForInfo = 2 << 20

// setInfo replaces the info, of which the notes are the source's and our own.
func (f *File) setInfo(i trace.Info) {
	f.given = i
	i.Notes = append(slices.Clone(i.Notes), f.notes...)
	f.addFact(fact{Info: &i})
	f.publish(func() { f.info = i })
}

// note tells what the timeline itself has to say of what it holds, once.
func (f *File) note(text string) {
	if text = cutText(visible.String(text)); len(f.notes) < maxNotes && !slices.Contains(f.notes, text) {
		f.notes = append(f.notes, text)
		f.setInfo(f.given)
	}
}

// maxNotes bounds the timeline's own notes.
const maxNotes = 32

// Info implements [trace.Sink].
func (s sink) Info(i trace.Info) error {
	unlock, err := s.f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	i = visibleInfo(i)
	i.Args, i.Notes = fewer(i.Args), fewer(i.Notes)
	s.f.setInfo(i)
	return nil
}

// fewer keeps the first of a list of texts, 128 KiB together.
func fewer(ss []string) []string {
	n := 0
	for i, s := range ss {
		if n += len(s) + 1; n > 128<<10 {
			return append(slices.Clip(ss[:i]), fmt.Sprintf("… and %d more", len(ss)-i))
		}
	}
	return ss
}

// Fate implements [trace.Sink].
func (s sink) Fate(fate trace.Fate) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	fate = visibleFate(fate)
	f.addFact(fact{Fate: &fate})
	f.publish(func() { f.fate = fate })
	return nil
}

// Usage implements [trace.Sink]. The file counts unexplained changes itself: by
// the summaries, so that all ops count, printed or not.
func (s sink) Usage(u trace.Usage) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	u.Unexplained = f.unexplained
	f.publish(func() { f.usage = u })
	return nil
}

// Layout implements [trace.Sink]. A layout that the timeline has keeps its
// number.
func (s sink) Layout(l *gomap.Layout) (trace.LayoutID, error) {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return 0, err
	}
	defer unlock()
	if l == nil || l.Key == nil || l.Elem == nil {
		return 0, errors.New("a layout without key or elem type")
	}
	c, text, err := copyLayout(l)
	if err != nil {
		f.note("ops on maps of a type cannot be decoded: " + err.Error())
		return 0, nil
	}
	for i, have := range f.layouts {
		if have.Type != c.Type {
			continue
		}
		if old, err := json.Marshal(have); err == nil && bytes.Equal(old, text) {
			return trace.LayoutID(i + 1), nil
		}
	}
	id := trace.LayoutID(len(f.layouts) + 1)
	if !f.addFact(fact{Layout: c, ID: uint64(id)}) {
		f.note("the target has more types of maps than a timeline takes: ops on maps of the others cannot be decoded")
		return 0, nil
	}
	f.publish(func() { f.layouts = append(f.layouts, c) })
	return id, nil
}

// Type implements [trace.Sink].
func (s sink) Type(addr uint64, t *gomap.Type) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	if f.types[addr] != nil {
		return nil
	}
	if t == nil {
		return errors.New("no type")
	}
	c, err := copyType(t)
	if err != nil || !f.addFact(fact{Type: c, ID: addr}) {
		f.note("the target has more or larger dynamic types than a timeline takes: values of the others are not shown")
		return nil
	}
	f.publish(func() { f.types[addr] = c })
	return nil
}

// Source implements [trace.Sink]. Lines that the timeline has are not added
// again.
func (s sink) Source(file string, first int, lines []string) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	src := sourceLines{File: cutText(visible.String(file)), First: first, Lines: make([]string, len(lines))}
	known := f.sources[src.File]
	fresh := false
	size := 0
	for i, l := range lines {
		src.Lines[i] = cutText(visible.Line(l, 0))
		size += 2*len(src.Lines[i]) + 64 // as JSON
		if old, ok := known[first+i]; !ok || old != src.Lines[i] {
			fresh = true
		}
	}
	if !fresh || size > maxFact || f.texts+size > maxSource || !f.addFact(fact{Source: &src}) {
		return nil // known, or more than a timeline keeps
	}
	f.publish(func() { f.addSource(&src) })
	return nil
}

// addSource replaces a file's lines, so that readers may keep the map.
func (s *state) addSource(src *sourceLines) {
	lines := maps.Clone(s.sources[src.File])
	if lines == nil {
		lines = map[int]string{}
	}
	for i, l := range src.Lines {
		if s.texts += len(l) + 64; s.texts > maxSource {
			break
		}
		lines[src.First+i] = l
	}
	s.sources[src.File] = lines
}

// addFacts takes in a frame of facts that was read.
func (f *File) addFacts(b []byte) error {
	for len(b) > 0 {
		line := b
		if i := slices.Index(b, '\n'); i >= 0 {
			line, b = b[:i], b[i+1:]
		} else {
			b = nil
		}
		if f.factCount++; f.factCount > maxFactCount {
			return fmt.Errorf("%w: more facts than any file may have", errCorrupt)
		}
		if len(line) > maxFact {
			return fmt.Errorf("%w: a fact of %d bytes", errCorrupt, len(line))
		}
		var v fact
		if err := json.Unmarshal(line, &v); err != nil {
			return fmt.Errorf("%w: a fact: %w", errCorrupt, err)
		}
		if err := f.addReadFact(&v); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) addReadFact(v *fact) error {
	switch {
	case v.Info != nil:
		f.info = visibleInfo(*v.Info)
	case v.Fate != nil:
		f.fate = visibleFate(*v.Fate)
	case v.Usage != nil:
		f.usage = *v.Usage
	case v.Layout != nil:
		l, _, err := copyLayout(v.Layout)
		if err != nil {
			return err
		}
		// Layouts are numbered from 1 without gaps; a frame that was lost
		// leaves places for those that it had.
		if v.ID == 0 || v.ID > uint64(len(f.layouts))+1<<16 {
			return errCorrupt
		}
		for uint64(len(f.layouts)) < v.ID {
			f.layouts = append(f.layouts, nil)
		}
		f.layouts[v.ID-1] = l
	case v.Type != nil:
		t, err := copyType(v.Type)
		if err != nil {
			return err
		}
		f.types[v.ID] = t
	case v.Source != nil:
		src := sourceLines{File: cutText(visible.String(v.Source.File)), First: v.Source.First, Lines: v.Source.Lines}
		for i, l := range src.Lines {
			src.Lines[i] = cutText(visible.Line(l, 0))
		}
		f.addSource(&src)
	}
	return nil
}

func visibleAll(ss []string) []string {
	ss = slices.Clone(ss)
	for i, s := range ss {
		ss[i] = cutText(visible.String(s))
	}
	return ss
}

// visible returns a copy whose texts are safe to show.
func visibleInfo(i trace.Info) trace.Info {
	for _, s := range []*string{&i.Target, &i.GoVersion, &i.Experiment, &i.Arch, &i.Layout, &i.Goroot} {
		*s = cutText(visible.String(*s))
	}
	i.Args, i.Ops, i.Notes = visibleAll(i.Args), visibleAll(i.Ops), visibleAll(i.Notes)
	return i
}

func visibleFate(f trace.Fate) trace.Fate {
	f.Signal, f.Text = cutText(visible.String(f.Signal)), cutText(visible.String(f.Text))
	return f
}
