package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"

	"deltui/internal/tui/look"
)

// action is what a key or a palette entry does.
type action int

// The actions.
const (
	actNone action = iota
	actNext
	actPrev
	actStep
	actStepBack
	actFirst
	actEnd
	actNextEvent
	actPrevEvent
	actNextTomb
	actPrevTomb
	actCellDown
	actCellUp
	actRowDown
	actRowUp
	actPageDown
	actPageUp
	actNextPanel
	actPrevPanel
	actPanel // 1 to 6
	actZoom
	actOpen
	actBack
	actRun
	actFaster
	actSlower
	actUntil
	actUndo
	actRedo
	actSearch
	actSearchNext
	actSearchPrev
	actFollow
	actWho
	actMaps
	actWriter
	actWriterBack
	actHistory
	actSave
	actFilter
	actRaw
	actValue
	actOutput
	actInput
	actWatch
	actCopy
	actCopyJSON
	actEditor
	actPalette
	actHelp
	actInterrupt
	actSuspend
	actQuit
	// Of the palette only:
	actUntilMap
	actUntilKey
	actUntilCaller
	actCopyScreen
	actTop
)

// binding is one line of the key map.
type binding struct {
	act   action
	key   key.Binding
	group string
	name  string // in the palette
}

// keyMap is all keys, in the order of help. What a key may do right now is
// decided by can; a binding that may do nothing is disabled and not shown.
type keyMap struct{ all []binding }

// The groups of help, in order.
var groups = []string{"Time", "Running", "Looking", "Finding", "Taking along", "The program"}

func newKeyMap(g *look.Glyphs) *keyMap {
	m := &keyMap{}
	add := func(group string, act action, shown, desc, name string, keys ...string) {
		m.all = append(m.all, binding{
			act: act, group: group, name: name,
			key: key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, desc)),
		})
	}
	add("Time", actNext, g.Right+" l", "next: finish the op", "next moment", "right", "l")
	add("Time", actPrev, g.Left+" h", "back", "previous moment", "left", "h")
	add("Time", actStep, "s", "slow motion: next step", "slow motion: next step of the op", "s")
	add("Time", actStepBack, "S", "step before", "slow motion: previous step of the op", "S")
	add("Time", actFirst, "g", "first op", "first op", "g", "home")
	add("Time", actEnd, "G", "live end", "live end", "G", "end")
	add("Time", actNextEvent, "]", "next event", "next event (grow, split, prune ...)", "]")
	add("Time", actPrevEvent, "[", "event before", "previous event", "[")
	add("Time", actNextTomb, "t", "next tombstone", "next tombstone", "t")
	add("Time", actPrevTomb, "T", "tombstone before", "previous tombstone", "T")
	add("Time", actUndo, "u", "undo a move", "undo a move", "u")
	add("Time", actRedo, "^R", "redo a move", "redo a move", "ctrl+r")

	add("Running", actRun, "space", "run, pause", "run, pause", "space")
	add("Running", actFaster, "+", "faster", "run faster", "+", "=")
	add("Running", actSlower, "-", "slower", "run slower", "-")
	add("Running", actUntil, "r", "run until ...", "run until ...", "r")
	add("Running", actUntilMap, "", "", "run to the next op on this map")
	add("Running", actUntilKey, "", "", "run to the next op with this key")
	add("Running", actUntilCaller, "", "", "run to the next op of this caller")
	add("Running", actFilter, "F", "filter", "filter what is watched", "F")
	add("Running", actWatch, "a", "watch assigns of this map", "watch assigns of the followed map, on or off", "a")
	add("Running", actInput, "i", "type to the program", "type to the program", "i")

	add("Looking", actCellDown, g.Down+" j", "next cell, line", "next cell", "down", "j")
	add("Looking", actCellUp, g.Up+" k", "cell, line before", "previous cell", "up", "k")
	add("Looking", actRowDown, "shift+"+g.Down, "next row", "next row", "shift+down")
	add("Looking", actRowUp, "shift+"+g.Up, "row before", "previous row", "shift+up")
	add("Looking", actPageDown, "PgDn", "page down", "page down", "pgdown", "ctrl+f")
	add("Looking", actPageUp, "PgUp", "page up", "page up", "pgup", "ctrl+b")
	add("Looking", actNextPanel, "Tab", "next panel", "next panel", "tab")
	add("Looking", actPrevPanel, "shift+Tab", "panel before", "previous panel", "shift+tab")
	add("Looking", actPanel, "1-6", "panel", "", "1", "2", "3", "4", "5", "6")
	add("Looking", actZoom, "z", "zoom", "zoom the panel", "z")
	add("Looking", actOutput, "o", "output", "the program's output", "o")
	add("Looking", actRaw, "x", "raw bytes", "raw bytes and the whole header, on or off", "x")
	add("Looking", actValue, "v", "full value", "the full key and elem", "v")
	add("Looking", actOpen, "Enter", "open", "open what is chosen", "enter")
	add("Looking", actBack, "Esc", "back", "back", "esc")

	add("Finding", actSearch, "/", "search", "search the timeline", "/")
	add("Finding", actSearchNext, "n", "next hit", "next hit", "n")
	add("Finding", actSearchPrev, "N", "hit before", "previous hit", "N")
	add("Finding", actWriter, "b", "who made this cell", "go to the op that made this cell what it is; again: the writer before", "b")
	add("Finding", actWriterBack, "B", "back from there", "back to where b was pressed", "B")
	add("Finding", actHistory, "H", "cell's history", "the cell's history: who wrote it", "H")
	add("Finding", actWho, "W", "who deletes, what is left", "who deletes, and what is left of it", "W")
	add("Finding", actMaps, "m", "all maps", "all maps", "m")
	add("Finding", actFollow, "f", "follow this map", "follow this map, on or off", "f")

	add("Taking along", actCopy, "y", "copy picture", "copy the panel's picture", "y")
	add("Taking along", actCopyScreen, "", "", "copy the whole screen's picture")
	add("Taking along", actCopyJSON, "Y", "copy JSON", "copy the op as JSON", "Y")
	add("Taking along", actEditor, "e", "editor", "open the source in $EDITOR", "e")

	add("Taking along", actSave, "w", "save a recording", "save a recording of all so far", "w")

	add("The program", actPalette, ":", "commands", "", ":")
	add("The program", actHelp, "?", "help", "help", "?")
	add("The program", actInterrupt, "^C", "pause; twice: quit", "", "ctrl+c")
	add("The program", actSuspend, "^Z", "suspend", "suspend deltui", "ctrl+z")
	add("The program", actTop, "", "", "back to the start screen")
	add("The program", actQuit, "q", "quit", "quit", "q")
	return m
}

