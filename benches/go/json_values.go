// Reads a JSON document of 20 MB as values of known types, and writes them again, three times.
package main

import (
	"encoding/json"
	"fmt"
)

type stock struct {
	Here  int  `json:"here"`
	There *int `json:"there"`
	Open  bool `json:"open"`
}

type item struct {
	ID    int      `json:"id"`
	Name  string   `json:"name"`
	Price float64  `json:"price"`
	Tags  []string `json:"tags"`
	Stock stock    `json:"stock"`
}

func newItem(i int) item {
	return item{
		ID:    i,
		Name:  fmt.Sprintf("item \"%d\"", i%97),
		Price: float64(i%1000) + 0.25,
		Tags:  []string{fmt.Sprintf("a%d", i%7), "b"},
		Stock: stock{Here: i % 13, Open: i%2 == 0},
	}
}

func main() {
	var items []item
	for i := 0; i < 180000; i++ {
		items = append(items, newItem(i))
	}
	text, err := json.Marshal(items)
	for i := 0; i < 3 && err == nil; i++ {
		var read []item
		if err = json.Unmarshal(text, &read); err == nil {
			text, err = json.Marshal(read)
		}
	}
	if err != nil {
		panic(err)
	}
	fmt.Println(len(text))
}
