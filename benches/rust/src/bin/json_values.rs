//! Reads a JSON document of 20 MB as values of known types, and writes them again, three times.
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Item {
    id: u64,
    name: String,
    price: f64,
    tags: Vec<String>,
    stock: Stock,
}

#[derive(Serialize, Deserialize)]
struct Stock {
    here: u64,
    there: Option<u64>,
    open: bool,
}

fn item(i: u64) -> Item {
    Item {
        id: i,
        name: format!("item \"{}\"", i % 97),
        price: (i % 1000) as f64 + 0.25,
        tags: vec![format!("a{}", i % 7), "b".into()],
        stock: Stock { here: i % 13, there: None, open: i % 2 == 0 },
    }
}

fn main() -> serde_json::Result<()> {
    let items: Vec<_> = (0..180_000).map(item).collect();
    let mut text = serde_json::to_string(&items)?;
    for _ in 0..3 {
        let read: Vec<Item> = serde_json::from_str(&text)?;
        text = serde_json::to_string(&read)?;
    }
    println!("{}", text.len());
    Ok(())
}
