// Package oracle proves what deltui says: a program reads its own maps' control
// bytes around each op and writes them down, and `deltui trace --json` of the
// same run is compared with that, byte by byte.
//
// The program (program.txtar) knows the three layouts from structs that it
// mirrors by itself; it shares no code with deltui and uses none of the
// target's debug information. Nothing is allowed to differ, and no change may
// be unexplained.
//
// The package has no code but tests. DELTUI_TEST=all runs them over every Go
// from 1.18 on, both experiments, and the builds that change how maps are
// called: PIE, cgo, -race, -N -l, PGO.
package oracle
