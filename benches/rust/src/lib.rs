//! What the programs on Tokio share.

pub mod channel;

use std::env;

use tokio::runtime::Builder;

/// How many threads the programs run on: `BENCH_WORKERS`.
pub fn workers() -> usize {
    env::var("BENCH_WORKERS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Runs a future on Tokio as its users would for speed: on the runtime of one thread where there is one, else as a task among the
/// others, because the thread that waits for the runtime is none of its workers.
pub fn run<F>(main: F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    if workers() == 1 {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        return runtime.block_on(main);
    }
    let runtime = Builder::new_multi_thread().worker_threads(workers()).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let main = runtime.spawn(main);
    runtime.block_on(main).expect("the program does not panic")
}
