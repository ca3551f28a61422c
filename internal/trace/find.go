package trace

// Find implements [Timeline].
func (f *File) Find(q Query, from uint64, back bool) (*Op, error) {
	return nil, ErrNotFound
}
