//! The sieve of Eratosthenes up to 5,000,000, twenty times.

const LIMIT: usize = 5_000_000;

fn count_primes() -> usize {
    let mut is_composite = vec![false; LIMIT + 1];
    let mut count = 0;
    for number in 2..=LIMIT {
        if !is_composite[number] {
            count += 1;
            let mut multiple = number * number;
            while multiple <= LIMIT {
                is_composite[multiple] = true;
                multiple += number;
            }
        }
    }
    count
}

fn main() {
    let sum: usize = (0..20).map(|_| count_primes()).sum();
    println!("{sum}");
}
