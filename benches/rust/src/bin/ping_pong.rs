//! Two tasks on Tokio hand a number back and forth over its channels, which have room for one value at least.

use tokio::sync::mpsc;

const ROUNDS: u64 = 2_000_000;

async fn play() -> u64 {
    let (ping, mut pings) = mpsc::channel(1);
    let (pong, mut pongs) = mpsc::channel(1);
    let other = tokio::spawn(async move {
        while let Some(value) = pings.recv().await {
            pong.send(value + 1).await.expect("the receiver waits");
        }
    });
    let mut value = 0;
    for _ in 0..ROUNDS {
        ping.send(value).await.expect("the receiver waits");
        value = pongs.recv().await.expect("the sender answers");
    }
    drop(ping);
    other.await.expect("a task does not panic");
    value
}

fn main() {
    println!("{}", plat_benches::run(play()));
}
