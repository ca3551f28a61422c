package export

import (
	"fmt"
	"slices"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
)

// A page is fed records, one an op, in the order of ending. A record brings what is
// new with its op: texts, maps, stacks, lines of source. So a record is understood
// by whoever has had those before it, and a live view can be fed one at a time.
//
// Texts, stacks and rows are referred to by their number, in the order that they
// came in, from 0; -1 is none.
type record struct {
	Texts  []string     `json:"texts,omitempty"`
	Maps   []pageMap    `json:"maps,omitempty"`
	Stacks [][]frame    `json:"stacks,omitempty"`
	Source []sourceLine `json:"source,omitempty"`
	Op     pageOp       `json:"op"`
}

type pageMap struct {
	ID     int    `json:"id"`
	Addr   string `json:"addr"`
	Type   string `json:"type"`
	Layout string `json:"layout,omitempty"`
	// States has a letter for each value of a control byte.
	States string `json:"states,omitempty"`
}

// stateLetters stand for states in pageMap.States.
var stateLetters = map[gomap.State]byte{
	gomap.Unknown: '?', gomap.EmptyRest: 'r', gomap.EmptyOne: 'o', gomap.EvacuatedX: 'x', gomap.EvacuatedY: 'y', gomap.EvacuatedEmpty: 'z',
	gomap.Empty: 'e', gomap.Deleted: 'd', gomap.Full: 'f',
}

type frame struct {
	Func    int  `json:"fn"`
	File    int  `json:"file"`
	Line    int  `json:"line"`
	Runtime bool `json:"rt,omitempty"`
	Inlined bool `json:"inl,omitempty"`
}

type sourceLine struct {
	File int    `json:"file"`
	Line int    `json:"line"`
	Text string `json:"text"`
}

type pageOp struct {
	Seq       uint64   `json:"seq"`
	Kind      string   `json:"kind"`
	Map       int      `json:"map"`
	Key       string   `json:"key"`
	KeyLen    int      `json:"keyLen,omitempty"`
	Call      [2]int   `json:"call"` // texts: before, after
	Func      int      `json:"func"`
	Goroutine int64    `json:"g"`
	Outcome   string   `json:"outcome,omitempty"` // but returned
	Message   string   `json:"message,omitempty"`
	Mark      string   `json:"mark"`
	Found     *bool    `json:"found,omitempty"`
	Why       int      `json:"why"`
	Rule      int      `json:"rule"`
	RuleLine  *place   `json:"ruleLine,omitempty"`
	Events    []string `json:"events,omitempty"`
	Stack     int      `json:"stack"`
	Caller    int      `json:"caller"` // index in the stack, -1
	Began     float64  `json:"began"`  // ms
	Ended     float64  `json:"ended"`
	// Changes are [row, cell, from, to, text of the rule] each; Own is the op's own.
	Changes [][5]int `json:"changes,omitempty"`
	More    int      `json:"more,omitempty"` // changes that are not listed
	Own     int      `json:"own"`
	// Drift are [row, cell, value at the end of op DriftSince] each.
	Drift      [][3]int `json:"drift,omitempty"`
	DriftSince uint64   `json:"driftSince,omitempty"`
	Before     delta    `json:"before"`
	After      *delta   `json:"after,omitempty"` // nil: as before
}

type place struct {
	File int `json:"file"`
	Line int `json:"line"`
	Text int `json:"text"`
}

// delta is what a map looks like at a moment, as the difference to the moment of
// the same map that came in before it.
type delta struct {
	Lacks string `json:"lacks,omitempty"` // why there is no map to show
	// Rows are [row, text of its name] each: all that are shown, where that is not
	// what was shown before.
	Rows [][2]int `json:"rows,omitempty"`
	// Cells are row, cell, control byte (-1: not read), text of the key and of the
	// elem (-1: not told), one after the other.
	Cells []int    `json:"cells,omitempty"`
	Addrs []string `json:"addrs,omitempty"` // of rows that are new, by number
	// Facts are the runtime's own fields, those that are new or have another value;
	// Anew says that there are no others.
	Facts  [][2]string `json:"facts,omitempty"`
	Anew   bool        `json:"anew,omitempty"`
	Used   *uint64     `json:"used,omitempty"`
	Tombs  int         `json:"tombs"`
	Hidden int         `json:"hidden,omitempty"` // rows that are there and not shown
	Focus  []int       `json:"focus,omitempty"`  // row, cell
	Absent bool        `json:"absent,omitempty"`
}

