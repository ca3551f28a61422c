package debuginfo

// Func is the address range of one of the functions that watching needs to
// know of besides the entry points: runtime.gopanic, runtime.throw and
// runtime.fatal, by which an op ends that does not return.
func (f *File) Func(name string) (lo, hi uint64, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	lo, hi, err := f.extent(name)
	return lo, hi, err == nil
}
