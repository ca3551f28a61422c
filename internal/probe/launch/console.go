package launch

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/creack/pty"
)

// console is the target's input and output: a terminal of its own, or pipes.
// Never our terminal: what the target prints must not reach it raw. It is a
// [live.Console].
type console struct {
	tty, stdin     string   // paths for the launch
	stdout, stderr *os.File // ends for the launch

	master, slave *os.File    // terminal
	in            *os.File    // our end of the target's input
	childIn       *os.File    // its end, until it is launched
	out           [2]*os.File // our ends of its stdout and stderr
	from          io.Reader
	raw           func(stream int, b []byte)
	done          sync.WaitGroup
}

func openConsole(cfg Config) (*console, error) {
	c := &console{from: cfg.Stdin, raw: cfg.Output}
	if cfg.Terminal {
		var err error
		c.master, c.slave, err = pty.Open()
		if err != nil {
			return nil, fmt.Errorf("making a terminal for %s: %w", cfg.Name, err)
		}
		_ = pty.Setsize(c.master, &pty.Winsize{Cols: 80, Rows: 24})
		c.tty = c.slave.Name()
		c.in = c.master
		c.out[0] = c.master
		return c, nil
	}
	var err error
	for i, end := range []**os.File{&c.stdout, &c.stderr} {
		if c.out[i], *end, err = os.Pipe(); err != nil {
			c.close()
			return nil, fmt.Errorf("making pipes for %s: %w", cfg.Name, err)
		}
	}
	if c.from != nil {
		if c.childIn, c.in, err = os.Pipe(); err != nil {
			c.close()
			return nil, fmt.Errorf("making pipes for %s: %w", cfg.Name, err)
		}
		// Delve opens the target's input by its path.
		c.stdin = fmt.Sprintf("/dev/fd/%d", c.childIn.Fd())
	}
	return c, nil
}

// launched closes what the target has its own copies of.
func (c *console) launched() {
	if c.childIn != nil {
		c.childIn.Close()
		c.childIn = nil
	}
}

// Start carries bytes until the target is gone; output gets what raw gets.
func (c *console) Start(output func(stream int, b []byte)) {
	for i, f := range c.out {
		if f == nil {
			continue
		}
		stream := i + 1
		c.done.Go(func() {
			buf := make([]byte, 32<<10)
			for {
				n, err := f.Read(buf)
				if n > 0 {
					if c.raw != nil {
						c.raw(stream, buf[:n])
					}
					output(stream, buf[:n])
				}
				if err != nil {
					return
				}
			}
		})
	}
	if c.from != nil && c.in != nil {
		go func() {
			_, _ = io.Copy(c.in, c.from)
			c.in.Close()
		}()
	}
}

// Write gives bytes to the target's input. A terminal whose buffer is full
// would block: the caller does not wait for it.
func (c *console) Write(b []byte) {
	if c.in != nil {
		go func() { _, _ = c.in.Write(b) }()
	}
}

// Resize tells the terminal its size; pipes have none.
func (c *console) Resize(cols, rows int) {
	if c.master != nil {
		_ = pty.Setsize(c.master, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)})
	}
}

// Drain waits for what the target printed last. What it started may hold the
// other end, so the wait is bounded.
func (c *console) Drain() {
	if c.slave != nil {
		// As long as we hold the slave the master never ends.
		c.slave.Close()
		c.slave = nil
	}
	done := make(chan struct{})
	go func() {
		c.done.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(time.Second):
	}
}

func (c *console) close() {
	for _, f := range []*os.File{c.slave, c.master, c.childIn, c.out[0], c.out[1], c.stdout, c.stderr} {
		if f != nil {
			f.Close()
		}
	}
	if c.in != nil && c.in != c.master {
		c.in.Close()
	}
}
