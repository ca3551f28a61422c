package file

import (
	"encoding/json"
	"errors"
	"fmt"
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

func (f *File) addFact(v fact) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("adding to the timeline: %w", err)
	}
	if len(b) > maxFact || f.factBytes+len(b) >= maxFacts || f.factCount >= maxFactCount {
		return fmt.Errorf("adding to the timeline: more types and layouts than it can hold")
	}
	f.factBytes += len(b) + 1
	f.factCount++
	f.facts = append(append(f.facts, b...), '\n')
	return nil
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

// Bounds of a layout. Decoding trusts its offsets to be within its sizes.
const (
	maxTypeNodes = 1 << 16
	maxTypeDepth = 64
	maxFields    = 64
	maxRowSize   = 1 << 20
)

// copyLayout returns a deep copy with visible texts, and its JSON.
func copyLayout(l *gomap.Layout) (*gomap.Layout, []byte, error) {
	if l == nil || l.Key == nil || l.Elem == nil {
		return nil, nil, errors.New("a layout without key or elem type")
	}
	c := *l
	c.Type = cutText(visible.String(l.Type))
	nodes := 0
	var err error
	if c.Key, err = copyTypeNode(l.Key, 0, &nodes); err != nil {
		return nil, nil, err
	}
	if c.Elem, err = copyTypeNode(l.Elem, 0, &nodes); err != nil {
		return nil, nil, err
	}
	c.Header, c.Table.Fields = slices.Clone(l.Header), slices.Clone(l.Table.Fields)
	for _, fields := range [][]gomap.Field{c.Header, c.Table.Fields} {
		if len(fields) > maxFields {
			return nil, nil, fmt.Errorf("layout of %s: %d header fields", c.Type, len(fields))
		}
		for i := range fields {
			fd := &fields[i]
			fd.Name = cutText(visible.String(fd.Name))
			if fd.Size == 0 || fd.Size > 8 || fd.Off > 4096 {
				return nil, nil, fmt.Errorf("layout of %s: field %s of %d bytes at %d", c.Type, fd.Name, fd.Size, fd.Off)
			}
		}
	}
	r := &c.Row
	if r.Size > maxRowSize || r.Ctrl > r.Size || r.Keys > r.Size || r.Elems > r.Size || r.Overflow > r.Size ||
		r.KeyStride > r.Size || r.ElemStride > r.Size || c.HeaderSize > 4096 || c.Table.Size > 4096 ||
		c.Table.GroupsData > 4096 || c.Table.LengthMask > 4096 {
		return nil, nil, fmt.Errorf("layout of %s: sizes that no map has", c.Type)
	}
	text, err := json.Marshal(&c)
	if err != nil {
		return nil, nil, fmt.Errorf("layout of %s: %w", c.Type, err)
	}
	return &c, text, nil
}

func copyType(t *gomap.Type) (*gomap.Type, error) {
	if t == nil {
		return nil, errors.New("no type")
	}
	nodes := 0
	return copyTypeNode(t, 0, &nodes)
}

func copyTypeNode(t *gomap.Type, depth int, nodes *int) (*gomap.Type, error) {
	if *nodes++; *nodes > maxTypeNodes || depth > maxTypeDepth {
		return nil, fmt.Errorf("type %s is too large", visible.String(t.Name))
	}
	c := *t
	c.Name = cutText(visible.String(t.Name))
	var err error
	if t.Elem != nil {
		if c.Elem, err = copyTypeNode(t.Elem, depth+1, nodes); err != nil {
			return nil, err
		}
	}
	c.Fields = slices.Clone(t.Fields)
	for i := range c.Fields {
		fd := &c.Fields[i]
		fd.Name = cutText(visible.String(fd.Name))
		if fd.Type == nil {
			return nil, fmt.Errorf("type %s: field %s has no type", c.Name, fd.Name)
		}
		if fd.Type, err = copyTypeNode(fd.Type, depth+1, nodes); err != nil {
			return nil, err
		}
	}
	return &c, nil
}
