// Builds a table of numbers as text, line by line, and looks at what it has built.
package main

import (
	"fmt"
	"strings"
)

func main() {
	var table strings.Builder
	for row := 0; row < 400000; row++ {
		line := fmt.Sprintf("%d: %d, %04x", row, row*row%1009, row&0xffff)
		table.WriteString(line)
		table.WriteString("\n")
	}
	text := strings.ReplaceAll(table.String(), ", ", ";")
	longest := 0
	sum := 0
	for _, line := range strings.Split(text, "\n") {
		if len(line) > longest {
			longest = len(line)
		}
		sum += strings.Index(line, ";")
	}
	fmt.Println(len(text), longest, sum)
}
