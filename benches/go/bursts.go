// Four goroutines of some microseconds each, again and again, with work of one between: little to share among processors.
package main

import "fmt"

const rounds = 5_000

func work(seed, steps int) int {
	state := seed
	for range steps {
		state = (state*1103515245 + 12345) % 1000000007
	}
	return state
}

func main() {
	state := 1
	for range rounds {
		state = work(state, 5_000)
		results := make(chan int, 4)
		for number := range 4 {
			go func() { results <- work(state+number, 1_000) }()
		}
		sum := 0
		for range 4 {
			sum += <-results
		}
		state = (state + sum) % 1000000007
	}
	fmt.Println(state)
}
