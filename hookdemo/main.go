// Hookdemo shows how deletes from Go maps can be audited, and how not.
//
// See the README for what it can do and what it costs.
package main

import (
	"os"

	"deltui/hookdemo/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
