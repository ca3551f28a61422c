package target

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"
)

// run runs the go command and returns what it said on stderr, less the lines
// that are progress. Its stdout goes to out, or with stderr if out is nil.
func (b *builder) run(ctx context.Context, out io.Writer, args ...string) (string, error) {
	return b.exec(ctx, b.report, out, args...)
}

// quiet runs the go command for its stdout, without reporting.
func (b *builder) quiet(ctx context.Context, args ...string) (string, error) {
	var out strings.Builder
	_, err := b.exec(ctx, nil, &out, args...)
	return out.String(), err
}

func (b *builder) exec(ctx context.Context, r *reporter, out io.Writer, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, b.goCmd, args...)
	cmd.Dir = b.dir
	cmd.Env = append(b.env, "PWD="+b.dir)
	ownGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd) }
	cmd.WaitDelay = 5 * time.Second
	pr, pw := io.Pipe()
	cmd.Stderr = pw
	cmd.Stdout = out
	if out == nil {
		cmd.Stdout = pw
	}
	said := make(chan string, 1)
	go func() { said <- follow(pr, r) }()
	err := cmd.Start()
	if err == nil {
		b.spec.Guard.Watch(cmd.Process.Pid)
		err = cmd.Wait()
		if ctx.Err() != nil {
			awaitGroup(cmd)
		}
		b.spec.Guard.Unwatch(cmd.Process.Pid)
	}
	pw.Close()
	text := <-said
	if ctx.Err() != nil {
		return text, context.Cause(ctx)
	}
	return text, err
}

var (
	// packageLine is a line of `go build -v`: nothing but an import path. What
	// compilers and linkers say has spaces or colons.
	packageLine  = regexp.MustCompile(`^[A-Za-z0-9_][\w./~+@%\-\[\]]*$`)
	downloadLine = regexp.MustCompile(`^go: downloading (.+)$`)
)

// maxSaid bounds what is kept of the go command's words.
const maxSaid = 1 << 20

// follow reads the go command's words, reports those that are progress, and
// returns the others.
func follow(r io.Reader, report *reporter) string {
	var said strings.Builder
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		text := strings.TrimRight(line, "\r\n")
		if m := downloadLine.FindStringSubmatch(text); m != nil {
			report.set(Downloading, m[1])
		} else if packageLine.MatchString(text) {
			report.compiling(text)
		} else if said.Len()+len(line) < maxSaid {
			said.WriteString(line)
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				_, _ = io.Copy(io.Discard, r)
			}
			return strings.TrimRight(said.String(), "\n")
		}
	}
}

// reporter tells of progress, at each change and twice a second.
type reporter struct {
	tell  func(Event)
	main  string // the package that is compiled last, and then linked
	done  chan struct{}
	ended sync.WaitGroup

	mu    sync.Mutex
	now   Event
	began time.Time
}

func newReporter(tell func(Event)) *reporter {
	r := &reporter{tell: tell, done: make(chan struct{}), began: time.Now()}
	if tell == nil {
		return r
	}
	r.ended.Go(func() {
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				r.update(func(*Event) {})
			case <-r.done:
				return
			}
		}
	})
	return r
}

func (r *reporter) stop() {
	close(r.done)
	r.ended.Wait()
}

func (r *reporter) update(f func(*Event)) {
	if r == nil || r.tell == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.now)
	if r.now.Stage != "" {
		r.now.Elapsed = time.Since(r.began)
		r.tell(r.now)
	}
}

func (r *reporter) set(s Stage, text string) {
	r.update(func(e *Event) { e.Stage, e.Text = s, text })
}

// compiling is told of each package when its compilation begins. The linker is
// not heard of: it runs when the last package is done.
func (r *reporter) compiling(pkg string) {
	if r == nil {
		return
	}
	r.update(func(e *Event) {
		e.Built++
		e.Stage, e.Text = Building, pkg
		if pkg == r.main {
			e.Stage = Linking
		}
	})
}
