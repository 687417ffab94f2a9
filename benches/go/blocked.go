// A million goroutines that each wait for a value of a channel of their own; prints how long it took until all did, in microseconds.
package main

import (
	"fmt"
	"sync/atomic"
	"time"
)

const tasks = 1_000_000

var waiting atomic.Int64
var allWait = make(chan time.Time, 1)

func wait(channel <-chan int, results chan<- int) {
	if waiting.Add(1) == tasks {
		allWait <- time.Now()
	}
	results <- <-channel
}

func main() {
	start := time.Now()
	var channels []chan int
	results := make(chan int)
	for range tasks {
		channel := make(chan int, 1)
		channels = append(channels, channel)
		go wait(channel, results)
	}
	end := <-allWait
	fmt.Println(end.Sub(start).Microseconds())
	go func() {
		for _, channel := range channels {
			channel <- 1
		}
	}()
	sum := 0
	for range tasks {
		sum += <-results
	}
	fmt.Println(sum)
}
