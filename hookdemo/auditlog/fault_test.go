package auditlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"deltui.example/hookdemo/audit"
)

// A slow sink under Block: deletes wait, nothing is lost.
func TestSlowSinkBlock(t *testing.T) {
	var b buffer
	l := open(t, Options{Writer: writerFunc(func(p []byte) (int, error) {
		time.Sleep(time.Millisecond)
		return b.Write(p)
	}), Queue: 4})
	use(t, l)
	want := churn(t, 8, 100)
	shut(t, l)
	recs, torn := parse(t, b.Bytes())
	if got := distinct(t, only(recs, "delete")); got != want || want != 800 || torn != 0 {
		t.Errorf("%d records of %d deletes, %d torn", got, want, torn)
	}
	if s := l.Stats(); s.Waited == 0 || s.Dropped != 0 || s.Lost != 0 {
		t.Errorf("the queue was never full: %+v", s)
	}
}

// A sink that stands still under Drop: no delete waits, each drop is counted,
// in the totals and in the log itself.
func TestStuckSinkDrop(t *testing.T) {
	var b buffer
	release := make(chan struct{})
	l := open(t, Options{Writer: writerFunc(func(p []byte) (int, error) {
		<-release
		return b.Write(p)
	}), Queue: 10, Full: Drop})
	use(t, l)
	want := churn(t, 4, 100) // returns although nothing is written
	if l.Stats().Written != 0 {
		t.Fatal("the sink was not stuck")
	}
	close(release)
	shut(t, l)
	recs, _ := parse(t, b.Bytes())
	var told int64
	for _, r := range only(recs, "dropped") {
		told += r.Records
	}
	s := l.Stats()
	if got := distinct(t, only(recs, "delete")); int64(got)+s.Dropped != int64(want) || got < 10 || want != 400 {
		t.Errorf("%d records and %d dropped of %d deletes", got, s.Dropped, want)
	}
	if told != s.Dropped || s.Lost != 0 {
		t.Errorf("the log tells of %d dropped records, the totals are %+v", told, s)
	}
}

// A disk that fills up in the middle of a line, again and again.
func TestFullDisk(t *testing.T) {
	var b buffer
	rng := rand.New(rand.NewSource(1))
	l := open(t, Options{Writer: writerFunc(func(p []byte) (int, error) {
		switch rng.Intn(4) {
		case 0:
			return 0, syscall.ENOSPC
		case 1:
			n := rng.Intn(len(p))
			_, _ = b.Write(p[:n])
			return n, syscall.ENOSPC
		}
		return b.Write(p)
	}), Queue: 2})
	use(t, l)
	want := churn(t, 4, 30)
	shut(t, l)
	recs, torn := parse(t, b.Bytes())
	got := only(recs, "delete")
	if n := distinct(t, got); n != want || want != 120 {
		t.Errorf("%d records of %d deletes", n, want)
	}
	if s := l.Stats(); s.Failures == 0 || torn == 0 || s.Written != int64(len(recs)) {
		t.Errorf("the disk was never full in a line (%d torn), or the totals are wrong: %+v, %d records", torn, s, len(recs))
	}
}

// A disk that stays full: Close says what is lost, and why.
func TestDeadDisk(t *testing.T) {
	l := open(t, Options{Writer: writerFunc(func(p []byte) (int, error) { return 0, syscall.ENOSPC })})
	use(t, l)
	churn(t, 1, 20)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := l.Close(ctx)
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(fmt.Sprint(err), "20 records were not written") {
		t.Errorf("Close: %v", err)
	}
	if s := l.Stats(); s.Lost != 20 {
		t.Errorf("totals %+v", s)
	}
}

// A writer that panics is a writer that fails.
func TestPanickingSink(t *testing.T) {
	var b buffer
	var calls atomic.Int64
	l := open(t, Options{Writer: writerFunc(func(p []byte) (int, error) {
		if calls.Add(1)%2 == 1 {
			panic("no")
		}
		return b.Write(p)
	})})
	use(t, l)
	want := churn(t, 2, 10)
	shut(t, l)
	recs, _ := parse(t, b.Bytes())
	if got := distinct(t, only(recs, "delete")); got != want {
		t.Errorf("%d records of %d deletes", got, want)
	}
}

// A writer that deletes under audit would wait for itself when the queue is full.
func TestSinkThatDeletes(t *testing.T) {
	var b buffer
	scratch := map[int]int{}
	l := open(t, Options{Writer: writerFunc(func(p []byte) (int, error) {
		for i := 0; i < 10; i++ {
			_ = audit.Delete(scratch, i)
		}
		return b.Write(p)
	}), Queue: 1})
	use(t, l)
	want := churn(t, 4, 50)
	audit.Set(nil)
	shut(t, l)
	recs, _ := parse(t, b.Bytes())
	if got := distinct(t, only(recs, "delete")); got != want {
		t.Errorf("%d records of %d deletes", got, want)
	}
	if l.Stats().Unwatched == 0 {
		t.Error("the writer's own deletes are not counted")
	}
}

