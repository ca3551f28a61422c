package tui

import (
	"context"
	"errors"
)

// ErrNoTerminal says that the screen has no terminal to be on.
var ErrNoTerminal = errors.New("no terminal")

// CheckTerminal tells whether Run could show a screen: stdin and stdout are a
// terminal that can be drawn on. Its error wraps [ErrNoTerminal] and says what
// to do. Call it before long work.
func CheckTerminal() error { return nil }

// Run shows the screen until the user quits, ctx is cancelled, or a signal ends
// it. The terminal is restored whatever happens, and a launched target is gone.
// It returns nil when the user quit, ctx's error when that ended it, the error
// of Config.Open or Session.Run, or one that wraps [ErrNoTerminal].
func Run(ctx context.Context, cfg Config) error { return errors.New("not built yet") }
