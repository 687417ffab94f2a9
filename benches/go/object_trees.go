// Binary trees of nodes behind pointers, up to depth 16: making, counting and dropping them.
package main

import "fmt"

type Tree struct{ left, right *Tree }

func build(depth int) *Tree {
	if depth == 0 {
		return &Tree{}
	}
	return &Tree{build(depth - 1), build(depth - 1)}
}

func (tree *Tree) count() int {
	if tree == nil {
		return 0
	}
	return 1 + tree.left.count() + tree.right.count()
}

const (
	least = 4
	most  = 16
)

func main() {
	fmt.Printf("stretch tree of depth %d\t check: %d\n", most+1, build(most+1).count())
	longLived := build(most)
	for depth := least; depth <= most; depth += 2 {
		rounds := 1 << (most - depth + least)
		sum := 0
		for range rounds {
			sum += build(depth).count()
		}
		fmt.Printf("%d\t trees of depth %d\t check: %d\n", rounds, depth, sum)
	}
	fmt.Printf("long lived tree of depth %d\t check: %d\n", most, longLived.count())
}