// A hook that deletes in its hook, through the log: each delete has its record,
// and the refused one a fault.
func TestRecursiveHook(t *testing.T) {
	var b buffer
	l := open(t, Options{Writer: &b})
	audit.OnFault(l.Watch())
	defer audit.OnFault(nil)
	m := map[int]int{}
	for i := 0; i < 100; i++ {
		m[i] = i
	}
	use(t, audit.Chain(l, audit.Cascade("again", func(op *audit.Op) error {
		_ = audit.Delete(m, op.Key.(int)+1)
		return nil
	})))
	if err := audit.Delete(m, 0); err != nil {
		t.Fatal(err)
	}
	shut(t, l)
	recs, _ := parse(t, b.Bytes())
	dels := only(recs, "delete")
	if len(dels) != audit.DefaultDepth+1 || 100-len(m) != len(dels) {
		t.Errorf("%d records, %d deleted", len(dels), 100-len(m))
	}
	for i, r := range dels { // the innermost ends first
		if r.Nest != audit.DefaultDepth-i {
			t.Errorf("record %d: nest %d", i, r.Nest)
		}
	}
	if f := only(recs, "fault"); len(f) != 1 || f[0].Phase != "nest" || !strings.Contains(f[0].Text, "depth 8") {
		t.Errorf("faults %+v", f)
	}
}

// Deletes that are on their way when the log closes either have a record or did
// not take place.
func TestCloseWhileDeleting(t *testing.T) {
	var b buffer
	l := open(t, Options{Writer: &b, Queue: 4})
	use(t, l)
	var done atomic.Int64
	var wg sync.WaitGroup
	for g := 0; g < 8; g++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			m := map[int]int{}
			for k := 0; ; k++ {
				m[k] = k
				err := audit.Delete(m, k)
				if (err == nil) != (len(m) == 0) {
					t.Errorf("%v, but %d in the map", err, len(m))
				}
				if err != nil {
					return
				}
				done.Add(1)
			}
		}()
	}
	for l.Stats().Written < 1000 {
		time.Sleep(time.Millisecond)
	}
	shut(t, l)
	wg.Wait()
	recs, _ := parse(t, b.Bytes())
	if got := distinct(t, only(recs, "delete")); int64(got) != done.Load() {
		t.Errorf("%d records of %d deletes", got, done.Load())
	}
}

// TestSecondClose waits for the first and has its error, or says that it did not
// wait to the end.
func TestSecondClose(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	l := open(t, Options{Writer: writerFunc(func(p []byte) (int, error) {
		once.Do(func() { close(entered) })
		<-release
		return 0, syscall.ENOSPC
	})})
	use(t, l)
	churn(t, 1, 20)
	<-entered
	ctx, giveUp := context.WithCancel(context.Background())
	first := make(chan error, 1)
	go func() { first <- l.Close(ctx) }()
	for l.gate.n.Load() < closedGate {
		time.Sleep(time.Millisecond)
	}
	bound, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := l.Close(bound); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(fmt.Sprint(err), "an earlier Close, which is still writing") {
		t.Errorf("a Close beside the first: %v", err)
	}
	second := make(chan error, 1)
	go func() { second <- l.Close(context.Background()) }()
	select {
	case err := <-second:
		t.Fatalf("a Close beside the first did not wait: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	close(release)
	giveUp()
	err := <-first
	if got := <-second; err == nil || got != err || !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, context.Canceled) {
		t.Errorf("the first Close: %v, the second: %v", err, got)
	}
}

// TestBlockHoldsTheLock: what the doc says of a full queue under Block. The
// delete waits with the program's lock, so that a reader waits for the disk.
func TestBlockHoldsTheLock(t *testing.T) {
	for _, full := range []Full{Block, Drop} {
		t.Run(full.String(), func(t *testing.T) {
			release := make(chan struct{})
			l := open(t, Options{Writer: writerFunc(func(p []byte) (int, error) {
				<-release
				return len(p), nil
			}), Queue: 1, Full: full})
			use(t, l)
			var mu sync.Mutex
			m := map[int]int{}
			done := make(chan struct{})
			go func() {
				defer close(done)
				for i := 0; i < 10; i++ {
					mu.Lock()
					_ = audit.Delete(m, i)
					mu.Unlock()
				}
			}()
			if full == Block {
				for l.Stats().Waited == 0 {
					time.Sleep(time.Millisecond)
				}
				if mu.TryLock() {
					t.Error("a delete waits for the log without the program's lock")
				}
			} else {
				<-done
			}
			close(release)
			<-done
			shut(t, l)
		})
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// FuzzSink: whatever the writer takes of each try, all lines come out whole, in
// order, once.
func FuzzSink(f *testing.F) {
	f.Add([]byte{0, 3, 200, 1}, 5)
	f.Fuzz(func(t *testing.T, takes []byte, lines int) {
		if lines < 0 || lines > 100 {
			return
		}
		var out bytes.Buffer
		s := &sink{w: writerFunc(func(p []byte) (int, error) {
			n := len(p)
			if len(takes) > 0 {
				n, takes = min(int(takes[0]), n), takes[1:]
			}
			out.Write(p[:n])
			return n, nil
		})}
		want := ""
		for i := 0; i < lines; i++ {
			line := fmt.Sprintf("<%d>\n", i)
			want += line
			_, _ = s.Write([]byte(line))
		}
		for !s.clean() {
			_ = s.try()
		}
		got := ""
		for _, l := range strings.SplitAfter(out.String(), "\n") {
			if strings.HasPrefix(l, "<") && strings.HasSuffix(l, ">\n") {
				got += l
			}
		}
		if got != want || s.written.Load() != int64(lines) {
			t.Errorf("got %q, want %q, written %d", got, want, s.written.Load())
		}
	})
}
