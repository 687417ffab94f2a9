// A thousand goroutines count with one atomic.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

const (
	tasks = 1_000
	each  = 10_000
)

func main() {
	var total atomic.Int64
	var done sync.WaitGroup
	for range tasks {
		done.Add(1)
		go func() {
			defer done.Done()
			for range each {
				total.Add(1)
			}
		}()
	}
	done.Wait()
	fmt.Println(total.Load())
}
