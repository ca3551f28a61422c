//go:build !amd64

package dlvclient

import "github.com/go-delve/delve/pkg/proc"

func machineRegs(proc.Registers) func(int) (uint64, bool) { return nil }
