// The Mandelbrot set on 2000 × 2000 points, 50 rounds each: as many bytes as the picture has, hashed.
package main

import "fmt"

const (
	size   = 2000
	rounds = 50
)

func main() {
	picture := make([]uint8, 0, size*size/8)
	for row := range size {
		ci := 2*float64(row)/size - 1
		bits := uint8(0)
		for column := range size {
			cr := 2*float64(column)/size - 1.5
			bits <<= 1
			if isInside(cr, ci) {
				bits |= 1
			}
			if column%8 == 7 {
				picture = append(picture, bits)
				bits = 0
			}
		}
	}
	hash := 0
	for _, bits := range picture {
		hash = (hash*31 + int(bits)) % 1_000_000_007
	}
	fmt.Printf("%d bytes, hash %d\n", len(picture), hash)
}

func isInside(cr, ci float64) bool {
	var zr, zi, tr, ti float64
	for range rounds {
		if tr+ti > 4 {
			return false
		}
		zi = 2*zr*zi + ci
		zr = tr - ti + cr
		tr = zr * zr
		ti = zi * zi
	}
	return tr+ti <= 4
}
