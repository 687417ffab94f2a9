// Quicksort of 2,000,000 numbers from a simple generator, three times.
package main

import "fmt"

const size = 2_000_000

func sort(items []int, first, last int) {
	low, high := first, last
	pivot := items[(first+last)/2]
	for low <= high {
		for items[low] < pivot {
			low++
		}
		for items[high] > pivot {
			high--
		}
		if low <= high {
			items[low], items[high] = items[high], items[low]
			low++
			high--
		}
	}
	if first < high {
		sort(items, first, high)
	}
	if low < last {
		sort(items, low, last)
	}
}

func main() {
	seed := 42
	for range 3 {
		items := make([]int, 0, size)
		for range size {
			seed = (seed*1_103_515_245 + 12_345) % 2_147_483_648
			items = append(items, seed)
		}
		sort(items, 0, size-1)
		for i := 1; i < size; i++ {
			if items[i-1] > items[i] {
				panic("not sorted")
			}
		}
		fmt.Println(items[0], items[size/2], items[size-1])
	}
}
