//! Counts the words of a generated text and prints the commonest.
use std::collections::HashMap;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = (self.0 * 1103515245 + 12345) % 2147483648;
        self.0
    }
}

fn make_text(words: usize) -> String {
    let syllables = ["ka", "lo", "mi", "ne", "pu", "ra", "si", "to"];
    let mut random = Random(42);
    let mut text = String::new();
    for i in 0..words {
        let count = 1 + (random.next() >> 8) % 3;
        for _ in 0..=count {
            text.push_str(syllables[(random.next() >> 8) as usize % 8]);
        }
        text.push_str(if i % 12 == 11 { "\n" } else { " " });
    }
    text
}

fn main() {
    let text = make_text(2_000_000);
    let mut counts: HashMap<String, i64> = HashMap::new();
    for line in text.split('\n') {
        for word in line.split(' ') {
            if !word.is_empty() {
                *counts.entry(word.to_string()).or_insert(0) += 1;
            }
        }
    }
    let distinct = counts.len();
    let mut entries: Vec<(String, i64)> = counts.into_iter().collect();
    entries.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    println!("{} {}", text.len(), distinct);
    for (word, count) in &entries[..10] {
        println!("{word} {count}");
    }
}
