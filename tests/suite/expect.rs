//! Expected outputs in files beside their tests.

use std::path::Path;

use crate::Outcome;

/// Whether expected outputs are rewritten instead of compared.
pub fn blessing() -> bool {
    std::env::var_os("PLAT_BLESS").is_some_and(|value| value != "0")
}

/// Compares what a test wrote with the file that holds what it should write; no file means nothing.
pub fn compare(path: &Path, actual: &str) -> Outcome {
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    if !blessing() {
        return Err(format!("differs from {}:\n{}", path.display(), difference(&expected, actual)));
    }
    let blessed = if actual.is_empty() { std::fs::remove_file(path) } else { std::fs::write(path, actual) };
    blessed.map_err(|error| format!("cannot bless {}: {error}", path.display()))
}

/// The lines that differ, `-` expected and `+` actual, with two lines around them.
pub fn difference(expected: &str, actual: &str) -> String {
    const AROUND: usize = 2;
    let (expected, actual): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| {
        pairs.take_while(|(left, right)| left == right).count()
    };
    let head = same(&mut expected.iter().zip(&actual));
    let tail = same(&mut expected[head..].iter().rev().zip(actual[head..].iter().rev()));
    let mut text = String::new();
    let mut show = |mark: &str, lines: &[&str]| {
        for line in lines {
            text += &format!("{mark}{line}\n");
        }
    };
    show("  ", &expected[head.saturating_sub(AROUND)..head]);
    show("- ", &expected[head..expected.len() - tail]);
    show("+ ", &actual[head..actual.len() - tail]);
    show("  ", &expected[expected.len() - tail..(expected.len() - tail + AROUND).min(expected.len())]);
    if text.is_empty() { "(they differ in line ends only)\n".into() } else { text }
}
