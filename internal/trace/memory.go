package trace

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"

	"deltui/internal/gomap"
)

// memory is the regions read at one moment, by address and not overlapping.
type memory []Region

// NewMemory is the memory that consists of the regions, of which a later one
// wins over an earlier; all else is unread. It is a [gomap.Sparse], and keeps
// the bytes that it is handed.
func NewMemory(rs []Region) gomap.Memory {
	m := make(memory, 0, len(rs))
	for _, r := range rs {
		if len(r.Data) > 0 {
			m = append(m, r)
		}
	}
	if disjoint(m) {
		return m
	}
	order := slices.Clone(m)
	slices.SortFunc(m, func(a, b Region) int { return cmp.Compare(a.Addr, b.Addr) })
	if disjoint(m) {
		return m
	}
	return paint(order)
}

// Regions lists the regions of a timeline's memory with what they are, in the
// order of their addresses and not overlapping. They must not be changed; they are
// nil of a memory that [NewMemory] did not make.
func Regions(m gomap.Memory) []Region {
	rs, _ := m.(memory)
	return rs
}

// disjoint reports whether rs are in the order of their addresses, and none
// reaches into the next.
func disjoint(rs []Region) bool {
	for i := 1; i < len(rs); i++ {
		if rs[i].Addr-rs[i-1].Addr < uint64(len(rs[i-1].Data)) || rs[i].Addr < rs[i-1].Addr {
			return false
		}
	}
	return true
}

// paint lays overlapping regions over each other, the last on top:
//
//	3            ▓▓▓▓▓▓▓▓
//	2      ▒▒▒▒▒▒▒▒▒▒          ▒▒▒▒
//	1   ░░░░░░░░░░░░░░░░░░░░░░░░
//	    ░░░▒▒▒▒▒▒▓▓▓▓▓▓▓▓░░░░░░▒▒▒▒      what is seen from above
//
// It sweeps over the addresses at which a region begins or ends, in their order.
// Between two neighbours of these nothing begins or ends, so what is on top there is
// on top of all of it. The heap has the regions that have begun, the topmost first.
// Invariant, when a stretch is handed out: the top of the heap covers the stretch,
// or the heap is empty. Regions that have ended are only taken away when they come to
// the top: one further down hides nothing.
//
// n regions cost n log n, however they overlap. A stretch is not joined with its
// neighbour: reading goes over borders.
func paint(rs []Region) memory {
	byStart := make([]int, len(rs))
	bounds := make([]uint64, 0, 2*len(rs))
	for i, r := range rs {
		byStart[i] = i
		bounds = append(bounds, r.Addr, r.Addr+uint64(len(r.Data)))
	}
	slices.SortFunc(byStart, func(a, b int) int { return cmp.Compare(rs[a].Addr, rs[b].Addr) })
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)

	var out memory
	var top topmost
	next := 0
	for i := 0; i+1 < len(bounds); i++ {
		from, to := bounds[i], bounds[i+1]
		for next < len(byStart) && rs[byStart[next]].Addr == from {
			heap.Push(&top, byStart[next])
			next++
		}
		for len(top) > 0 && rs[top[0]].Addr+uint64(len(rs[top[0]].Data)) <= from {
			heap.Pop(&top)
		}
		if len(top) > 0 {
			r := rs[top[0]]
			out = append(out, Region{from, r.Role, r.Data[from-r.Addr : to-r.Addr]})
		}
	}
	return out
}

// topmost is a heap of indexes, the greatest first.
type topmost []int

func (h topmost) Len() int           { return len(h) }
func (h topmost) Less(i, j int) bool { return h[i] > h[j] }
func (h topmost) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *topmost) Push(x any)        { *h = append(*h, x.(int)) }
func (h *topmost) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// ReadAt implements [gomap.Memory].
func (m memory) ReadAt(p []byte, addr uint64, _ gomap.Role) error {
	if len(p) == 0 {
		return nil
	}
	i, found := slices.BinarySearchFunc(m, addr, func(r Region, addr uint64) int { return cmp.Compare(r.Addr, addr) })
	if !found {
		i-- // the region that begins before addr
	}
	for at := addr; ; i++ {
		if i < 0 || i >= len(m) || at < m[i].Addr || at-m[i].Addr >= uint64(len(m[i].Data)) {
			return fmt.Errorf("%d bytes at %#x: %w", len(p), at, gomap.ErrUnread)
		}
		n := copy(p, m[i].Data[at-m[i].Addr:])
		if p = p[n:]; len(p) == 0 {
			return nil
		}
		at += uint64(n)
	}
}

// Next implements [gomap.Sparse].
func (m memory) Next(addr, end uint64) (from, to uint64) {
	i, found := slices.BinarySearchFunc(m, addr, func(r Region, addr uint64) int { return cmp.Compare(r.Addr, addr) })
	if !found && i > 0 && addr-m[i-1].Addr < uint64(len(m[i-1].Data)) {
		i-- // the region that begins before addr reaches beyond it
	}
	if i == len(m) || m[i].Addr >= end {
		return end, end
	}
	from = max(addr, m[i].Addr)
	to = m[i].Addr + uint64(len(m[i].Data))
	for i++; i < len(m) && m[i].Addr == to; i++ {
		to += uint64(len(m[i].Data))
	}
	return from, min(to, end)
}