// Bounds of a page.
const (
	maxRows    = 256 // of a map at a moment
	maxCell    = 64  // bytes of a key or elem
	maxChanges = 256 // of an op
	maxLine    = 300 // bytes of a line of source
	around     = 6   // lines of source on either side of one that is on a stack
)

// recorder makes records.
type recorder struct {
	tl     trace.Timeline
	texts  map[string]int
	stacks map[string]int
	maps   map[int]*shown
	source map[string]map[int]bool // lines that were told
	rec    *record                 // that is being made
}

// shown is what a page has been told of a map.
type shown struct {
	rows  map[uint64]*shownRow
	list  [][2]int
	facts [][2]string
}

type shownRow struct {
	no    int
	cells [gomap.CellsPerRow][3]int // control byte, key, elem
	named [gomap.CellsPerRow]named
}

// named is a key that an op told, in the cell that the op is about: of the other
// cells' strings a source mostly reads no more than where they are. It holds for as
// long as the cell has the same bytes, of which a string's are its address and
// length.
type named struct{ raw, text string }

func newRecorder(tl trace.Timeline) *recorder {
	return &recorder{tl: tl, texts: map[string]int{}, stacks: map[string]int{}, maps: map[int]*shown{}, source: map[string]map[int]bool{}}
}

func (r *recorder) text(s string) int {
	if s == "" {
		return -1
	}
	n, ok := r.texts[s]
	if !ok {
		n = len(r.texts)
		r.texts[s] = n
		r.rec.Texts = append(r.rec.Texts, s)
	}
	return n
}

func (r *recorder) record(op *trace.Op) *record {
	r.rec = &record{}
	a, err := moment.Of(r.tl, op)
	if err != nil {
		k := &moment.Look{Err: err}
		a = &moment.Act{Op: op, Before: k, After: k}
	}
	before := moment.Stage(r.tl, &moment.Act{Op: op, Before: a.Before, Types: a.Types})
	after := moment.Stage(r.tl, a)
	m := r.seen(op, before, after)
	p := &r.rec.Op
	*p = pageOp{
		Seq: op.Seq, Kind: op.Kind.String(), Map: op.Map.ID, Key: op.KeyText, KeyLen: op.KeyLen,
		Call: [2]int{r.text(before.Call()), r.text(after.Call())}, Func: r.text(op.Func), Goroutine: op.Goroutine,
		Message: op.Message, Mark: string(rune(op.Summary.Mark)), Why: r.text(a.Why()), Rule: -1,
		Stack: r.stack(op.Stack), Caller: slices.Index(op.Stack, op.Caller),
		Began: float64(op.Began.Microseconds()) / 1000, Ended: float64(op.Ended.Microseconds()) / 1000, Own: -1,
	}
	if op.Outcome != trace.Returned {
		p.Outcome = op.Outcome.String()
	}
	if found, known := a.Found(); known {
		p.Found = &found
	}
	if a.Compared() {
		for _, e := range a.Delta.Events {
			p.Events = append(p.Events, string(e))
		}
	}
	if after.Rule != nil {
		p.Rule = r.text(after.Rule.Name)
	}
	if l := after.RuleLine; l != nil {
		p.RuleLine = &place{r.text(l.File), l.Line, r.text(clip(l.Text, maxLine))}
		r.lines(l.File, l.Line)
	}
	p.Before = r.delta(m, before)
	if after.Late() {
		d := r.delta(m, after)
		p.After = &d
	}
	r.changes(p, m, a, after)
	r.drift(p, m, before)
	return r.rec
}

// seen introduces an op's map.
func (r *recorder) seen(op *trace.Op, scenes ...*moment.Scene) *shown {
	m := r.maps[op.Map.ID]
	if m == nil {
		m = &shown{rows: map[uint64]*shownRow{}}
		r.maps[op.Map.ID] = m
		p := pageMap{ID: op.Map.ID, Addr: hex(op.Map.Addr), Type: op.Map.Type}
		for _, s := range scenes {
			if s.Layout != nil && p.Layout == "" {
				p.Layout = s.Layout.Kind.String()
				states := make([]byte, 256)
				for b := range states {
					states[b] = stateLetters[s.Layout.StateOf(byte(b))]
				}
				p.States = string(states)
			}
		}
		r.rec.Maps = append(r.rec.Maps, p)
	}
	return m
}

