package cli

import (
	"fmt"
	"io"
	"os"
	"sync"

	"deltui/internal/visible"
)

// targetOutput takes what the target prints: to stderr line by line and made
// visible, or raw to a file.
type targetOutput struct {
	mu    sync.Mutex
	raw   *os.File
	lines [3]*visible.Lines // by stream
}

// newTargetOutput writes to the file of that name, or to stderr if it is "".
func newTargetOutput(name string, stderr io.Writer) (*targetOutput, error) {
	o := &targetOutput{}
	if name != "" {
		f, err := os.Create(name)
		if err != nil {
			return nil, fmt.Errorf("--output %s: %w", name, pathErr(err))
		}
		o.raw = f
		return o, nil
	}
	for i := range o.lines {
		o.lines[i] = &visible.Lines{Emit: func(line string) { _, _ = io.WriteString(stderr, line+"\n") }}
	}
	return o, nil
}

// Write takes what came on a stream: 1 is stdout, 2 is stderr.
func (o *targetOutput) Write(stream int, b []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.raw != nil {
		_, _ = o.raw.Write(b)
		return
	}
	if stream < 0 || stream >= len(o.lines) {
		stream = 2
	}
	_, _ = o.lines[stream].Write(b)
}

// Close prints lines that have not ended.
func (o *targetOutput) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.raw != nil {
		return o.raw.Close()
	}
	for _, l := range o.lines {
		l.Flush()
	}
	return nil
}
