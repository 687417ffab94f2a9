//! Answers every request by a greeting.

use std::io::Result;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

fn main() -> Result<()> {
    plat_benches::run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on {}", listener.local_addr()?);
        axum::serve(listener, Router::new().route("/", get(async || "hello"))).await
    })
}
