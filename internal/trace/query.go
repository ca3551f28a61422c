package trace

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"deltui/internal/gomap"
)

// Query is a condition on ops: terms joined by spaces, all of which must hold.
//
//	op=delete key=42 func~evict map=2 to=deleted event=grow tombstones>3
//	used==0 found=false goroutine=18 outcome!=returned type=map[string]int
//	caller=main.evict unexplained>0 drift>0
//
// A term is a field, an operator and a value. = and == are the same; ~ is
// "contains", or with a value between slashes, func~/evict|drop/, "matches the
// regular expression"; > >= < <= are for numbers. A field of several values
// (event, to, func) is equal to a value if one of them is, and unequal if none
// is. A value with spaces stands in quotes: key="a b", or 'a b'. What is not
// known of an op neither equals nor differs: a term about it does not hold.
//
// A bare word matches key, function or map type as a substring, and the words of
// what an op is and does: delete, tombstone, grow, panicked.
//
// [Fields] lists the fields. The zero Query has no terms and matches every op.
type Query struct {
	text  string
	terms []term
}

type term struct {
	field, op, value string

	num  int64          // of a field of numbers
	re   *regexp.Regexp // of ~/…/
	kind fieldKind
}

// String is the query as it was written.
func (q Query) String() string { return q.text }

// Empty reports whether the query has no terms.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// Field is a field of the query language, for help.
type Field struct {
	Name   string
	Ops    string // the operators that it understands
	Values string // what it is compared with
	Help   string
	kind   fieldKind
	words  []string // all values, if they can be listed
}

// Words are all values of the field, where they can be listed.
func (f *Field) Words() []string { return slices.Clone(f.words) }

type fieldKind uint8

const (
	kindText fieldKind = iota
	kindNumber
	kindWord
	kindMap
	kindBare
)

const (
	textOps   = "= != ~"
	numberOps = "= != > >= < <="
	wordOps   = "= !="
)

var fields = []Field{
	{Name: "op", Values: "delete, assign, clear", Help: "what the op does", words: []string{"delete", "assign", "clear"}},
	{Name: "key", Values: `42, k1, "a b", int(3)`, Help: "the key in Go syntax; a string's quotes may be left out", kind: kindText},
	{Name: "func", Values: "runtime.mapdelete_fast64, main.evict", Help: "the runtime's entry point, or its caller", kind: kindText},
	{Name: "caller", Values: "main.evict, main.(*cache).evict", Help: "whose op it is: the first function of the stack that is the user's", kind: kindText},
	{Name: "map", Values: "3, #3, 0xc000012300, map[string]int", Help: "the map: its number, header address or type", kind: kindMap},
	{Name: "type", Values: "map[string]int", Help: "the map's type", kind: kindText},
	{Name: "goroutine", Values: "18", Help: "the goroutine's number", kind: kindNumber},
	{Name: "outcome", Values: "returned, panicked, fatal, exited, detached", Help: "how the op ended", words: outcomeNames[1:]},
	{Name: "found", Values: "true, false", Help: "whether the key was in the map", words: []string{"true", "false"}},
	{Name: "used", Values: "0", Help: "entries after the op, by the map's own count", kind: kindNumber},
	{Name: "tombstones", Values: "3", Help: "tombstones after the op, in the groups that were read", kind: kindNumber},
	{Name: "changes", Values: "1", Help: "control bytes that the op changed", kind: kindNumber},
	{Name: "unexplained", Values: "0", Help: "changed control bytes that no rule accounts for", kind: kindNumber},
	{Name: "drift", Values: "0", Help: "control bytes that something not watched wrote since the op before on the map", kind: kindNumber},
	{Name: "event", Values: "grow, same-size-grow, evacuate, split, rehash, prune, reseed, any", Help: "a structural event inside the op", words: eventWords()},
	{Name: "to", Values: "deleted, empty, full, emptyOne, emptyRest, …", Help: "a state that a control byte went to", words: stateWords()},
	{Name: "rule", Values: "swiss.delete.group-full", Help: "the rule that explains the op", kind: kindText},
	{Name: "seq", Values: "1284", Help: "the op's number", kind: kindNumber},
	{Name: "mark", Values: "d x - a c G S P !", Help: "the op's mark on the timeline", words: strings.Split("d x - a c G S P ! ?", " ")},
}

func init() {
	for i := range fields {
		f := &fields[i]
		if f.words != nil {
			f.kind = kindWord
		}
		f.Ops = map[fieldKind]string{kindText: textOps, kindNumber: numberOps, kindWord: wordOps, kindMap: wordOps}[f.kind]
	}
}

func eventWords() []string {
	var ws []string
	for _, e := range allEvents {
		ws = append(ws, string(e))
	}
	return append(ws, anyEvent)
}

const anyEvent = "any"

func stateWords() []string {
	var ws []string
	for s := gomap.EmptyRest; s <= gomap.Full; s++ {
		ws = append(ws, s.String())
	}
	return ws
}

