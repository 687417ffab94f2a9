// Makes a JSON document, parses it to a tree, and prints the tree again.
package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The fields of an object in order, as Plat's dictionaries keep theirs, and an index of their names.
type object struct {
	names  []string
	values []any
	index  map[string]int
}

type parser struct {
	text string
	at   int
}

func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) skipSpace() {
	for p.at < len(p.text) && p.text[p.at] <= 32 {
		p.at++
	}
}

func (p *parser) literal(word string, value any) (any, error) {
	if strings.HasPrefix(p.text[p.at:], word) {
		p.at += len(word)
		return value, nil
	}
	return nil, fmt.Errorf("unknown word at %d", p.at)
}

func (p *parser) value() (any, error) {
	p.skipSpace()
	switch p.peek() {
	case '{':
		return p.object()
	case '[':
		return p.array()
	case '"':
		return p.string()
	case 't':
		return p.literal("true", true)
	case 'f':
		return p.literal("false", false)
	case 'n':
		return p.literal("null", nil)
	}
	return p.number()
}

func (p *parser) array() (any, error) {
	p.at++
	items := []any{}
	p.skipSpace()
	if p.peek() == ']' {
		p.at++
		return items, nil
	}
	for {
		item, err := p.value()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		p.skipSpace()
		next := p.peek()
		p.at++
		if next == ']' {
			return items, nil
		}
		if next != ',' {
			return nil, fmt.Errorf("no comma at %d", p.at)
		}
	}
}

func (p *parser) object() (any, error) {
	p.at++
	fields := &object{index: map[string]int{}}
	p.skipSpace()
	if p.peek() == '}' {
		p.at++
		return fields, nil
	}
	for {
		p.skipSpace()
		name, err := p.string()
		if err != nil {
			return nil, err
		}
		p.skipSpace()
		if p.peek() != ':' {
			return nil, fmt.Errorf("no colon at %d", p.at)
		}
		p.at++
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		if at, found := fields.index[name]; found {
			fields.values[at] = value
		} else {
			fields.index[name] = len(fields.names)
			fields.names = append(fields.names, name)
			fields.values = append(fields.values, value)
		}
		p.skipSpace()
		next := p.peek()
		p.at++
		if next == '}' {
			return fields, nil
		}
		if next != ',' {
			return nil, fmt.Errorf("no comma at %d", p.at)
		}
	}
}

func (p *parser) string() (string, error) {
	if p.peek() != '"' {
		return "", fmt.Errorf("no string at %d", p.at)
	}
	p.at++
	start := p.at
	text := ""
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case '"':
			text += p.text[start:p.at]
			p.at++
			return text, nil
		case '\\':
			text += p.text[start:p.at]
			start = p.at + 1
			p.at++
		}
		p.at++
	}
	return "", fmt.Errorf("endless string")
}

func (p *parser) number() (any, error) {
	start := p.at
	for p.at < len(p.text) {
		byte := p.text[p.at]
		if (byte < '0' || byte > '9') && byte != '-' && byte != '.' {
			break
		}
		p.at++
	}
	number, err := strconv.ParseFloat(p.text[start:p.at], 64)
	if err != nil {
		return nil, fmt.Errorf("no value at %d", start)
	}
	return number, nil
}

func write(into *strings.Builder, value any) {
	switch value := value.(type) {
	case nil:
		into.WriteString("null")
	case bool:
		into.WriteString(strconv.FormatBool(value))
	case float64:
		if value == math.Floor(value) {
			into.WriteString(strconv.FormatInt(int64(value), 10))
		} else {
			into.WriteString(strconv.FormatFloat(value, 'g', -1, 64))
		}
	case string:
		quote(into, value)
	case []any:
		into.WriteString("[")
		for i, item := range value {
			if i > 0 {
				into.WriteString(",")
			}
			write(into, item)
		}
		into.WriteString("]")
	case *object:
		into.WriteString("{")
		for i, name := range value.names {
			if i > 0 {
				into.WriteString(",")
			}
			quote(into, name)
			into.WriteString(":")
			write(into, value.values[i])
		}
		into.WriteString("}")
	}
}

func quote(into *strings.Builder, text string) {
	into.WriteString("\"")
	into.WriteString(strings.ReplaceAll(text, "\"", "\\\""))
	into.WriteString("\"")
}

func document(count int) string {
	var text strings.Builder
	text.WriteString("[")
	for i := 0; i < count; i++ {
		if i > 0 {
			text.WriteString(", ")
		}
		fmt.Fprintf(&text, "{\"id\": %d, \"name\": \"item \\\"%d\\\"\", \"price\": %d.25, \"tags\": [\"a%d\", \"b\"], ", i, i%97, i%1000, i%7)
		fmt.Fprintf(&text, "\"stock\": {\"here\": %d, \"there\": null, \"open\": %t}}", i%13, i%2 == 0)
	}
	text.WriteString("]")
	return text.String()
}

func count(value any) int {
	total := 1
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			total += count(item)
		}
	case *object:
		for _, field := range value.values {
			total += count(field)
		}
	}
	return total
}

func main() {
	text := document(100000)
	parser := parser{text: text}
	value, err := parser.value()
	if err != nil {
		fmt.Println(err)
		return
	}
	var printed strings.Builder
	write(&printed, value)
	fmt.Println(len(text), count(value), printed.Len())
}
