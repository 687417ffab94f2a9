//! The smallest program: how fast it builds.

fn main() {
    println!("Hello, world!");
}
