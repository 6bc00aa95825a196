package table

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// mostWorkers is how many cores a search takes at most.
const mostWorkers = 4

// parallel calls do for the numbers from 0 to n-1, on several cores, and returns when all calls have returned. If one
// panics, parallel does.
func parallel(n int, do func(i int)) {
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
	for range min(n, runtime.GOMAXPROCS(0), mostWorkers) - 1 {
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
