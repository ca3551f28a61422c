package live

import (
	"errors"
	"fmt"

	"deltui/internal/debuginfo"
	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// layoutOf is a map type of the target, with its number on the timeline: 0
// where nothing is known of it but its address.
type layoutOf struct {
	*gomap.Layout
	id trace.LayoutID
}

// layout finds the layout of the map type whose descriptor is at rtype.
func (l *Loop) layout(rtype uint64) (*layoutOf, error) {
	if lo, ok := l.layouts[rtype]; ok {
		return lo, nil
	}
	g, err := l.file.Layout(rtype - l.slide)
	if errors.Is(err, debuginfo.ErrNoType) {
		// Made at run time (reflect.MapOf), or by the linker without a word: the
		// descriptor in the target tells the same.
		g, err = l.file.LayoutFromMemory(&recorder{l: l}, rtype, l.slide)
	}
	if errGone(err) {
		return nil, err
	}
	if err != nil {
		// The op is told all the same, with what is known of it.
		l.note(fmt.Sprintf("ops on the map type at %#x cannot be read: %v", rtype, err))
		lo := &layoutOf{Layout: &gomap.Layout{Type: fmt.Sprintf("(map type at %#x)", rtype)}}
		l.layouts[rtype] = lo
		return lo, nil
	}
	id, err := l.sink.Layout(g)
	if err != nil {
		return nil, err
	}
	lo := &layoutOf{Layout: g, id: id}
	l.layouts[rtype] = lo
	if l.info.Layout == "" {
		l.info.Layout = g.Kind.String()
		_ = l.sink.Info(l.info)
		l.listings.rules(g.Kind, l.info.Goroot)
	}
	return lo, nil
}
