// A million goroutines that do nothing, awaited together.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var done sync.WaitGroup
	for range 1_000_000 {
		done.Add(1)
		go func() { done.Done() }()
	}
	done.Wait()
	fmt.Println("done")
}
