package debuginfo

import (
	"encoding/binary"

	"golang.org/x/arch/arm64/arm64asm"
	"golang.org/x/arch/x86/x86asm"
)

// flow is what an instruction does to the program counter.
type flow uint8

const (
	flowNext flow = iota
	flowCall
	flowJump // unconditional, direct or not
	flowCond
	flowRet
)

// An instr is one instruction, as far as it is of interest.
type instr struct {
	pc     uint64
	len    uint64
	flow   flow
	target uint64 // of a direct call or jump; 0 otherwise
	bad    bool   // not decoded

	// context: it writes the register that holds a closure when that is called
	// (amd64: RDX); loads: from disp bytes beyond another register.
	context, loads bool
	disp           int64
}

// decode decodes the instruction at the start of b, which is not empty.
func decode(arch string, b []byte, pc uint64) instr {
	if arch == "arm64" {
		return decodeARM64(b, pc)
	}
	return decodeAMD64(b, pc)
}

func decodeAMD64(b []byte, pc uint64) instr {
	in, err := x86asm.Decode(b, 64)
	if err != nil {
		return instr{pc: pc, len: 1, bad: true}
	}
	i := instr{pc: pc, len: uint64(in.Len)}
	switch in.Op {
	case x86asm.RET, x86asm.LRET:
		i.flow = flowRet
	case x86asm.CALL, x86asm.LCALL:
		i.flow = flowCall
	case x86asm.JMP, x86asm.LJMP:
		i.flow = flowJump
	case x86asm.JA, x86asm.JAE, x86asm.JB, x86asm.JBE, x86asm.JCXZ, x86asm.JE, x86asm.JECXZ, x86asm.JG, x86asm.JGE,
		x86asm.JL, x86asm.JLE, x86asm.JNE, x86asm.JNO, x86asm.JNP, x86asm.JNS, x86asm.JO, x86asm.JP, x86asm.JRCXZ, x86asm.JS:
		i.flow = flowCond
	}
	if rel, ok := in.Args[0].(x86asm.Rel); ok {
		i.target = pc + i.len + uint64(int64(rel))
	}
	switch r, ok := in.Args[0].(x86asm.Reg); {
	case !ok || in.Op == x86asm.CMP || in.Op == x86asm.TEST || in.Op == x86asm.PUSH:
	case r == x86asm.RDX || r == x86asm.EDX || r == x86asm.DX || r == x86asm.DL:
		i.context = true
		if m, ok := in.Args[1].(x86asm.Mem); ok && in.Op == x86asm.MOV && m.Index == 0 && m.Base != x86asm.RIP {
			i.loads, i.disp = true, m.Disp
		}
	}
	return i
}

func decodeARM64(b []byte, pc uint64) instr {
	i := instr{pc: pc, len: 4}
	if len(b) < 4 {
		i.len, i.bad = uint64(len(b)), true
		return i
	}
	in, err := arm64asm.Decode(b)
	if err != nil {
		// Decode does not know all instructions, but all that branch.
		i.bad = true
		_ = binary.LittleEndian
		return i
	}
	arg := 0
	switch in.Op {
	case arm64asm.RET:
		i.flow = flowRet
	case arm64asm.BL, arm64asm.BLR:
		i.flow = flowCall
	case arm64asm.BR:
		i.flow = flowJump
	case arm64asm.B:
		i.flow = flowJump
		if _, ok := in.Args[0].(arm64asm.Cond); ok {
			i.flow, arg = flowCond, 1
		}
	case arm64asm.CBZ, arm64asm.CBNZ:
		i.flow, arg = flowCond, 1
	case arm64asm.TBZ, arm64asm.TBNZ:
		i.flow, arg = flowCond, 2
	}
	if rel, ok := in.Args[arg].(arm64asm.PCRel); ok && i.flow != flowNext {
		i.target = pc + uint64(int64(rel))
	}
	return i
}