func hex(addr uint64) string { return fmt.Sprintf("0x%x", addr) }

// delta tells of a moment what is not known of its map yet.
func (r *recorder) delta(m *shown, s *moment.Scene) delta {
	side := s.Shown()
	if !side.Shows() {
		return delta{Lacks: side.Lacks()}
	}
	used := side.Map.Used
	d := delta{Used: &used, Tombs: side.Map.Tombstones(), Absent: s.Absent}
	rows := choose(s, maxRows)
	d.Hidden = len(side.Map.Rows) - len(rows)
	list := make([][2]int, 0, len(rows))
	for _, i := range rows {
		row := &side.Map.Rows[i]
		was := m.rows[row.Addr]
		if was == nil {
			was = &shownRow{no: len(m.rows)}
			for c := range was.cells {
				was.cells[c] = [3]int{-2, -1, -1}
			}
			m.rows[row.Addr] = was
			d.Addrs = append(d.Addrs, hex(row.Addr))
		}
		list = append(list, [2]int{was.no, r.text(row.Where.String())})
		for c := range was.cells {
			now := r.cell(s, row, gomap.Place{Row: i, Cell: c}, &was.named[c])
			if now != was.cells[c] {
				was.cells[c] = now
				d.Cells = append(d.Cells, was.no, c, now[0], now[1], now[2])
			}
		}
	}
	if !slices.Equal(list, m.list) {
		m.list, d.Rows = list, list
	}
	d.Facts, d.Anew = m.news(factsOf(side.Map))
	if s.Focused {
		if row := m.rows[side.Map.Rows[s.Focus.Row].Addr]; row != nil {
			d.Focus = []int{row.no, s.Focus.Cell}
		}
	}
	return d
}

// choose lists the rows of a moment to show, most at most: all, or of a larger map
// of those that were read, the ones of the op's cells first.
func choose(s *moment.Scene, most int) []int {
	all := s.Shown().Map.Rows
	rows := make([]int, 0, min(len(all), most))
	if len(all) <= most {
		for i := range all {
			rows = append(rows, i)
		}
		return rows
	}
	for pass := range 2 {
		for i := range all {
			mine := s.RowChanged(i) || s.Focused && s.Focus.Row == i
			if all[i].Read && mine == (pass == 0) && len(rows) < most {
				rows = append(rows, i)
			}
		}
	}
	slices.Sort(rows)
	return rows
}

func (r *recorder) cell(s *moment.Scene, row *gomap.Row, at gomap.Place, by *named) [3]int {
	if !row.Read {
		*by = named{}
		return [3]int{-1, -1, -1}
	}
	key := func() int {
		text := s.KeyOf(at, maxCell)
		if text != moment.Unread {
			return r.text(text)
		}
		raw := rawKey(s, row, at.Cell)
		switch {
		case raw == "" || raw != by.raw && !holdsKey(s, at):
			*by = named{}
			return r.text(text)
		case holdsKey(s, at):
			*by = named{raw, clip(s.Op.KeyText, maxCell)}
		}
		return r.text(by.text)
	}
	now := [3]int{int(row.Ctrl[at.Cell]), -1, -1}
	switch s.Layout.State(row, at.Cell) {
	case gomap.Full:
		now[1], now[2] = key(), r.text(s.ElemOf(at, maxCell))
	case gomap.Deleted, gomap.EmptyOne: // what was left there
		now[1] = key()
	}
	return now
}

// holdsKey reports whether it is sure that a cell holds the op's key.
func holdsKey(s *moment.Scene, at gomap.Place) bool {
	if !s.Focused || s.Focus != at || s.Shown().Map.Layout.State(&s.Shown().Map.Rows[at.Row], at.Cell) != gomap.Full {
		return false
	}
	c := s.Change(at)
	return c == nil && len(s.Changes()) == 0 || c != nil && s.Own() >= 0 && s.Changes()[s.Own()].Addr == c.Addr
}

