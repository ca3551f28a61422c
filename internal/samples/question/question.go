// Package question is the recording that the start screen offers first: half a
// minute in which one delete leaves an empty cell, the next one a tombstone, and
// the reader is asked why.
//
// The recording was made by watching the program beside it, with gen:
//
//	go generate ./internal/samples/question
//
// A map's seed differs from run to run, and with it where keys land: gen runs
// the program until a run tells the story.
package question

import (
	_ "embed"
	"strings"

	"golang.org/x/tools/txtar"
)

//go:generate go run deltui/internal/samples/question/gen

//go:embed question.deltui
var recording []byte

//go:embed program.txtar
var program []byte

// Recording is the recording's bytes.
func Recording() []byte { return recording }

// Program is the watched program, as a module.
func Program() *txtar.Archive { return txtar.Parse(program) }

// Title says in a line what it is.
func Title() string {
	line, _, _ := strings.Cut(string(Program().Comment), "\n")
	return line
}

// Marks are the glyphs of the ops in a run that tells the story: emptied,
// tombstone, absent, tombstone, clear.
const Marks = "dx-xc"

// Caption is a text for one moment: before or after the op with number Seq.
type Caption struct {
	Seq              uint64
	After            bool
	Text             string
	Question, Answer string
}

// Captions are in the order of their moments.
func Captions() []Caption {
	return []Caption{
		{Seq: 1, Text: "Thirteen guests at a table of sixteen places. A row below is a group of eight cells: each shows its control byte, which is seven bits of the key's hash, or ·· where nobody sits. Guest 4 is about to leave."},
		{Seq: 1, After: true, Text: "delete(seats, 4) wrote one control byte: the cell is ·· again, empty (80), as if nobody had ever sat there."},
		{Seq: 2, Text: "The same statement again, for guest 7. Look at her group: has it an empty cell?"},
		{
			Seq: 2, After: true,
			Question: "The first delete left ··, this one left xx. The statement is the same, the map is the same: why?",
			Answer:   "Her group was full. A search for a key goes from group to group and ends at the first one with an empty cell; a full group it passes. If this cell became empty, a search for a guest who sits further on would end here, too early. So the runtime writes xx, a tombstone (fe): searches go on past it, and an insert may take it.",
		},
		{Seq: 3, Text: "Deleting a guest who has left already. The tombstone is not her: no byte will change."},
		{Seq: 4, Text: "Guest 12 is in that group too. It has a tombstone now, but no empty cell: what will be left?"},
		{Seq: 4, After: true, Text: "A second tombstone. used has gone down, growthLeft has not gone up: to the map these places are still taken."},
		{Seq: 5, Text: "A loop that deletes every key: the compiler makes one call of it, runtime.mapclear. Only that gives tombstones back."},
		{Seq: 5, After: true, Text: "Every cell is empty again, and the map has a new seed. Now watch a program of your own: deltui ./prog"},
	}
}
