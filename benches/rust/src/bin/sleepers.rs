//! Tasks on Tokio sleep for different times, from so many microseconds on; prints how late they woke, in microseconds: the median and the 99th
//! percentile.

use std::env;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

async fn sleep_all(sleepers: u64, least: u64) -> Vec<u128> {
    let (late, mut delays) = mpsc::unbounded_channel();
    for n in 0..sleepers {
        let late = late.clone();
        tokio::spawn(async move {
            let delay = Duration::from_micros(least + n * 7919 % 1_000_000);
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
    let mut numbers = env::args().skip(1).map(|arg| arg.parse().expect("arguments are numbers"));
    let mut next = || numbers.next().expect("there are two arguments");
    let delays = plat_benches::run(sleep_all(next(), next()));
    println!("{} {}", delays[delays.len() / 2], delays[delays.len() / 100 * 99]);
}
