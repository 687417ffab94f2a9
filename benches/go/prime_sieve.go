// The first 2,500 primes from a chain of goroutines, one for each prime, that filter out its multiples.
package main

import "fmt"

const count = 2_500

func generate(numbers chan<- int) {
	for number := 2; ; number++ {
		numbers <- number
	}
}

func filter(input <-chan int, output chan<- int, prime int) {
	for number := range input {
		if number%prime != 0 {
			output <- number
		}
	}
}

func main() {
	numbers := make(chan int)
	go generate(numbers)
	prime := 0
	for range count {
		prime = <-numbers
		filtered := make(chan int)
		go filter(numbers, filtered, prime)
		numbers = filtered
	}
	fmt.Println(prime)
}
