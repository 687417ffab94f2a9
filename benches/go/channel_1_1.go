// One producer and one consumer over one buffered channel.
package main

import (
	"fmt"
	"sync"
)

const values = 10_000_000

func produce(out chan<- int, done *sync.WaitGroup) {
	defer done.Done()
	for value := range values {
		out <- value
	}
}

func consume(in <-chan int, sums chan<- int) {
	sum := 0
	for value := range in {
		sum += value
	}
	sums <- sum
}

func main() {
	channel := make(chan int, 1024)
	sums := make(chan int)
	for range 1 {
		go consume(channel, sums)
	}
	var producers sync.WaitGroup
	for range 1 {
		producers.Add(1)
		go produce(channel, &producers)
	}
	producers.Wait()
	close(channel)
	total := 0
	for range 1 {
		total += <-sums
	}
	fmt.Println(total)
}
