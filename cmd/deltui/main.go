// Deltui is a microscope for Go maps: it starts a Go program and shows what
// each delete does to the map's memory.
//
//	deltui ./prog           open the microscope on a program
//	deltui trace ./prog     print each op
//	deltui doctor           what works on this machine
package main

import (
	"os"

	"deltui/internal/cli"
	"deltui/internal/guard"
)

func main() {
	guard.Main()
	os.Exit(cli.New().Main(os.Args[1:]))
}