// rawKey is what a cell has of its key in itself.
func rawKey(s *moment.Scene, row *gomap.Row, cell int) string {
	_, key, _ := s.Layout.Ranges(row, cell)
	b := make([]byte, min(key.Len, maxCell))
	if key.Len > maxCell || s.Shown().Mem.ReadAt(b, key.Addr, gomap.RoleRow) != nil {
		return ""
	}
	return string(b)
}

// news are the facts that differ from what was told before.
func (m *shown) news(facts [][2]string) (news [][2]string, anew bool) {
	was := m.facts
	m.facts = facts
	if !slices.EqualFunc(was, facts, func(a, b [2]string) bool { return a[0] == b[0] }) {
		return facts, true
	}
	for i, f := range facts {
		if f != was[i] {
			news = append(news, f)
		}
	}
	return news, false
}

// factsOf are the runtime's own fields, of the header and of an only table.
func factsOf(m *gomap.Map) [][2]string {
	var facts [][2]string
	add := func(fs []gomap.FieldValue) {
		for i := range fs {
			f := &fs[i]
			value := fmt.Sprint(f.Value)
			switch f.Kind {
			case gomap.FieldBool:
				value = fmt.Sprint(f.Value != 0)
			case gomap.FieldPtr, gomap.FieldHash:
				value = hex(f.Value)
			case gomap.FieldSint:
				value = fmt.Sprint(int64(f.Value))
			}
			facts = append(facts, [2]string{f.Name, value})
		}
	}
	if len(m.Tables) == 1 {
		add(m.Tables[0].Fields)
	} else if len(m.Tables) > 1 {
		facts = append(facts, [2]string{"tables", fmt.Sprint(len(m.Tables))})
	}
	for i := range m.Header {
		if m.Header[i].Name != "used" || len(m.Tables) != 1 {
			add(m.Header[i : i+1])
		}
	}
	return facts
}

func (r *recorder) changes(p *pageOp, m *shown, a *moment.Act, after *moment.Scene) {
	if !a.Compared() {
		return
	}
	own := a.Own()
	for i, c := range a.Delta.Changes {
		row := m.rows[c.Addr-uint64(c.Cell)-after.Layout.Row.Ctrl]
		if row == nil || len(p.Changes) >= maxChanges && i != own {
			p.More++
			continue
		}
		if i == own {
			p.Own = len(p.Changes)
		}
		p.Changes = append(p.Changes, [5]int{row.no, c.Cell, int(c.From), int(c.To), r.text(c.Rule)})
	}
}

func (r *recorder) drift(p *pageOp, m *shown, before *moment.Scene) {
	p.DriftSince = before.DriftSince
	if len(before.Drift) == 0 || !before.Before.Shows() {
		return
	}
	for i := range before.Before.Map.Rows {
		row := m.rows[before.Before.Map.Rows[i].Addr]
		if row == nil {
			continue
		}
		for c := range gomap.CellsPerRow {
			if was, ok := before.Drifted(gomap.Place{Row: i, Cell: c}); ok && len(p.Drift) < maxChanges {
				p.Drift = append(p.Drift, [3]int{row.no, c, int(was)})
			}
		}
	}
}

func (r *recorder) stack(frames []trace.Frame) int {
	var key strings.Builder
	fs := make([]frame, len(frames))
	for i := range frames {
		f := &frames[i]
		fs[i] = frame{r.text(f.Func), r.text(f.File), f.Line, f.Runtime, f.Inlined}
		fmt.Fprintf(&key, "%d %d %d %t|", fs[i].Func, fs[i].File, f.Line, f.Inlined)
	}
	n, ok := r.stacks[key.String()]
	if !ok {
		n = len(r.stacks)
		r.stacks[key.String()] = n
		r.rec.Stacks = append(r.rec.Stacks, fs)
		for i := range frames {
			r.lines(frames[i].File, frames[i].Line)
		}
	}
	return n
}

// lines tells the source around a line, as far as the timeline has it.
func (r *recorder) lines(file string, line int) {
	known := r.tl.Source(file)
	if len(known) == 0 {
		return
	}
	told := r.source[file]
	if told == nil {
		told = map[int]bool{}
		r.source[file] = told
	}
	for n := line - around; n <= line+around; n++ {
		if text, ok := known[n]; ok && !told[n] {
			told[n] = true
			r.rec.Source = append(r.rec.Source, sourceLine{r.text(file), n, clip(text, maxLine)})
		}
	}
}

// clip cuts text to n bytes, and no part of a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
