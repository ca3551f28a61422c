package file

// Flush writes what was added, as the timer does.
func (f *File) Flush() error {
	f.wmu.Lock()
	defer f.wmu.Unlock()
	return f.flush()
}

// Borders are where the frames of a file begin, and its end.
func (f *File) Borders() []int64 {
	f.wmu.Lock()
	defer f.wmu.Unlock()
	return append(append([]int64{}, f.frames...), f.off)
}

// FrameHeaderSize is the size of a frame's header.
const FrameHeaderSize = frameHeaderSize
