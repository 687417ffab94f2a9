// Flips of pancakes: the greatest number of prefix reversals over all permutations of ten.
package main

import "fmt"

const size = 10

func main() {
	first := make([]int, size)
	for i := range first {
		first[i] = i
	}
	count := make([]int, size)
	most, checksum, round, rest := 0, 0, 0, size
	for {
		for rest != 1 {
			count[rest-1] = rest
			rest--
		}
		flips := countFlips(first)
		most = max(most, flips)
		if round%2 == 0 {
			checksum += flips
		} else {
			checksum -= flips
		}
		for {
			if rest == size {
				fmt.Printf("%d\nPfannkuchen(%d) = %d\n", checksum, size, most)
				return
			}
			head := first[0]
			for i := range rest {
				first[i] = first[i+1]
			}
			first[rest] = head
			count[rest]--
			if count[rest] > 0 {
				break
			}
			rest++
		}
		round++
	}
}

// How many prefix reversals it takes until the first is 0.
func countFlips(start []int) int {
	stack := append([]int(nil), start...)
	flips := 0
	top := stack[0]
	for top != 0 {
		low, high := 0, top
		for low < high {
			stack[low], stack[high] = stack[high], stack[low]
			low++
			high--
		}
		flips++
		top = stack[0]
	}
	return flips
}
