// The smallest program: how fast it builds, and how large it is.
package main

import "fmt"

func main() {
	fmt.Println("Hello, world!")
}
