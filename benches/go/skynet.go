// A tree of goroutines, ten children each, whose million leaves give their numbers; what comes up is the sum.
package main

import "fmt"

func skynet(result chan<- int, number, size int) {
	if size == 1 {
		result <- number
		return
	}
	part := size / 10
	children := make(chan int, 10)
	for child := 0; child < 10; child++ {
		go skynet(children, number+child*part, part)
	}
	sum := 0
	for child := 0; child < 10; child++ {
		sum += <-children
	}
	result <- sum
}

func main() {
	result := make(chan int)
	go skynet(result, 0, 1_000_000)
	fmt.Println(<-result)
}
