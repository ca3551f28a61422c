// Package docs makes the pictures of the README, and checks that they are what
// the program shows:
//
//	go test ./internal/docs -update
//
// It has no code but its tests.
package docs
