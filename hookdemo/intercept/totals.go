package intercept

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Totals count the records of a log, those apart that other tools count
// otherwise.
type Totals struct {
	Deletes   int // calls of delete that reached the map, found or not
	Found     int // of these, how many found their key
	Panicked  int // of these, how many panicked
	FastEmpty int // fast deletes on nil or empty maps, which end before they reach it
	Clears    int // clear, and range loops that the compiler made clears
	Early     int // deletes and clears before the hook was in place
	Hidden    int // at least so many of packages that are left out
	Processes int
	Torn      int // lines that are no record, as a crash leaves them
}

func (t Totals) String() string {
	s := fmt.Sprintf("%d deletes (%d found their key), %d fast ones on nil or empty maps, %d clears, %d before the hook was in place; %d processes",
		t.Deletes, t.Found, t.FastEmpty, t.Clears, t.Early, t.Processes)
	if t.Panicked > 0 {
		s += fmt.Sprintf("; %d deletes panicked", t.Panicked)
	}
	if t.Hidden > 0 {
		s += fmt.Sprintf("; at least %d more of packages that are left out", t.Hidden)
	}
	if t.Torn > 0 {
		s += fmt.Sprintf("; %d lines are no records", t.Torn)
	}
	return s
}

// Record is a line of the log.
type Record struct {
	Time      string
	Run       string // what the process belonged to
	PID       int
	Seq       int64
	Op        string // delete, clear, early, start
	Func      string // the runtime's function that was called
	Goroutine int64
	Depth     int
	Caller    struct {
		Func, File string
		Line       int
	}
	Map       struct{ Addr, Type string }
	KeyType   string `json:"key_type"`
	Key       string
	KeyLen    int `json:"key_len"`
	Found     bool
	Len       [2]int
	FastEmpty bool   `json:"fast_empty"`
	Outcome   string // returned, panicked
	Hidden    int    // deletes of the process that were left out before this one

	Deletes, Clears int    // early
	Package         string // start: what was run
}

// process is one of a log's; process ids come again in other runs.
type process struct {
	run string
	pid int
}

// counter adds records up.
type counter struct {
	t      Totals
	hidden map[process]int
}

func (c *counter) add(r Record) {
	if c.hidden == nil {
		c.hidden = map[process]int{}
	}
	p := process{r.Run, r.PID}
	c.hidden[p] = max(c.hidden[p], r.Hidden) // also where it is 0
	c.t.add(r)
}

func (c *counter) totals() Totals {
	t := c.t
	t.Processes = len(c.hidden)
	for _, n := range c.hidden {
		t.Hidden += n
	}
	return t
}

// Read reads a log, and calls each with every record.
func Read(r io.Reader, each func(Record)) (Totals, error) {
	var c counter
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var rec Record
			if json.Unmarshal(line, &rec) != nil || rec.Op == "" {
				c.t.Torn++
			} else {
				c.add(rec)
				if each != nil {
					each(rec)
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return c.totals(), nil
		}
		if err != nil {
			return c.totals(), fmt.Errorf("reading the log: %w", err)
		}
	}
}

func (t *Totals) add(r Record) {
	switch {
	case r.Op == "start":
	case r.Op == "early":
		t.Early += r.Deletes + r.Clears
	case r.Op == "clear":
		t.Clears++
	case r.FastEmpty:
		t.FastEmpty++
	default:
		t.Deletes++
		if r.Found {
			t.Found++
		}
		if r.Outcome == "panicked" {
			t.Panicked++
		}
	}
}
