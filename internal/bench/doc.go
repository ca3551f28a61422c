// Package bench measures deltui against its peers, each pair in one run, and
// prints tables:
//
//	go test -run '^$' -bench . ./internal/bench
//
// Figures are ratios: a machine's speed drifts, and what one measured alone is
// worth little. No test fails by them.
package bench
