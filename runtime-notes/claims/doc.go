// Package claims puts a widely read article's statements about Go's delete to
// the test, and makes the table of verdicts from the tests.
//
// A claim is cut into parts, each of which is one thing that is so or is not.
// A part says for which Go versions it was found to hold, and how that is
// measured: by a program that looks at its own maps (../probes), by the
// compiler's listing, by the binary's symbols, machine code and debug
// information, by the linker's refusals, by the source tree. The test measures
// each part with each Go of the matrix and fails where measurement and
// statement differ, so that a claim's verdict, which is computed from its
// parts, is never an opinion:
//
//	every part holds          true
//	no part holds             false
//	some hold, others do not  half true
//	one that decides does not false, whatever else holds
//	it held up to some Go     outdated since the next
//
// Notes are parts that are measured too, and do not count for the verdict:
// what the claim forgot to say. Costs depend on the machine; they are measured
// by ../bench, and what a claim says of costs is compared with the last
// recorded run of it. The table marks such claims, and CI repeats the benchmark
// in small, to see that the ratios are still on the same side.
//
// ../CLAIMS.md is made from the parts and from teach.md, which has a paragraph
// for each claim. `go test -update` writes it; the test fails while it is stale.
package claims
