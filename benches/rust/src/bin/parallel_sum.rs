//! Adds up the squares of a list in chunks that run in parallel, by rayon, four hundred times.

use rayon::prelude::*;

const LENGTH: usize = 512_000;
const CHUNK: usize = 8_000;
const ROUNDS: u64 = 400;

fn sum(numbers: &[u64]) -> u64 {
    numbers.iter().map(|number| number * number).sum()
}

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(plat_benches::workers()).build();
    let numbers: Vec<u64> = (0..LENGTH as u64).map(|n| n % 1000).collect();
    let add_up = || {
        let mut total = 0;
        for round in 0..ROUNDS {
            total += round * numbers.par_chunks(CHUNK).map(sum).sum::<u64>();
        }
        total
    };
    println!("{}", pool.expect("a pool starts").install(add_up));
}
