// Package modules has no code but its tests: that packages audit and auditlog
// are modules that a program can take, what they depend on, and that they hold
// with each Go. They are here because those modules may not need this one, not
// even in a test.
package modules
