package bench

import (
	"slices"
	"time"
)

var clockStart = time.Now()

// now is a monotonic clock, in nanoseconds.
func now() int64 { return int64(time.Since(clockStart)) }

// clockCost is what two readings of the clock are apart with nothing between
// them, the median of many: each part of a latency has it in it.
func clockCost() int64 {
	d := make([]int64, 1001)
	for i := range d {
		t := now()
		d[i] = now() - t
	}
	slices.Sort(d)
	return d[len(d)/2]
}
