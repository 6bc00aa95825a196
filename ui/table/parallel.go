package table

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

const (
	// mostWorkers is how many cores a search takes at most.
	mostWorkers = 4
	// parallelRows is from how many rows on it is worth to wake another core. A busy machine may be late to do so.
	parallelRows = 1 << 15
)

// workersFor returns how many cores are worth it for some rows.
func workersFor(rows int) int {
	if rows < parallelRows {
		return 1
	}
	return min(runtime.GOMAXPROCS(0), mostWorkers)
}

// parallel calls do for the numbers from 0 to n-1, on some cores, and returns when all calls have returned. If one panics,
// parallel does.
func parallel(workers, n int, do func(i int)) {
	var next atomic.Int64
	work := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			do(i)
		}
	}
	var group sync.WaitGroup
	var crashed atomic.Pointer[crash]
	for range min(n, workers) - 1 {
		group.Go(func() {
			defer func() {
				if value := recover(); value != nil {
					crashed.Store(newCrash(value))
				}
			}()
			work()
		})
	}
	func() {
		defer group.Wait()
		work()
	}()
	if c := crashed.Load(); c != nil {
		panic(c)
	}
}

// crash is a panic in another goroutine than the one that has to know of it. An own goroutine that panics would end the
// program, and leave the terminal as it is.
type crash struct {
	value any
	stack []byte
}

// newCrash notes what was recovered from; a crash that was noted before stays as it is.
func newCrash(value any) *crash {
	if c, ok := value.(*crash); ok {
		return c
	}
	return &crash{value, debug.Stack()}
}

// Error returns what was panicked with, and where.
func (c *crash) Error() string { return fmt.Sprintf("%v\n\n%s", c.value, c.stack) }
