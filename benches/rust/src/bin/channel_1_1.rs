//! One producer and one consumer over one buffered channel of flume, on Tokio.

fn main() {
    println!("{}", plat_benches::run(plat_benches::channel::sum(1, 10_000_000)));
}
