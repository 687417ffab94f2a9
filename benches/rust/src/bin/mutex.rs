//! A thousand tasks on Tokio take turns at a mutex of the standard library, which Tokio's own documentation advises for bodies that do not
//! wait.

use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;

const TASKS: u64 = 1_000;
const EACH: u64 = 10_000;

async fn count() -> u64 {
    let total = Arc::new(Mutex::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let total = Arc::clone(&total);
        tasks.spawn(async move {
            for _ in 0..EACH {
                *total.lock().expect("no task panics") += 1;
            }
        });
    }
    tasks.join_all().await;
    *total.lock().expect("no task panics")
}

fn main() {
    println!("{}", plat_benches::run(count()));
}
