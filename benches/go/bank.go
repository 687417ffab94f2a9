// A hundred goroutines move money between the accounts of a bank, each under the mutexes of both, the one with the lower number first.
package main

import (
	"fmt"
	"sync"
)

const (
	accounts = 1_000
	tasks    = 100
	each     = 20_000
)

type account struct {
	mutex   sync.Mutex
	balance int
}

func transfer(bank []account, from, to, amount int) {
	first, second := &bank[min(from, to)], &bank[max(from, to)]
	first.mutex.Lock()
	defer first.mutex.Unlock()
	second.mutex.Lock()
	defer second.mutex.Unlock()
	if bank[from].balance < amount {
		return
	}
	bank[from].balance -= amount
	bank[to].balance += amount
}

func main() {
	bank := make([]account, accounts)
	for i := range bank {
		bank[i].balance = 1_000
	}
	var done sync.WaitGroup
	for task := range tasks {
		done.Add(1)
		go func() {
			defer done.Done()
			random := task
			for range each {
				random = (random*1_103_515_245 + 12_345) % 2_147_483_648
				from, to := random/65_536%accounts, random/64%accounts
				if from != to {
					transfer(bank, from, to, random%100)
				}
			}
		}()
	}
	done.Wait()
	sum := 0
	for i := range bank {
		sum += bank[i].balance
	}
	fmt.Println(sum)
}
