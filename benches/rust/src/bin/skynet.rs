//! A million tasks on Tokio, ten below each: the leaves give their numbers, all others the sum of those below.

use std::pin::Pin;

type Sum = Pin<Box<dyn Future<Output = u64> + Send>>;

fn skynet(first: u64, size: u64) -> Sum {
    Box::pin(async move {
        if size == 1 {
            return first;
        }
        let part = size / 10;
        let tasks: Vec<_> = (0..10).map(|number| tokio::spawn(skynet(first + number * part, part))).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.expect("a task does not panic");
        }
        sum
    })
}

fn main() {
    println!("{}", plat_benches::run(skynet(0, 1_000_000)));
}
