//! Parses a JSON document of 20 MB to a tree, five times.
use std::fmt::Write;

use serde_json::Value;

fn document(count: u64) -> String {
    let mut text = String::from("[");
    for i in 0..count {
        if i > 0 {
            text.push_str(", ");
        }
        let (name, price, tag) = (i % 97, i % 1000, i % 7);
        write!(text, r#"{{"id": {i}, "name": "item \"{name}\"", "price": {price}.25, "tags": ["a{tag}", "b"], "#)
            .unwrap();
        write!(text, r#""stock": {{"here": {}, "there": null, "open": {}}}}}"#, i % 13, i % 2 == 0).unwrap();
    }
    text.push(']');
    text
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

fn main() {
    let text = document(165_000);
    let mut total = 0;
    for _ in 0..5 {
        total += count(&serde_json::from_str(&text).unwrap());
    }
    println!("{} {total}", text.len());
}
