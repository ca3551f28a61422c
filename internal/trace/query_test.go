package trace

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"deltui/internal/gomap"
)

var queryOps = []Op{
	{ // 0
		ID: 1, Seq: 1, Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Goroutine: 18, Outcome: Returned, KeyText: "42",
		Map:    MapRef{ID: 3, Addr: 0xc000012300, Type: "map[uint64]int"},
		Stack:  []Frame{{Func: "runtime.mapdelete_fast64", Runtime: true}, {Func: "main.(*cache).evict"}, {Func: "main.main"}},
		Caller: Frame{Func: "main.(*cache).evict"},
		Summary: Summary{
			Mark: MarkTombstone, Known: true, Found: true, FoundKnown: true, Used: [2]uint64{13, 12}, Tombstones: [2]int{3, 4},
			Rule: "swiss.delete.group-full", Changes: 1, To: []gomap.State{gomap.Deleted},
		},
		Since: 7, Drift: 2,
	},
	{ // 1
		ID: 2, Seq: 2, Kind: gomap.Assign, Func: "runtime.mapassign_faststr", Goroutine: 1, Outcome: Returned, KeyText: `"a b"`,
		Map:    MapRef{ID: 2, Addr: 0xc000012400, Type: "map[string]int"},
		Stack:  []Frame{{Func: "runtime.mapassign_faststr", Runtime: true}, {Func: "main.put"}},
		Caller: Frame{Func: "main.put"},
		Summary: Summary{
			Mark: MarkGrow, Known: true, FoundKnown: true, Used: [2]uint64{8, 9}, Changes: 2,
			Events: []gomap.Event{gomap.Rehash, gomap.Grow}, To: []gomap.State{gomap.Full, gomap.Empty}, Rule: "swiss.assign.grow", Unexplained: 3,
		},
		Since: 1,
	},
	{ // 2
		ID: 3, Seq: 3, Kind: gomap.Clear, Func: "runtime.mapclear", Goroutine: 18, Outcome: Panicked,
		Map:     MapRef{ID: 3, Addr: 0xc000012300, Type: "map[uint64]int"},
		Summary: Summary{Mark: MarkBroken},
	},
	{ // 3, in progress
		ID: 4, Kind: gomap.Delete, Func: "runtime.mapdelete", Goroutine: 7, KeyText: "main.T{A:1, B:2}",
		Map: MapRef{ID: 0, Type: "map[main.T]bool"},
	},
}

var queryTests = []struct{ query, match string }{
	{"", "0123"},
	{"  ", "0123"},
	{"op=delete", "03"},
	{"op==delete", "03"},
	{"op!=delete", "12"},
	{"op=delete key=42", "0"},
	{"key=a", ""},
	{`key="a b"`, "1"},
	{`key='a b'`, "1"},
	{`key='"a b"'`, "1"},
	{`key="\"a b\""`, "1"},
	{"key~a", "13"}, // main.T too
	{"key~/^4.$/", "0"},
	{`key~"/4"`, ""},
	{`key="main.T{A:1, B:2}"`, "3"},
	{"key!=42", "13"},
	{"func~evict", "0"},
	{"func=main.put", "1"},
	{"func=main.main", ""}, // not the caller
	{"func=runtime.mapclear", "2"},
	{"func!=runtime.mapclear", "013"},
	{"func~/put|clear/", "12"},
	{"caller=main.put", "1"},
	{"caller=runtime.mapdelete_fast64", ""}, // func is either, caller is not
	{"caller!=main.put", "0"},               // unknown is no other
	{"caller~evict", "0"},
	{"unexplained>0", "1"},
	{"unexplained=0", "0"},
	{"drift>0", "0"},
	{"drift=0", "1"}, // of op 2 nobody knows
	{"drift<2", "1"},
	{"map=3", "02"},
	{"map=#3", "02"},
	{"map!=#3", "13"},
	{"map=0xc000012400", "1"},
	{"map=map[string]int", "1"},
	{"type=map[uint64]int", "02"},
	{"type~uint64", "02"},
	{"goroutine=18", "02"},
	{"goroutine>1", "023"},
	{"goroutine<=1", "1"},
	{"outcome=returned", "01"},
	{"outcome!=returned", "2"},
	{"found=true", "0"},
	{"found=false", "1"},
	{"found!=true", "1"},
	{"used==12", "0"},
	{"used==0", ""}, // unknown is not 0
	{"used<10", "1"},
	{"tombstones>3", "0"},
	{"tombstones>4", ""},
	{"tombstones>=0x4", "0"},
	{"changes!=1", "1"},
	{"event=grow", "1"},
	{"event!=grow", "0"},
	{"to=deleted", "0"},
	{"to=full to=empty", "1"},
	{"to!=deleted", "1"},
	{"rule~group-full", "0"},
	{"rule!=swiss.assign.grow", "0"},
	{"seq>1 seq<3", "1"},
	{"mark=x", "0"},
	{"mark!=x", "12"},
	{"evict", "0"},
	{"uint64", "02"},
	{"42", "0"},
	{`"a b"`, "1"},
	{"mapdelete goroutine<10", "3"},
	{"op=delete\tkey=42\n", "0"},
}

