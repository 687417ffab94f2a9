//! Four producers and four consumers over one buffered channel of flume, on Tokio.

const VALUES: u64 = 2_500_000;

async fn produce(values: flume::Sender<u64>) {
    for value in 0..VALUES {
        values.send_async(value).await.expect("there are receivers");
    }
}

async fn consume(values: flume::Receiver<u64>) -> u64 {
    let mut sum = 0;
    while let Ok(value) = values.recv_async().await {
        sum += value;
    }
    sum
}

async fn sum() -> u64 {
    let (sender, receiver) = flume::bounded(1024);
    let consumers: Vec<_> = (0..4).map(|_| tokio::spawn(consume(receiver.clone()))).collect();
    let producers: Vec<_> = (0..4).map(|_| tokio::spawn(produce(sender.clone()))).collect();
    drop(sender);
    for producer in producers {
        producer.await.expect("a task does not panic");
    }
    let mut total = 0;
    for consumer in consumers {
        total += consumer.await.expect("a task does not panic");
    }
    total
}

fn main() {
    println!("{}", plat_benches::run(sum()));
}
