// Package tui is the screen: the microscope in a terminal.
//
// It shows a [trace.Timeline] and nothing else. Live and replay differ in one
// thing only: a live session has a [probe.Source], and commands go to it.
//
//	keys, mouse ──► Update ──► Cmd ──► probe.Source.Do        (commands)
//	                  │  ▲
//	                  │  └───── messages: a moment's scene, a poll, a file's lines
//	                  ▼
//	Timeline ──► scene ──► panels ──► canvas ──► one string ──► the terminal
//
// # Words
//
// A position is a moment that one can stand on: an op's before or its after. The
// live end is the newest one, where the source rests. A scene is one moment,
// decoded: its op, both maps, what changed and why. A panel draws a part of a
// scene into a rectangle. The strip is the row of marks that shows the timeline.
//
// # Rules
//
//   - There is one tea.Model. Panels are plain structs that it owns: they take
//     keys and clicks by methods, and draw into an area of the canvas.
//   - Update does no I/O and waits for nothing. Whatever reads the timeline or a
//     file, or talks to the source, is a tea.Cmd whose result is a message.
//   - A view is computed when something on it changed, and not otherwise: an
//     idle screen costs nothing. Data is looked at 30 times a second at most.
//   - Everything drawn goes through canvas.Area.Text, which makes visible what
//     could steer a terminal. The sink has done so before; this is the second
//     lock on the same door.
//   - State is never told by colour alone: every state has a glyph of its own.
//   - Every goroutine of this package runs under safeGo, so that a panic
//     anywhere gives the terminal back first.
//
// The packages below: canvas (cells, clipping, text made safe), look (styles and
// glyphs for what the terminal can do), scene (a moment decoded), panel (the six
// panels), tuitest (a source without a target). Only this tree imports Bubble Tea
// and its family.
//
// The package never reads a target's memory, never opens a path that a recording
// names, and starts no process but the user's editor.
package tui
