//! `echo_load ADDRESS CONNECTIONS SECONDS`: over each connection it sends 64 bytes and waits until they have come back, again and again.
//! Prints how many did, how many seconds that took, and the median and the 99th percentile of the times in microseconds. A line `connected`
//! comes when all connections are there.

use std::env;
use std::io::Result;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;

/// Connections that are made at once: a listener has to accept them, too.
const AT_ONCE: usize = 100;

const MESSAGE: [u8; 64] = [7; 64];

async fn talk(mut stream: TcpStream, end: Instant) -> Result<Vec<u32>> {
    let mut times = Vec::new();
    let mut answer = [0; 64];
    loop {
        let begin = Instant::now();
        if begin >= end {
            return Ok(times);
        }
        stream.write_all(&MESSAGE).await?;
        stream.read_exact(&mut answer).await?;
        assert_eq!(answer, MESSAGE);
        times.push(begin.elapsed().as_micros() as u32);
    }
}

async fn connect(address: String) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn run(address: &str, connections: usize, duration: Duration) -> Result<()> {
    let mut streams = Vec::with_capacity(connections);
    while streams.len() < connections {
        let count = AT_ONCE.min(connections - streams.len());
        let tasks: Vec<_> = (0..count).map(|_| tokio::spawn(connect(address.into()))).collect();
        for task in tasks {
            streams.push(task.await.expect("connecting does not panic")?);
        }
    }
    println!("connected");
    // Who measures the server looks at it now.
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let begin = Instant::now();
    let tasks: Vec<_> =
        streams.into_iter().map(|stream| tokio::spawn(talk(stream, begin + duration))).collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("talking does not panic")?);
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
    runtime.block_on(run(&args[1], number(2), Duration::from_secs(number(3) as u64)))
}
