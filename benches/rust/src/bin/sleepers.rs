//! A hundred thousand tasks on Tokio sleep for different times; prints how late they woke, in microseconds: the median and the 99th
//! percentile.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

const SLEEPERS: u64 = 100_000;

async fn sleep_all() -> Vec<u128> {
    let (late, mut delays) = mpsc::unbounded_channel();
    for n in 0..SLEEPERS {
        let late = late.clone();
        tokio::spawn(async move {
            let delay = Duration::from_micros(500_000 + n * 7919 % 1_000_000);
            let start = Instant::now();
            tokio::time::sleep(delay).await;
            late.send((start.elapsed() - delay).as_micros()).expect("the receiver waits");
        });
    }
    drop(late);
    let mut all = Vec::new();
    while let Some(delay) = delays.recv().await {
        all.push(delay);
    }
    all.sort_unstable();
    all
}

fn main() {
    let delays = plat_benches::run(sleep_all());
    println!("{} {}", delays[delays.len() / 2], delays[delays.len() / 100 * 99]);
}
