package cli

import (
	"context"
	"errors"
	"os"

	"deltui/internal/debuginfo"
	"deltui/internal/probe"
)

// launchConfig is what it takes to start a target.
type launchConfig struct {
	Path   string
	Name   string // the target as the user named it
	Args   []string
	Dir    string
	Env    []string
	Stdin  *os.File
	Output func(stream int, b []byte)
	Debug  *debuginfo.File
	TTY    bool // give it a terminal of its own; its output goes to the timeline
}

// launcher starts a target under a live source. It does not run yet.
type launcher func(ctx context.Context, cfg launchConfig) (probe.Source, error)

// launch starts a target under the embedded Delve.
func launch(ctx context.Context, cfg launchConfig) (probe.Source, error) {
	return nil, errors.New("no live source yet")
}