// short are the actions of the footer with their shortest names, by what matters
// most; help and quit keep their place in any width.
var short = []struct {
	act  action
	name string
}{
	{actNext, "next"},
	{actPrev, "back"},
	{actRun, "run"},
	{actCellDown, "cell"},
	{actNextPanel, "panel"},
	{actNextTomb, "tombstone"},
	{actNextEvent, "event"},
	{actUntil, "until"},
	{actWriter, "maker"},
	{actFollow, "follow"},
	{actSearch, "search"},
	{actValue, "value"},
	{actOutput, "output"},
	{actCopy, "copy"},
	{actPalette, "commands"},
	{actHelp, "help"},
	{actQuit, "quit"},
}

// update enables what can be done right now.
func (m *keyMap) update(can func(action) bool) {
	for i := range m.all {
		m.all[i].key.SetEnabled(can(m.all[i].act))
	}
}

// match is the action of a key.
func (m *keyMap) match(k string) action {
	for i := range m.all {
		b := &m.all[i].key
		if !b.Enabled() {
			continue
		}
		for _, s := range b.Keys() {
			if s == k {
				return m.all[i].act
			}
		}
	}
	return actNone
}

func (m *keyMap) binding(a action) *binding {
	for i := range m.all {
		if m.all[i].act == a {
			return &m.all[i]
		}
	}
	return nil
}

// footer are the actions that the footer shows right now.
func (m *keyMap) footer() []action {
	var out []action
	for _, a := range short {
		if m.binding(a.act).key.Enabled() {
			out = append(out, a.act)
		}
	}
	return out
}

// ShortHelp implements help.KeyMap: the footer, binding by binding.
func (m *keyMap) ShortHelp() []key.Binding {
	var out []key.Binding
	for _, a := range short {
		if b := m.binding(a.act); b.key.Enabled() {
			first, _, _ := strings.Cut(b.key.Help().Key, " ")
			out = append(out, key.NewBinding(key.WithKeys(b.key.Keys()...), key.WithHelp(first, a.name)))
		}
	}
	return out
}

// FullHelp implements help.KeyMap: one column a group.
func (m *keyMap) FullHelp() [][]key.Binding {
	var out [][]key.Binding
	for _, g := range groups {
		var col []key.Binding
		for i := range m.all {
			if b := &m.all[i]; b.group == g && b.key.Enabled() && len(b.key.Keys()) > 0 {
				col = append(col, b.key)
			}
		}
		out = append(out, col)
	}
	return out
}
