// Counts the words of a generated text and prints the commonest.
package main

import (
	"fmt"
	"sort"
	"strings"
)

type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state = (r.state*1103515245 + 12345) % 2147483648
	return r.state
}

func makeText(words int) string {
	syllables := []string{"ka", "lo", "mi", "ne", "pu", "ra", "si", "to"}
	random := random{42}
	var text strings.Builder
	for i := 0; i < words; i++ {
		count := 1 + int(random.next()>>8)%3
		for j := 0; j <= count; j++ {
			text.WriteString(syllables[int(random.next()>>8)%8])
		}
		if i%12 == 11 {
			text.WriteString("\n")
		} else {
			text.WriteString(" ")
		}
	}
	return text.String()
}

func main() {
	text := makeText(2000000)
	counts := map[string]int{}
	for _, line := range strings.Split(text, "\n") {
		for _, word := range strings.Split(line, " ") {
			if word != "" {
				counts[word]++
			}
		}
	}
	type entry struct {
		word  string
		count int
	}
	entries := make([]entry, 0, len(counts))
	for word, count := range counts {
		entries = append(entries, entry{word, count})
	}
	sort.Slice(entries, func(i, j int) bool {
		if entries[i].count != entries[j].count {
			return entries[i].count > entries[j].count
		}
		return entries[i].word < entries[j].word
	})
	fmt.Println(len(text), len(counts))
	for _, entry := range entries[:10] {
		fmt.Println(entry.word, entry.count)
	}
}
