// The product of two 400 × 400 matrices, which are slices of slices, as the definition has it.
package main

import "fmt"

const size = 400

func matrix(seed float64) [][]float64 {
	var rows [][]float64
	scale := seed / (size * size)
	for i := range size {
		var row []float64
		for j := range size {
			row = append(row, scale*float64((i-j)*(i+j)))
		}
		rows = append(rows, row)
	}
	return rows
}

func product(a, b [][]float64) [][]float64 {
	n := len(a)
	var c [][]float64
	for i := range n {
		row := make([]float64, n)
		for j := range n {
			sum := 0.0
			for k := range n {
				sum += a[i][k] * b[k][j]
			}
			row[j] = sum
		}
		c = append(c, row)
	}
	return c
}

func main() {
	a, b := matrix(1), matrix(2)
	c := product(a, product(a, b))
	fmt.Printf("%.6f %.6f\n", c[size/2][size/2], c[1][size-1])
}