// Fields lists the fields of the query language.
func Fields() []Field { return slices.Clone(fields) }

// Match reports whether all terms hold for op.
func (q Query) Match(op *Op) bool {
	for i := range q.terms {
		if !q.terms[i].match(op) {
			return false
		}
	}
	return true
}

func (t *term) match(op *Op) bool {
	s := &op.Summary
	switch t.field {
	case "":
		return t.plain(op) || strings.Contains(op.KeyText, t.value) || strings.Contains(op.Func, t.value) ||
			strings.Contains(op.Caller.Func, t.value) || strings.Contains(op.Map.Type, t.value)
	case "op":
		return t.word(op.Kind.String())
	case "key":
		if op.Kind == gomap.Clear {
			return false
		}
		if plain, err := strconv.Unquote(op.KeyText); err == nil {
			return t.text(op.KeyText, plain)
		}
		return t.text(op.KeyText)
	case "func":
		return t.text(op.Func, op.Caller.Func)
	case "caller":
		return op.Caller.Func != "" && t.text(op.Caller.Func)
	case "map":
		return t.matchMap(&op.Map)
	case "type":
		return t.text(op.Map.Type)
	case "goroutine":
		return t.number(op.Goroutine)
	case "outcome":
		return op.Outcome != Running && t.word(op.Outcome.String())
	case "found":
		return s.FoundKnown && t.word(strconv.FormatBool(s.Found))
	case "used":
		return s.Known && t.number(int64(s.Used[1]))
	case "tombstones":
		return s.Known && t.number(int64(s.Tombstones[1]))
	case "changes":
		return s.Known && t.number(int64(s.Changes))
	case "unexplained":
		return s.Known && t.number(int64(s.Unexplained))
	case "drift":
		return op.Since != 0 && t.number(int64(op.Drift))
	case "event":
		has := slices.ContainsFunc(s.Events, func(e gomap.Event) bool { return t.value == anyEvent || string(e) == t.value })
		return s.Known && has == (t.op == "=")
	case "to":
		has := slices.ContainsFunc(s.To, func(st gomap.State) bool { return st.String() == t.value })
		return s.Known && has == (t.op == "=")
	case "rule":
		return s.Known && t.text(s.Rule)
	case "seq":
		return op.Seq != 0 && t.number(int64(op.Seq))
	case "mark":
		return op.Seq != 0 && t.word(string(rune(s.Mark)))
	}
	return false
}

// plain reports whether a bare word is one of those for what the op is and does.
func (t *term) plain(op *Op) bool {
	s := &op.Summary
	return t.value == op.Kind.String() || t.value == op.Outcome.String() ||
		slices.ContainsFunc(s.Events, func(e gomap.Event) bool { return string(e) == t.value }) ||
		slices.ContainsFunc(s.To, func(st gomap.State) bool {
			return st.String() == t.value || st == gomap.Deleted && t.value == "tombstone"
		})
}

func (t *term) word(v string) bool { return (v == t.value) == (t.op == "=") }

// text compares with values of which one must match.
func (t *term) text(vs ...string) bool {
	one := false
	for _, v := range vs {
		switch {
		case t.op != "~":
			one = one || v == t.value
		case t.re != nil:
			one = one || t.re.MatchString(v)
		default:
			one = one || strings.Contains(v, t.value)
		}
	}
	return one == (t.op != "!=")
}

func (t *term) number(v int64) bool { return compare(t.op, cmp.Compare(v, t.num)) }

func compare(op string, c int) bool {
	switch op {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	case "<":
		return c < 0
	}
	return c <= 0
}

func (t *term) matchMap(m *MapRef) bool {
	same := false
	switch {
	case strings.HasPrefix(t.value, "map["):
		same = m.Type == t.value
	case strings.HasPrefix(t.value, "0x"):
		same = m.Addr == uint64(t.num)
	default:
		same = m.ID == int(t.num)
	}
	return same == (t.op == "=")
}

// Term is one condition of a query, for who can hold only some of them against an
// op. Field is "" of a bare word, and Value is what stands in quotes or after the
// operator; Regexp says that it stood between slashes, which are not in it.
type Term struct {
	Field, Op, Value string
	Regexp           bool
}

// Terms lists the conditions.
func (q Query) Terms() []Term {
	var ts []Term
	for _, t := range q.terms {
		v := t.value
		if t.re != nil {
			v = t.re.String()
		}
		ts = append(ts, Term{t.field, t.op, v, t.re != nil})
	}
	return ts
}

// QueryError says what is wrong with a query, and where.
type QueryError struct {
	Query  string
	Term   string // as written
	Column int    // of the term's first character, from 1
	Reason string // what is wrong, and what is allowed
}

func (e *QueryError) Error() string {
	return fmt.Sprintf("query %q: %s at column %d: %s", e.Query, e.Term, e.Column, e.Reason)
}
