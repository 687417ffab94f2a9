// Goroutines sleep for different times, from so many microseconds on; prints how late they woke, in microseconds: the median and the 99th
// percentile.
package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
)

func number(position int) int {
	value, err := strconv.Atoi(os.Args[position])
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	sleepers, least := number(1), number(2)
	late := make(chan int64, sleepers)
	for n := range sleepers {
		go func() {
			delay := time.Duration(least+n*7919%1_000_000) * time.Microsecond
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
