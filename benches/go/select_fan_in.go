// Eight goroutines send on a channel each; one receives from whichever is ready.
package main

import "fmt"

const each = 125_000

func main() {
	var channels [8]chan int
	for i := range channels {
		channels[i] = make(chan int, 16)
		go func() {
			for n := range each {
				channels[i] <- n
			}
		}()
	}
	a, b, c, d := channels[0], channels[1], channels[2], channels[3]
	e, f, g, h := channels[4], channels[5], channels[6], channels[7]
	sum := 0
	for range 8 * each {
		select {
		case n := <-a:
			sum += n
		case n := <-b:
			sum += n
		case n := <-c:
			sum += n
		case n := <-d:
			sum += n
		case n := <-e:
			sum += n
		case n := <-f:
			sum += n
		case n := <-g:
			sum += n
		case n := <-h:
			sum += n
		}
	}
	fmt.Println(sum)
}
