// A store of keys and values that speaks a part of the protocol of Redis, made as `examples/redis_like_server.plat`.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	piece       = 16 << 10
	largest     = 1 << 20
	mostAnswers = 64 << 10
)

// What has come from a client, and the command in it that is being done.
type input struct {
	bytes    []byte
	position int
	// Parts of `bytes`, the first of which is the command's name.
	words [][]byte
}

var unfinished = errors.New("unfinished")

// Goes on to the next command.
func (in *input) next() error {
	begin := in.position
	in.words = in.words[:0]
	if begin == len(in.bytes) {
		return unfinished
	}
	find := in.findWordsOfLine
	if in.bytes[begin] == '*' {
		find = in.findListedWords
	}
	err := find()
	if err == unfinished {
		in.position = begin
		if len(in.bytes)-begin > largest {
			return errors.New("too big command")
		}
	}
	return err
}

func (in *input) findListedWords() error {
	count, err := in.length("multibulk")
	if err != nil {
		return err
	}
	for range count {
		if in.position == len(in.bytes) {
			return unfinished
		}
		if first := in.bytes[in.position]; first != '$' {
			return fmt.Errorf("expected '$', got '%c'", first)
		}
		length, err := in.length("bulk")
		if err != nil {
			return err
		}
		end := in.position + length
		if end+2 > len(in.bytes) {
			return unfinished
		}
		if !in.hasLineBreak(end) {
			return errors.New("expected a line break")
		}
		in.words = append(in.words, in.bytes[in.position:end])
		in.position = end + 2
	}
	return nil
}

// The number in a line, behind its first byte.
func (in *input) length(of string) (int, error) {
	begin := in.position + 1
	end, number := begin, 0
	for end < len(in.bytes) && number <= largest && '0' <= in.bytes[end] && in.bytes[end] <= '9' {
		number = 10*number + int(in.bytes[end]-'0')
		end++
	}
	if end+2 > len(in.bytes) && number <= largest {
		return 0, unfinished
	}
	if number > largest || end == begin || !in.hasLineBreak(end) {
		return 0, fmt.Errorf("invalid %s length", of)
	}
	in.position = end + 2
	return number, nil
}

func (in *input) hasLineBreak(at int) bool { return in.bytes[at] == '\r' && in.bytes[at+1] == '\n' }

func (in *input) findWordsOfLine() error {
	end := bytes.IndexByte(in.bytes[in.position:], '\n')
	if end < 0 {
		return unfinished
	}
	in.words = append(in.words, bytes.Fields(in.bytes[in.position:in.position+end])...)
	in.position += end + 1
	return nil
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
func (s *store) answer(in *input, out *answers) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	for len(out.bytes) < mostAnswers {
		err := in.next()
		if err == unfinished {
			break
		}
		if err != nil {
			out.fail("Protocol error: " + err.Error())
			return false
		}
		if len(in.words) > 0 && !s.obey(in.words, out) {
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
		s.values[string(words[1])] = bytes.Clone(words[2])
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
	var in input
	var out answers
	for {
		in.bytes = slices.Grow(in.bytes, piece)
		filled := len(in.bytes)
		count, err := client.Read(in.bytes[filled : filled+piece])
		if err != nil {
			return
		}
		in.bytes = in.bytes[:filled+count]
		for {
			out.bytes = out.bytes[:0]
			stays := s.answer(&in, &out)
			if _, err := client.Write(out.bytes); err != nil || !stays {
				return
			}
			if len(out.bytes) < mostAnswers {
				break
			}
		}
		in.bytes = in.bytes[:copy(in.bytes, in.bytes[in.position:])]
		in.position = 0
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
