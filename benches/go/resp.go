// A store of keys and values that speaks a part of the protocol of Redis, made as `examples/redis_like_server.plat`.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
)

const (
	piece       = 16 << 10
	largest     = 1 << 20
	mostAnswers = 64 << 10
)

// Reads one command, which may not be there to its end.
type scanner struct {
	bytes    []byte
	position int
}

var unfinished = errors.New("unfinished")

func (s *scanner) line() ([]byte, error) {
	end := bytes.IndexByte(s.bytes[s.position:], '\n')
	if end < 0 {
		return nil, unfinished
	}
	line := s.bytes[s.position : s.position+end]
	s.position += end + 1
	return bytes.TrimSuffix(line, []byte("\r")), nil
}

func (s *scanner) length(of string) (int, error) {
	line, err := s.line()
	if err != nil {
		return 0, err
	}
	length, err := strconv.Atoi(string(line[1:]))
	if err != nil || length < 0 || length > largest {
		return 0, fmt.Errorf("invalid %s length", of)
	}
	return length, nil
}

func (s *scanner) command() ([][]byte, error) {
	if s.position == len(s.bytes) {
		return nil, unfinished
	}
	if s.bytes[s.position] != '*' {
		line, err := s.line()
		return bytes.Fields(line), err
	}
	count, err := s.length("multibulk")
	if err != nil {
		return nil, err
	}
	words := make([][]byte, 0, min(count, 16))
	for range count {
		if s.position == len(s.bytes) {
			return nil, unfinished
		}
		if first := s.bytes[s.position]; first != '$' {
			return nil, fmt.Errorf("expected '$', got '%c'", first)
		}
		length, err := s.length("bulk")
		if err != nil {
			return nil, err
		}
		end := s.position + length
		if end+2 > len(s.bytes) {
			return nil, unfinished
		}
		if s.bytes[end] != '\r' || s.bytes[end+1] != '\n' {
			return nil, errors.New("expected a line break")
		}
		words = append(words, bytes.Clone(s.bytes[s.position:end]))
		s.position = end + 2
	}
	return words, nil
}

// Answers that have not been sent yet.
type answers struct{ bytes []byte }

func (a *answers) text(text string) { a.bytes = append(a.bytes, text...) }

func (a *answers) number(number int64) {
	a.text(":")
	a.bytes = strconv.AppendInt(a.bytes, number, 10)
	a.text("\r\n")
}

func (a *answers) fail(reason string) {
	a.text("-ERR " + strings.NewReplacer("\r", " ", "\n", " ").Replace(reason) + "\r\n")
}

func (a *answers) value(value []byte, isThere bool) {
	if !isThere {
		a.text("$-1\r\n")
		return
	}
	a.text("$")
	a.bytes = strconv.AppendInt(a.bytes, int64(len(value)), 10)
	a.text("\r\n")
	a.bytes = append(a.bytes, value...)
	a.text("\r\n")
}

// What clients see and change.
type store struct {
	lock   sync.Mutex
	values map[string][]byte
}

// Does the commands that have come, until there are many answers. Whether the client stays, and may send more.
func (s *store) answer(input *scanner, out *answers) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	for len(out.bytes) < mostAnswers {
		begin := input.position
		words, err := input.command()
		if err == unfinished {
			isTooBig := len(input.bytes)-begin > largest
			if isTooBig {
				out.fail("Protocol error: too big command")
			}
			input.position = begin
			return !isTooBig
		}
		if err != nil {
			out.fail("Protocol error: " + err.Error())
			return false
		}
		if len(words) > 0 && !s.obey(words, out) {
			return false
		}
	}
	return true
}

func (s *store) obey(words [][]byte, out *answers) bool {
	name, count := strings.ToUpper(string(words[0])), len(words)
	switch {
	case name == "GET" && count == 2:
		value, isThere := s.values[string(words[1])]
		out.value(value, isThere)
	case name == "SET" && count == 3:
		s.values[string(words[1])] = words[2]
		out.text("+OK\r\n")
	case name == "INCR" && count == 2:
		s.increment(string(words[1]), out)
	case name == "DEL" && count > 1:
		before := len(s.values)
		for _, key := range words[1:] {
			delete(s.values, string(key))
		}
		out.number(int64(before - len(s.values)))
	case name == "EXISTS" && count > 1:
		found := 0
		for _, key := range words[1:] {
			if _, isThere := s.values[string(key)]; isThere {
				found++
			}
		}
		out.number(int64(found))
	case name == "MGET" && count > 1:
		out.text("*" + strconv.Itoa(count-1) + "\r\n")
		for _, key := range words[1:] {
			value, isThere := s.values[string(key)]
			out.value(value, isThere)
		}
	case name == "PING" && count == 1:
		out.text("+PONG\r\n")
	case (name == "PING" || name == "ECHO") && count == 2:
		out.value(words[1], true)
	case name == "QUIT" && count == 1:
		out.text("+OK\r\n")
		return false
	default:
		out.fail("cannot do '" + name + "' with so many words")
	}
	return true
}

func (s *store) increment(key string, out *answers) {
	number, isInteger := int64(0), true
	if value, isThere := s.values[key]; isThere {
		parsed, err := strconv.ParseInt(string(value), 10, 64)
		number, isInteger = parsed, err == nil && parsed < 1<<63-1
	}
	if !isInteger {
		out.fail("value is not an integer or out of range")
		return
	}
	s.values[key] = strconv.AppendInt(nil, number+1, 10)
	out.number(number + 1)
}

func serve(client net.Conn, s *store) {
	defer client.Close()
	var pending []byte
	var out answers
	for {
		if cap(pending)-len(pending) < piece {
			pending = append(make([]byte, 0, 2*len(pending)+piece), pending...)
		}
		count, err := client.Read(pending[len(pending) : len(pending)+piece])
		if err != nil {
			return
		}
		pending = pending[:len(pending)+count]
		input := scanner{bytes: pending}
		for {
			out.bytes = out.bytes[:0]
			stays := s.answer(&input, &out)
			if _, err := client.Write(out.bytes); err != nil || !stays {
				return
			}
			if len(out.bytes) < mostAnswers {
				break
			}
		}
		pending = pending[:copy(pending, pending[input.position:])]
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("listening on", listener.Addr())
	s := &store{values: map[string][]byte{}}
	for {
		client, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go serve(client, s)
	}
}
