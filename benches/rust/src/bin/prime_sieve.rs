//! The first 2,500 primes from a chain of tasks on Tokio, one for each prime, that filter out its multiples.

use tokio::sync::mpsc::{self, Receiver, Sender};

const COUNT: usize = 2_500;

async fn generate(numbers: Sender<u64>) {
    let mut number = 2;
    while numbers.send(number).await.is_ok() {
        number += 1;
    }
}

async fn filter(mut input: Receiver<u64>, output: Sender<u64>, prime: u64) {
    while let Some(number) = input.recv().await {
        if number % prime != 0 && output.send(number).await.is_err() {
            return;
        }
    }
}

async fn last_prime(count: usize) -> u64 {
    let (sender, mut numbers) = mpsc::channel(1);
    tokio::spawn(generate(sender));
    let mut prime = 0;
    for _ in 0..count {
        prime = numbers.recv().await.expect("numbers never end");
        let (sender, filtered) = mpsc::channel(1);
        tokio::spawn(filter(numbers, sender, prime));
        numbers = filtered;
    }
    prime
}

fn main() {
    println!("{}", plat_benches::run(last_prime(COUNT)));
}
