package trace

func (q Query) Empty() bool       { return true }
func (q Query) Match(op *Op) bool { return false }
