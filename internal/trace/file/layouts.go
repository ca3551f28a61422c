package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"deltui/internal/gomap"
	"deltui/internal/visible"
)

// Bounds of a layout's trees and lists; that its offsets and sizes are what a map
// can have, [gomap.Layout.Check] tells.
const (
	maxTypeNodes = 1 << 16
	maxTypeDepth = 64
	maxFields    = 64
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
			fields[i].Name = cutText(visible.String(fields[i].Name))
		}
	}
	if err := c.Check(); err != nil {
		return nil, nil, err
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
