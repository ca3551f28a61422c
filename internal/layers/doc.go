// Package layers holds the arrows of ARCHITECTURE.md: which package may import
// which. It has no code but its test, which reads the imports of every package
// of the module, its tests apart, on every system that deltui is built for.
package layers
