// Package fact finds out what a record can say about a delete: the key as text,
// the caller and how deep it is, the goroutine.
//
// Its source is also put into intercepted programs, which may be modules of any
// age: it uses nothing newer than Go 1.12's language and no package outside the
// standard library. It never calls a method of the values it is given, for
// those may lock, panic or delete.
package fact

import "embed"

// Source is this package's Go files.
//
//go:embed key.go where.go
var Source embed.FS
