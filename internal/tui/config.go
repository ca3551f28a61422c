package tui

import (
	"context"

	"deltui/internal/probe"
	"deltui/internal/trace"
)

// Config is what [Run] shows. Exactly one of Session, Open and Start is the
// beginning: a session that is ready, one that is still to be made, or the start
// screen.
type Config struct {
	Session *Session
	// Open makes the session: it builds the target, fetches a toolchain, reads
	// a recording. The screen shows its progress meanwhile, and cancels its
	// context on ^C, Esc or q. Its error ends Run.
	Open Opener
	// Title names what is being opened, for the screen that Open is seen on.
	Title string
	// Start lists the items of the start screen.
	Start []StartItem

	Options Options

	// Holds, if not nil, is called with true before the screen takes the
	// terminal, and with false when it has given it back: at the end, and while
	// it is suspended or an editor runs.
	Holds func(bool)
	// News are lines that are shown when they come, until the next key.
	News <-chan string
}

// Opener makes a session, telling its progress by calling report, from any
// goroutine; report never blocks.
type Opener func(ctx context.Context, report func(Progress)) (*Session, error)

// Progress is one line about long work. The last one of each Step is shown.
type Progress struct {
	Step string // what is being done: "building ./evict", "fetching go1.23.12"
	Text string // the newest line about it, or ""
	Done int64  // of Total, in any unit; Total 0 is not known
	// Total is 0 where it is not known how much there is.
	Total int64
	// Finished: this step is over.
	Finished bool
}

// Session is one target being watched, or one recording.
type Session struct {
	Timeline trace.Timeline
	Source   probe.Source // nil: a recording
	// Run, if not nil, runs the source until the target has ended or ctx is
	// cancelled. The screen starts it when the session is ready, cancels it when
	// it closes and waits for it, so that a launched target is gone before Run
	// returns. Its error is shown, and is Run's error if the screen is closed
	// after it.
	Run func(ctx context.Context) error
	// Until holds in a session that should not rest at the first op's before,
	// but run until an op for which it holds; the zero Query is none.
	Until trace.Query
	// Sites are the places of the binary that call a watched entry point: what
	// a quiet target is shown with.
	Sites []Site
	// SitesMore counts the sites that are not in Sites.
	SitesMore int
	// JSON returns an op as a line of the JSON contract, for copying; nil hides
	// the key.
	JSON func(op *trace.Op) ([]byte, error)
	// Save writes all that is held to a new recording and returns what to say of
	// it; nil hides the key. [os.ErrExist] asks whether to replace the file.
	Save func(path string, force bool) (string, error)
	// Note is shown when the screen opens.
	Note string
	// Captions are texts bound to moments, in the order of their ops. Used by
	// the recording of the start screen.
	Captions []Caption
	// Next, if not nil, is what the last caption offers to open: a session.
	Next *StartItem
	// Close is called when the screen leaves the session; nil is nothing to do.
	Close func() error
}

// Site is a place of the target that calls a watched entry point.
type Site struct {
	Func  string // main.(*cache).evict
	File  string
	Line  int
	Entry string // runtime.mapdelete_fast64
}

// Caption is a text bound to a moment of a recording.
type Caption struct {
	Seq   uint64
	Phase trace.Phase // Before or After
	Text  string
	// Question, if not "", is asked at this moment; playing waits here. Answer
	// is shown when the user asks for it, by Enter.
	Question, Answer string
}

// StartItem is a line of the start screen.
type StartItem struct {
	Title string
	Hint  string // one line: what one will see
	// Open makes the session that this item opens.
	Open Opener
	// Page, where Open is nil, makes a text to be read: the doctor's findings.
	Page func(ctx context.Context) (string, error)
	// Text, where both are nil, is such a text. In a text a line that begins
	// with "# " is a heading, and one with four spaces a command to type.
	Text string
	// Items, where all of these are not given, makes a list to choose from.
	Items func(ctx context.Context) ([]StartItem, error)
	// Play: the session, a recording, plays by itself from the start.
	Play bool
}

// Options are how the screen looks and runs.
type Options struct {
	ASCII   bool // no glyph outside ASCII
	NoColor bool // also set by NO_COLOR with any value
	// Version is deltui's own, for the help.
	Version string
}
