// The spectral norm of an infinite matrix, cut off at 2000.
package main

import (
	"fmt"
	"math"
)

const size = 2000

func entry(i, j int) float64 {
	return 1 / float64((i+j)*(i+j+1)/2+i+1)
}

func times(v, result []float64) {
	for i := range v {
		sum := 0.0
		for j := range v {
			sum += entry(i, j) * v[j]
		}
		result[i] = sum
	}
}

func transposedTimes(v, result []float64) {
	for i := range v {
		sum := 0.0
		for j := range v {
			sum += entry(j, i) * v[j]
		}
		result[i] = sum
	}
}

func main() {
	u, v, between := make([]float64, size), make([]float64, size), make([]float64, size)
	for i := range u {
		u[i] = 1
	}
	for range 10 {
		times(u, between)
		transposedTimes(between, v)
		times(v, between)
		transposedTimes(between, u)
	}
	uv, vv := 0.0, 0.0
	for i := range size {
		uv += u[i] * v[i]
		vv += v[i] * v[i]
	}
	fmt.Printf("%.9f\n", math.Sqrt(uv/vv))
}
