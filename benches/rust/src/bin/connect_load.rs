//! `connect_load ADDRESS AT_ONCE SECONDS`: so many at once connect, send 64 bytes, wait until they have come back, and close, again and again.
//! Prints how many did, how many seconds that took, and the median and the 99th percentile of the times in microseconds.

use std::env;
use std::io::Result;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;

/// Connections in all: the system keeps the port of one that is closed for a minute, and has some 28,000.
const MOST: usize = 20_000;

const MESSAGE: [u8; 64] = [7; 64];

async fn visit(address: &str) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    stream.write_all(&MESSAGE).await?;
    let mut answer = [0; 64];
    stream.read_exact(&mut answer).await?;
    assert_eq!(answer, MESSAGE);
    Ok(())
}

async fn visit_again_and_again(address: String, most: usize, end: Instant) -> Result<Vec<u32>> {
    let mut times = Vec::new();
    while times.len() < most {
        let begin = Instant::now();
        if begin >= end {
            break;
        }
        visit(&address).await?;
        times.push(begin.elapsed().as_micros() as u32);
    }
    Ok(times)
}

async fn run(address: String, at_once: usize, duration: Duration) -> Result<()> {
    let begin = Instant::now();
    let visitors = (0..at_once)
        .map(|_| visit_again_and_again(address.clone(), MOST / at_once, begin + duration))
        .map(tokio::spawn);
    let mut times = Vec::new();
    for visitor in visitors.collect::<Vec<_>>() {
        times.extend(visitor.await.expect("visiting does not panic")?);
    }
    let passed = begin.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |part: f64| times.get((times.len() as f64 * part) as usize).copied().unwrap_or_default();
    println!("{} {passed} {} {}", times.len(), at(0.5), at(0.99));
    Ok(())
}

fn main() -> Result<()> {
    let args: Vec<String> = env::args().collect();
    let number = |index: usize| args[index].parse().expect("a number");
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(args[1].clone(), number(2), Duration::from_secs(number(3) as u64)))
}
