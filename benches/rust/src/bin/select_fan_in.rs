//! Eight tasks on Tokio send on a channel each; one receives from whichever is ready.

use tokio::sync::mpsc;

const EACH: u64 = 125_000;

async fn receive() -> u64 {
    let mut receivers = Vec::new();
    for _ in 0..8 {
        let (sender, receiver) = mpsc::channel(16);
        receivers.push(receiver);
        tokio::spawn(async move {
            for n in 0..EACH {
                sender.send(n).await.expect("the receiver waits");
            }
        });
    }
    let receivers: [mpsc::Receiver<u64>; 8] = receivers.try_into().expect("there are eight");
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = receivers;
    let mut sum = 0;
    for _ in 0..8 * EACH {
        tokio::select! {
            Some(n) = a.recv() => sum += n,
            Some(n) = b.recv() => sum += n,
            Some(n) = c.recv() => sum += n,
            Some(n) = d.recv() => sum += n,
            Some(n) = e.recv() => sum += n,
            Some(n) = f.recv() => sum += n,
            Some(n) = g.recv() => sum += n,
            Some(n) = h.recv() => sum += n,
        }
    }
    sum
}

fn main() {
    println!("{}", plat_benches::run(receive()));
}
