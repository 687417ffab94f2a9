//! A million tasks that do nothing, on Tokio.

async fn spawn_all() {
    let tasks: Vec<_> = (0..1_000_000).map(|_| tokio::spawn(async {})).collect();
    for task in tasks {
        task.await.expect("a task does not panic");
    }
}

fn main() {
    plat_benches::run(spawn_all());
    println!("done");
}
