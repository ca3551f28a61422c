package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"deltui.example/hookdemo/audit"
	"deltui.example/hookdemo/auditlog"
)

// Ways are the names of all ways, in the order of the table.
var Ways = []string{"builtin", "sharded", "linkname", "audit-sampled", "audit-full", "batch", "intercept-off", "intercept"}

func intercepted(name string) bool { return name == "intercept" || name == "intercept-off" }

// newWay makes the way and sets the hook that it needs.
func newWay(name string, c Config) (way, error) {
	audit.Set(audit.NoOp)
	audited := func(m map[uint64]int, k uint64) { _ = audit.Delete(m, k) }
	switch name {
	case "builtin", "intercept", "intercept-off":
		return newShards(1, c, func(m map[uint64]int, k uint64) { delete(m, k) }), nil
	case "sharded":
		return newShards(c.Shards, c, func(m map[uint64]int, k uint64) { delete(m, k) }), nil
	case "linkname":
		return newShards(1, c, audited), nil
	case "batch":
		return newBatches(c, audited), nil
	case "audit-sampled", "audit-full":
		o := auditlog.Options{File: filepath.Join(c.Dir, name+".jsonl"), MaxSize: 100, Backups: 1}
		if name == "audit-sampled" {
			o.Sampler = &auditlog.Sampler{}
		}
		l, err := auditlog.New(o)
		if err != nil {
			return nil, err
		}
		audit.Set(l)
		return &logged{newShards(1, c, audited), l}, nil
	}
	return nil, fmt.Errorf("bench: no way %q; there are %v", name, Ways)
}

type shard struct {
	mu sync.Mutex
	m  map[uint64]int
	_  [48]byte // a cache line each
}

type shards struct {
	list   []shard
	delete func(map[uint64]int, uint64)
}

func newShards(n int, c Config, del func(map[uint64]int, uint64)) *shards {
	s := &shards{list: make([]shard, n), delete: del}
	for i := range s.list {
		s.list[i].m = make(map[uint64]int, c.Fill/n)
	}
	return s
}

func (s *shards) of(k uint64) *shard { return &s.list[k>>32%uint64(len(s.list))] }

func (s *shards) put(k uint64) {
	sh := s.of(k)
	sh.mu.Lock()
	sh.m[k] = 1
	sh.mu.Unlock()
}

func (s *shards) del(_ int, k uint64) (t times) {
	sh := s.of(k)
	sh.mu.Lock()
	t.locked = now()
	s.delete(sh.m, k)
	t.done = now()
	sh.mu.Unlock()
	return t
}

func (s *shards) end(int) {}

func (s *shards) left() (n int) {
	for i := range s.list {
		n += len(s.list[i].m)
	}
	return n
}

func (s *shards) close() (left int, rec int64, err error) { return s.left(), 0, nil }

type logged struct {
	*shards
	log *auditlog.Log
}

func (l *logged) close() (int, int64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := l.log.Close(ctx)
	return l.left(), l.log.Stats().Written, err
}

// batches is the article's hook. It cannot be an audit.Hook: that is called with
// the map locked, and the lock is what this one saves.
type batches struct {
	*shards
	size  int
	notes [][]uint64 // by goroutine
}

func newBatches(c Config, del func(map[uint64]int, uint64)) *batches {
	b := &batches{newShards(1, c, del), c.Batch, make([][]uint64, c.Goroutines)}
	for i := range b.notes {
		b.notes[i] = make([]uint64, 0, c.Batch)
	}
	return b
}

func (b *batches) del(g int, k uint64) (t times) {
	b.notes[g] = append(b.notes[g], k)
	if len(b.notes[g]) == b.size {
		t = b.flush(g)
	}
	return t
}

func (b *batches) end(g int) { b.flush(g) }

func (b *batches) flush(g int) (t times) {
	sh := &b.list[0]
	sh.mu.Lock()
	t.locked = now()
	for _, k := range b.notes[g] {
		b.delete(sh.m, k)
	}
	t.done = now()
	sh.mu.Unlock()
	b.notes[g] = b.notes[g][:0]
	return t
}
