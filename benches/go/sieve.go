// The sieve of Eratosthenes up to 5,000,000, twenty times.
package main

import "fmt"

const limit = 5_000_000

func countPrimes() int {
	isComposite := make([]bool, limit+1)
	count := 0
	for number := 2; number <= limit; number++ {
		if !isComposite[number] {
			count++
			for multiple := number * number; multiple <= limit; multiple += number {
				isComposite[multiple] = true
			}
		}
	}
	return count
}

func main() {
	sum := 0
	for range 20 {
		sum += countPrimes()
	}
	fmt.Println(sum)
}
