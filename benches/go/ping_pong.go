// Two goroutines hand a number back and forth over unbuffered channels.
package main

import "fmt"

const rounds = 2_000_000

func main() {
	ping := make(chan int)
	pong := make(chan int)
	go func() {
		for value := range ping {
			pong <- value + 1
		}
	}()
	value := 0
	for range rounds {
		ping <- value
		value = <-pong
	}
	close(ping)
	fmt.Println(value)
}
