// Package export turns a recording into files that are read without deltui.
//
//	.jsonl   the ops as JSON lines, the contract of deltui trace --json
//	.pb.gz   a pprof profile by calling stack, for go tool pprof
//
// # Trust
//
// A recording may be a stranger's. Nothing in it is opened or run, and all that is
// held of it at once is bounded. Its text was made visible when it was opened.
package export
