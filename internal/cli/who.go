package cli

import "deltui/internal/tally"

// maxWho is how many calls and how many maps --who lists.
const maxWho = 40

// tellWho prints the tables of --who: to stderr, since stdout carries ops only.
func (a *App) tellWho(t *tally.Tally, f *traceFlags) {
	style := tally.Style{ASCII: f.ascii, Top: maxWho}
	if isTerminal(a.Stderr) {
		style.Width = a.width(a.Stderr)
	}
	r := t.Report()
	_ = r.Write(a.Stderr, style)
}