func TestQueryMatch(t *testing.T) {
	for _, tt := range queryTests {
		q, err := Parse(tt.query)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.query, err)
			continue
		}
		if q.String() != tt.query || q.Empty() != (strings.TrimSpace(tt.query) == "") {
			t.Errorf("%q: String %q, Empty %v", tt.query, q.String(), q.Empty())
		}
		got := ""
		for i := range queryOps {
			if q.Match(&queryOps[i]) {
				got += string(rune('0' + i))
			}
		}
		if got != tt.match {
			t.Errorf("%q matches ops %q, want %q", tt.query, got, tt.match)
		}
	}
}

// Bounds may let too much through, but must not hold back an op that matches.
func TestQueryDigest(t *testing.T) {
	for _, tt := range queryTests {
		q, err := Parse(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		for i := range queryOps[:3] { // those that have ended
			b := boundsOf(&queryOps[i])
			if q.Match(&queryOps[i]) && !q.MayMatch(b, hasKeyOf(&queryOps[i])) {
				t.Errorf("%q matches op %d, but its bounds say that it cannot", tt.query, i)
			}
		}
	}
	// It must hold something back, or it would be of no use.
	for _, query := range []string{
		"caller=main.put", "caller~put", "unexplained>0", "unexplained!=0", "drift>2", "drift=3",
		"op=clear", "key=43", "func=main.put", "func~put", "map=2", "goroutine=17", "goroutine>18", "outcome!=returned",
		"found=false", "used==0", "used>12", "used<12", "tombstones>4", "changes>=2", "event=grow", "to=empty", "rule=x", "seq>1", "mark=d",
	} {
		q, err := Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		if q.MayMatch(boundsOf(&queryOps[0]), hasKeyOf(&queryOps[0])) {
			t.Errorf("%q cannot match op 0, but its bounds do not tell", query)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct{ query, want string }{
		{"tomb>3", `query "tomb>3": tomb>3 at column 1: there is no field "tomb"; fields are op, key, func, caller, map, type, goroutine, outcome, found, used, tombstones, changes, unexplained, drift, event, to, rule, seq, mark;`},
		{"op=delete used>x", `used>x at column 11: used is compared with a number, not "x"`},
		{"é op=remove", `op=remove at column 3: op is one of delete, assign, clear, not "remove"`},
		{"op>delete", `op does not understand >, only = !=`},
		{"key>3", `key does not understand >, only = != ~`},
		{"used~3", `used does not understand ~, only = != > >= < <=`},
		{"event=shrink", `event is one of grow, same-size-grow, evacuate, split, rehash, prune, reseed, any, not "shrink"`},
		{"to=gone", `to is one of emptyRest, emptyOne,`},
		{"found=maybe", `found is one of true, false`},
		{"map=cache", `map is one of 3, #3, 0xc000012300, map[string]int, not "cache"`},
		{"key=", `key= needs a value: 42, k1,`},
		{`key="a b`, `a quote is not closed`},
		{"key!42", `no operator begins with !`},
		{"func~/(/", `a bad regular expression`},
		{"=3", `there is no field ""`},
		{"outcome=running", `outcome is one of returned,`},
	} {
		_, err := Parse(tt.query)
		var qe *QueryError
		if !errors.As(err, &qe) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%q): %v, want …%s…", tt.query, err, tt.want)
		}
	}
}

// The doc's own examples must be queries.
func TestFields(t *testing.T) {
	for _, f := range Fields() {
		v := strings.TrimSuffix(strings.Fields(f.Values)[0], ",")
		for _, op := range strings.Fields(f.Ops) {
			if _, err := Parse(f.Name + op + v); err != nil {
				t.Errorf("help for %s: %v", f.Name, err)
			}
		}
		if f.Help == "" || f.Ops == "" {
			t.Errorf("no help for %s", f.Name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, tt := range queryTests {
		f.Add(tt.query)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s)
		if err != nil {
			return
		}
		for i := range queryOps {
			q.Match(&queryOps[i])
		}
		again, err := Parse(q.String())
		if err != nil || len(again.terms) != len(q.terms) {
			t.Fatalf("%q: %v", q.String(), err)
		}
	})
}

func boundsOf(op *Op) *Bounds {
	b := &Bounds{FirstSeq: op.Seq}
	b.Add(op)
	return b
}

func hasKeyOf(op *Op) func(string) bool {
	plain, err := strconv.Unquote(op.KeyText)
	return func(key string) bool { return key == op.KeyText || err == nil && key == plain }
}
