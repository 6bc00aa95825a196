package table

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// mostWorkers is how many cores a search takes at most.
const mostWorkers = 4

// parallel calls do for the numbers from 0 to n-1, on several cores, and returns when all calls have returned.
func parallel(n int, do func(i int)) {
	workers := min(n, runtime.GOMAXPROCS(0), mostWorkers)
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
	for range workers - 1 {
		group.Go(work)
	}
	work()
	group.Wait()
}
