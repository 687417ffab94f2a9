//! A thousand tasks on Tokio count with one atomic.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::JoinSet;

const TASKS: u64 = 1_000;
const EACH: u64 = 10_000;

async fn count() -> u64 {
    let total = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let total = Arc::clone(&total);
        tasks.spawn(async move {
            for _ in 0..EACH {
                total.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    tasks.join_all().await;
    total.load(Ordering::SeqCst)
}

fn main() {
    println!("{}", plat_benches::run(count()));
}
