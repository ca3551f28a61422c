package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"deltui.example/hookdemo/auditlog"
)

func closeLog(l *auditlog.Log) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return l.Close(ctx)
}

// showLog prints the deletes of an audit log as a table.
func showLog(out io.Writer, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("reading back the audit log: %w", err)
	}
	defer f.Close()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "seq\tmap\tkey\tlen\tnest\thook\toutcome\tcaller")
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r struct {
			Msg, Map, Key, Hook, Outcome string
			Seq, Nest                    int
			Len                          [2]int
			Caller                       struct {
				Func string
				Line int
			}
			Faults []string
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("reading back %s: %w", file, err)
		}
		if r.Msg != "delete" {
			continue
		}
		outcome := r.Outcome
		if len(r.Faults) > 0 {
			outcome += fmt.Sprintf(", %d fault", len(r.Faults))
		}
		fmt.Fprintf(w, "%d\t%.6s\t%s\t%d→%d\t%d\t%s\t%s\t%s:%d\n",
			r.Seq, r.Map, r.Key, r.Len[0], r.Len[1], r.Nest, r.Hook, outcome, r.Caller.Func, r.Caller.Line)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return lines.Err()
}
