//! A million tasks on Tokio that each wait for a value of a channel of their own; prints how long it took until all did, in
//! microseconds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

const TASKS: usize = 1_000_000;

static WAITING: AtomicUsize = AtomicUsize::new(0);
static ALL_WAIT: std::sync::Mutex<Option<oneshot::Sender<Instant>>> = std::sync::Mutex::new(None);

async fn wait(mut channel: mpsc::Receiver<u64>) -> u64 {
    if WAITING.fetch_add(1, Ordering::SeqCst) == TASKS - 1 {
        let sender = ALL_WAIT.lock().expect("no holder panics").take();
        sender.expect("there is one last task").send(Instant::now()).expect("the receiver waits");
    }
    channel.recv().await.expect("a value is sent")
}

async fn create() -> u64 {
    let start = Instant::now();
    let (sender, all_wait) = oneshot::channel();
    *ALL_WAIT.lock().expect("no holder panics") = Some(sender);
    let (mut channels, mut tasks) = (Vec::new(), Vec::new());
    for _ in 0..TASKS {
        let (sender, receiver) = mpsc::channel(1);
        channels.push(sender);
        tasks.push(tokio::spawn(wait(receiver)));
    }
    let end = all_wait.await.expect("the last task sends");
    println!("{}", (end - start).as_micros());
    for channel in channels {
        channel.send(1).await.expect("the receiver waits");
    }
    let mut sum = 0;
    for task in tasks {
        sum += task.await.expect("a task does not panic");
    }
    sum
}

fn main() {
    println!("{}", plat_benches::run(create()));
}
