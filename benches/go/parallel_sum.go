// Adds up the squares of a slice in chunks that run in parallel, four hundred times.
package main

import "fmt"

const (
	length = 512_000
	chunk  = 8_000
)

func sum(numbers []int, sums chan<- int) {
	sum := 0
	for _, number := range numbers {
		sum += number * number
	}
	sums <- sum
}

func addUp(numbers []int) int {
	sums := make(chan int, length/chunk)
	for from := 0; from < length; from += chunk {
		go sum(numbers[from:from+chunk], sums)
	}
	total := 0
	for range length / chunk {
		total += <-sums
	}
	return total
}

func main() {
	numbers := make([]int, length)
	for n := range numbers {
		numbers[n] = n % 1000
	}
	total := 0
	for round := range 400 {
		total += round * addUp(numbers)
	}
	fmt.Println(total)
}
