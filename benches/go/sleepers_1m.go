// A million goroutines sleep for different times; prints how late they woke, in microseconds: the median and the 99th percentile.
package main

import (
	"fmt"
	"slices"
	"time"
)

const sleepers = 1_000_000

func main() {
	late := make(chan int64, sleepers)
	for n := range sleepers {
		go func() {
			delay := time.Duration(3_000_000+n*7919%1_000_000) * time.Microsecond
			start := time.Now()
			time.Sleep(delay)
			late <- (time.Since(start) - delay).Microseconds()
		}()
	}
	var delays []int64
	for range sleepers {
		delays = append(delays, <-late)
	}
	slices.Sort(delays)
	fmt.Println(delays[sleepers/2], delays[sleepers/100*99])
}
