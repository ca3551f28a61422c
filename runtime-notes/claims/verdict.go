package claims

import (
	"fmt"
	"slices"
	"strings"
)

// Go is a toolchain, as far as claims care.
type Go struct {
	Minor   int  // N of 1.N
	Classic bool // maps are buckets with overflow chains
}

// A Span is the toolchains for which a part holds.
type Span struct {
	Text string
	In   func(Go) bool
}

// The spans that parts have.
var (
	Always  = Span{"always", func(Go) bool { return true }}
	Never   = Span{"never", func(Go) bool { return false }}
	Classic = Span{"classic maps only", func(g Go) bool { return g.Classic }}
	Swiss   = Span{"Swiss maps only", func(g Go) bool { return !g.Classic }}
)

// Until is the versions up to and with 1.N.
func Until(minor int) Span {
	return Span{fmt.Sprintf("up to 1.%d", minor), func(g Go) bool { return g.Minor <= minor }}
}

// Since is the versions from 1.N on.
func Since(minor int) Span {
	return Span{fmt.Sprintf("since 1.%d", minor), func(g Go) bool { return g.Minor >= minor }}
}

// Role is how a part counts.
type Role int

// The roles of parts.
const (
	Counts  Role = iota // a part of what the article says
	Decides             // the same, and without it the rest says nothing: a claim is false where it does not hold
	Note                // measured, and worth knowing; not the article's
)

// A Part is one thing that is so or is not: measured, or compared with what a
// benchmark recorded.
type Part struct {
	Says     string
	Holds    Span
	Role     Role
	Measure  Measure
	Recorded *Ratio
}

// Found is whether the part is so with the lab's toolchain.
func (p Part) Found(l *Lab) (bool, error) {
	if p.Recorded != nil {
		return p.Recorded.recorded(l)
	}
	return p.Measure(l)
}

// A Claim is one numbered statement of the article.
type Claim struct {
	ID    string
	Says  string
	Parts []Part
}

// Recorded reports whether the verdict rests on recorded figures, too.
func (c Claim) Recorded() bool {
	return slices.ContainsFunc(c.Parts, func(p Part) bool { return p.Recorded != nil && p.Role != Note })
}

// Verdict is what the parts that count say together.
type Verdict string

// The verdicts for one Go version; over several, see Over.
const (
	True  Verdict = "true"
	Half  Verdict = "half true"
	False Verdict = "false"
)

// In is the claim's verdict for one Go.
func (c Claim) In(g Go) Verdict {
	held, count := 0, 0
	for _, p := range c.Parts {
		if p.Role == Note {
			continue
		}
		count++
		switch {
		case p.Holds.In(g):
			held++
		case p.Role == Decides:
			return False
		}
	}
	switch {
	case count == 0:
		panic("claim " + c.ID + " has no part that counts")
	case held == count:
		return True
	case held == 0:
		return False
	}
	return Half
}

// The default builds that verdicts speak of.
const (
	oldest = 18
	newest = 27
)

// Default is the Go that 1.N's default build is.
func Default(minor int) Go { return Go{minor, minor < 24} }

type run struct {
	v           Verdict
	first, last int
}

func (c Claim) runs() []run {
	var rs []run
	for n := oldest; n <= newest; n++ {
		v := c.In(Default(n))
		if len(rs) > 0 && rs[len(rs)-1].v == v {
			rs[len(rs)-1].last = n
			continue
		}
		rs = append(rs, run{v, n, n})
	}
	return rs
}

// Over is the verdict over all versions, in a few words.
func (c Claim) Over() string {
	rs := c.runs()
	switch {
	case len(rs) == 1:
		return string(rs[0].v)
	case len(rs) == 2 && rs[0].v == True:
		return fmt.Sprintf("outdated since 1.%d", rs[1].first)
	case len(rs) == 2 && rs[0].v == Half && rs[1].v == False:
		return fmt.Sprintf("half true, outdated since 1.%d", rs[1].first)
	}
	var s []string
	for _, r := range rs {
		s = append(s, fmt.Sprintf("%s %s", r.v, span(r.first, r.last)))
	}
	return strings.Join(s, ", ")
}

// Versions says for which versions what verdict holds.
func (c Claim) Versions() string {
	rs := c.runs()
	if len(rs) == 1 {
		return span(rs[0].first, rs[0].last)
	}
	var s []string
	for _, r := range rs {
		s = append(s, fmt.Sprintf("%s: %s", span(r.first, r.last), r.v))
	}
	return strings.Join(s, "; ")
}

func span(first, last int) string {
	if first == last {
		return fmt.Sprintf("1.%d", first)
	}
	return fmt.Sprintf("1.%d–1.%d", first, last)
}
