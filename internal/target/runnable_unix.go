//go:build unix

package target

import "golang.org/x/sys/unix"

// runnable reports why this user may not run a file.
func runnable(path string) error { return unix.Access(path, unix.X_OK) }
