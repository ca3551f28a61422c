package trace

// Empty and Match stand in until the language is there.
func (q Query) Empty() bool     { return true }
func (q Query) Match(*Op) bool  { return false }
