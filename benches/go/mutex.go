// A thousand goroutines take turns at a mutex.
package main

import (
	"fmt"
	"sync"
)

const (
	tasks = 1_000
	each  = 10_000
)

func main() {
	var mutex sync.Mutex
	var done sync.WaitGroup
	total := 0
	for range tasks {
		done.Add(1)
		go func() {
			defer done.Done()
			for range each {
				mutex.Lock()
				total++
				mutex.Unlock()
			}
		}()
	}
	done.Wait()
	fmt.Println(total)
}
