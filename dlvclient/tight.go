package dlvclient

// A stop by ptrace is a dozen of calls, each of which hands over from one
// thread to another: Delve's tracing thread, ours, the target's. Where these
// threads are on different CPUs each hand-over wakes an idle one, at 20 µs and
// more on a virtual machine; on one CPU it is a plain context switch. Measured
// on two virtual cores: 1 000 stops a second apart, 4 000 to 5 000 together.

// Tighten puts this process and the target on one CPU, and this process on one
// P, for as long as stops come fast. What the target does between stops then
// has one CPU as well, so a caller loosens again where that takes longer than
// the stops. The target's monitor thread stays as it is: since Go 1.25 it
// would tell the scheduler to use one P only.
//
// It does nothing where the system knows no such thing, and reports whether
// it did something.
func (p *Process) Tighten() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone || p.run != nil || p.tight != nil {
		return false
	}
	p.tight = tighten(p.Pid())
	return p.tight != nil
}

// Loosen takes back what Tighten did.
func (p *Process) Loosen() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tight != nil {
		p.tight()
		p.tight = nil
	}
}
