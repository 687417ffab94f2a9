//! Four tasks of some microseconds each, by rayon, again and again, with work of one between: little to share among threads.

use rayon::prelude::*;

const ROUNDS: usize = 5_000;
const MODULUS: u64 = 1_000_000_007;

fn work(seed: u64, steps: usize) -> u64 {
    let mut state = seed;
    for _ in 0..steps {
        state = (state * 1_103_515_245 + 12_345) % MODULUS;
    }
    state
}

fn play() -> u64 {
    let mut state = 1;
    for _ in 0..ROUNDS {
        state = work(state, 5_000);
        let sum: u64 =
            [0, 1, 2, 3].par_iter().with_max_len(1).map(|number| work(state + number, 1_000)).sum();
        state = (state + sum) % MODULUS;
    }
    state
}

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(plat_benches::workers()).build();
    println!("{}", pool.expect("a pool starts").install(play));
}
