package cli

import (
	"context"

	"deltui/internal/probe"
)

// launcher starts a target under a live source, at rest.
type launcher func(context.Context, probe.LaunchConfig) (probe.Source, error)

// launch starts a target under the embedded Delve.
func launch(ctx context.Context, cfg probe.LaunchConfig) (probe.Source, error) {
	live, err := probe.Launch(ctx, cfg)
	if err != nil {
		return nil, err // not live: an interface that holds nil is not nil
	}
	return live, nil
}
