//! Builds a table of numbers as text, line by line, and looks at what it has built.
use std::fmt::Write;

fn main() {
    let mut table = String::new();
    for row in 0..400_000u64 {
        let mut line = String::new();
        write!(line, "{}: {}, {:04x}", row, row * row % 1009, row & 0xffff).unwrap();
        table.push_str(&line);
        table.push('\n');
    }
    let text = table.replace(", ", ";");
    let mut longest = 0;
    let mut sum: i64 = 0;
    for line in text.split('\n') {
        longest = longest.max(line.len());
        sum += line.find(';').map_or(-1, |at| at as i64);
    }
    println!("{} {} {}", text.len(), longest, sum);
}
