// Answers every request by a greeting.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
)

func greet(response http.ResponseWriter, _ *http.Request) {
	response.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(response, "hello")
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("listening on", listener.Addr())
	panic(http.Serve(listener, http.HandlerFunc(greet)))
}
