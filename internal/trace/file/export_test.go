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

// Size is the size of a timeline's file.
func Size(f *File) int64 {
	fi, err := f.w.Stat()
	if err != nil {
		return -1
	}
	return fi.Size()
}

// DropCache forgets the blocks that are held for readers.
func (f *File) DropCache() {
	f.cache.mu.Lock()
	defer f.cache.mu.Unlock()
	f.cache.held, f.cache.bytes = nil, 0
}
