//! Producers and consumers over one buffered channel of flume.

async fn produce(values: flume::Sender<u64>, count: u64) {
    for value in 0..count {
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

/// The sum of what `pairs` producers send to as many consumers, `count` values each.
pub async fn sum(pairs: usize, count: u64) -> u64 {
    let (sender, receiver) = flume::bounded(1024);
    let consumers: Vec<_> = (0..pairs).map(|_| tokio::spawn(consume(receiver.clone()))).collect();
    let producers: Vec<_> = (0..pairs).map(|_| tokio::spawn(produce(sender.clone(), count))).collect();
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
