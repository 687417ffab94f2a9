// Fork-join without a cut-off: every call above the leaves starts one goroutine.
package main

import (
	"fmt"
	"sync"
)

func fib(n int) int {
	if n < 2 {
		return n
	}
	var left int
	var done sync.WaitGroup
	done.Add(1)
	go func() {
		left = fib(n - 1)
		done.Done()
	}()
	right := fib(n - 2)
	done.Wait()
	return left + right
}

func main() {
	fmt.Println(fib(30))
}
