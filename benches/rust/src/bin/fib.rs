//! Fork-join without a cut-off, by `rayon::join`: every call above the leaves forks once.

fn fib(n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    let (left, right) = rayon::join(|| fib(n - 1), || fib(n - 2));
    left + right
}

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(plat_benches::workers()).build();
    println!("{}", pool.expect("a pool starts").install(|| fib(30)));
}
