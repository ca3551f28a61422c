package file

// Flush writes what was added, as the timer does.
func (f *File) Flush() error {
	f.wmu.Lock()
	defer f.wmu.Unlock()
	return f.flush()
}

// Size is how large the file is.
func (f *File) Size() int64 {
	st, err := f.w.Stat()
	if err != nil {
		panic(err)
	}
	return st.Size()
}

// Uncached turns all caches off.
func Uncached(o *options) { o.uncached = true }

// Borders are where the frames of a file begin, and its end.
func (f *File) Borders() []int64 {
	f.wmu.Lock()
	defer f.wmu.Unlock()
	return append(append([]int64{}, f.frames...), f.off)
}

// FrameHeaderSize is the size of a frame's header.
const FrameHeaderSize = frameHeaderSize
