// The loops that the chains of iterators say, as one writes them in Go.
package main

import "fmt"

const rounds = 20000

func squaresOfOdd(xs []int) int {
	total := 0
	for _, x := range xs {
		if x%2 == 1 {
			total += x * x
		}
	}
	return total
}

func dot(xs, ys []int) int {
	total := 0
	for i, x := range xs {
		total += x * ys[i]
	}
	return total
}

func weighted(xs []int) int {
	total := 0
	for i, x := range xs[10:] {
		total += i * x
	}
	return total
}

func mixed(n int) int {
	mixed, taken := 0, 0
	for i := 0; i < n && taken < 2000; i++ {
		x := i * 7
		if x%3 != 0 {
			mixed = (mixed ^ x) + 1
			taken++
		}
	}
	return mixed
}

func main() {
	xs := make([]int, 0)
	for x := 0; x < 4000; x++ {
		xs = append(xs, x*37%101)
	}
	ys := make([]int, 0)
	for _, x := range xs {
		ys = append(ys, x+3)
	}
	total := 0
	for round := 0; round < rounds; round++ {
		total += squaresOfOdd(xs) + dot(xs, ys) + weighted(xs) + mixed(3000+round%10)
		total = total % 1000000007
	}
	fmt.Println(total)
}
