//! Four producers and four consumers over one buffered channel of flume, on Tokio.

fn main() {
    println!("{}", plat_benches::run(plat_benches::channel::sum(4, 2_500_000)));
}
