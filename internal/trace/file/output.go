package file

import (
	"fmt"

	"deltui/internal/trace"
	"deltui/internal/visible"
)

// Output implements [trace.Sink].
func (s sink) Output(stream int, b []byte) error {
	f := s.f
	if stream != 1 && stream != 2 {
		return fmt.Errorf("output on stream %d", stream)
	}
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	f.lines[stream-1].Write(b)
	partial := f.lines[stream-1].Partial()
	f.publish(func() { f.partial[stream-1] = partial })
	return f.werr
}

// addOutput takes in a line that the target has ended.
func (f *File) addOutput(stream int, text string) {
	line := trace.OutputLine{Stream: stream, After: f.ended, Text: text}
	f.mu.Lock()
	f.partial[stream-1] = ""
	f.addTail(line)
	f.mu.Unlock()
	if f.outputs += len(text); f.outputs > maxOutput {
		if !f.outputDropped {
			f.outputDropped = true
			f.output = f.outputLine(f.output, trace.OutputLine{Stream: 2, After: f.ended, Text: fmt.Sprintf("(a recording keeps %d MiB of output; the rest is not in it)", maxOutput>>20)})
		}
		return
	}
	f.output = f.outputLine(f.output, line)
	if len(f.output) > blockBytes {
		_ = f.flushOutput() // an error stays in werr
	}
}

func (f *File) flushOutput() error {
	if len(f.output) == 0 {
		return nil
	}
	_, err := f.writeFrame(frameHeader{kind: frameOutput}, nil, f.output)
	f.output = f.output[:0]
	return err
}

func (f *File) outputLine(b []byte, l trace.OutputLine) []byte {
	b = append(b, byte(l.Stream))
	b = appendUint(b, l.After)
	return appendText(b, l.Text)
}

// addTail adds a line to the end of the output that is held in memory.
func (s *state) addTail(l trace.OutputLine) {
	s.tail = append(s.tail, l)
	s.tailLen += len(l.Text) + 64
	drop := 0
	for s.tailLen > tailOutput {
		s.tailLen -= len(s.tail[drop].Text) + 64
		s.tail[drop] = trace.OutputLine{}
		drop++
	}
	s.tail = s.tail[drop:]
}

// addReadOutput takes in a frame of output that was read.
func (f *File) addReadOutput(b []byte) error {
	d := decoder{b: b}
	for d.left() > 0 {
		l := trace.OutputLine{Stream: int(d.byte()), After: d.uint(), Text: visible.Line(d.text(), 8)}
		if d.err != nil || l.Stream != 1 && l.Stream != 2 {
			return errCorrupt
		}
		f.addTail(l)
	}
	return nil
}

// Output implements [trace.Timeline].
func (f *File) Output(limit int) []trace.OutputLine {
	f.mu.RLock()
	defer f.mu.RUnlock()
	var out []trace.OutputLine
	from, size := len(f.tail), 0
	for from > 0 && size+len(f.tail[from-1].Text) <= limit {
		from--
		size += len(f.tail[from].Text)
	}
	out = append(out, f.tail[from:]...)
	for i, text := range f.partial {
		if text != "" {
			out = append(out, trace.OutputLine{Stream: i + 1, After: f.ended, Text: text})
		}
	}
	return out
}
