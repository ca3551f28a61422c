package trace

// Query is a condition on ops: terms joined by spaces, all of which must hold.
//
//	op=delete key=42 func~evict map=2 to=deleted event=grow tombstones>3
//	used==0 found=false goroutine=18 outcome!=returned type=map[string]int
//
// A bare word matches key, function or map type as a substring.
type Query struct {
	text  string
	terms []term
}

type term struct {
	field, op, value string
}

// String is the query as it was written.
func (q Query) String() string { return q.text }
