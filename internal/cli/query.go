package cli

import "deltui/internal/trace"

// parseQuery will be trace's.
func parseQuery(s string) (trace.Query, error) { return trace.Query{}, nil }
