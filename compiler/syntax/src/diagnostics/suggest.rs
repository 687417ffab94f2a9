//! "Did you mean": the known name nearest to one that is not known.

use super::synonyms;
use crate::index::Symbol;

/// The candidate that other languages call `name`, or else the nearest to it, if one is near enough to be a slip of the fingers.
/// Ties go to the name that is first in the alphabet, so that messages do not depend on the order of candidates.
pub fn nearest(name: Symbol, candidates: impl Iterator<Item = Symbol>) -> Option<Symbol> {
    let candidates: Vec<Symbol> = candidates.collect();
    let mut synonyms = synonyms::of(name.as_str()).iter().map(|synonym| Symbol::intern(synonym));
    synonyms.find(|synonym| candidates.contains(synonym)).or_else(|| nearest_spelling(name, &candidates))
}

fn nearest_spelling(name: Symbol, candidates: &[Symbol]) -> Option<Symbol> {
    let wanted: Vec<char> = name.as_str().chars().collect();
    // One slip in a short name, one per three letters in a long one: more would suggest names of other things.
    let limit = (wanted.len() / 3).max(1);
    let candidates = candidates.iter().copied();
    candidates
        .filter(|&candidate| candidate != name)
        .filter_map(|candidate| {
            let distance = edit_distance(&wanted, candidate.as_str(), limit)?;
            // A name of one or two letters is one edit away from every other.
            (distance < wanted.len().max(2)).then_some((distance, candidate))
        })
        .min()
        .filter(|_| wanted.len() > 1)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour, if at most `limit`.
/// Upper and lower case are the same letter.
fn edit_distance(wanted: &[char], candidate: &str, limit: usize) -> Option<usize> {
    let wanted: Vec<char> = wanted.iter().map(char::to_ascii_lowercase).collect();
    let other: Vec<char> = candidate.chars().map(|letter| letter.to_ascii_lowercase()).collect();
    if wanted.len().abs_diff(other.len()) > limit {
        return None;
    }
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, &letter) in wanted.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, &against) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != against);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let is_swap = row > 0 && column > 0 && letter == other[column - 1] && wanted[row - 1] == against;
            if is_swap {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().filter(|&distance| distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggest(name: &str, candidates: &[&str]) -> Option<&'static str> {
        nearest(Symbol::intern(name), candidates.iter().map(|name| Symbol::intern(name))).map(Symbol::as_str)
    }

    #[test]
    fn knows_what_other_languages_say() {
        assert_eq!(suggest("len", &["last", "length", "let"]), Some("length"));
        assert_eq!(suggest("append", &["extend", "push"]), Some("push"));
        assert_eq!(suggest("Vec", &["Set", "List"]), Some("List"));
        assert_eq!(suggest("iter", &["inner"]), None);
    }

    #[test]
    fn finds_slips_of_the_fingers() {
        assert_eq!(suggest("lenght", &["length", "last"]), Some("length"));
        assert_eq!(suggest("Strng", &["String", "Sharable"]), Some("String"));
        assert_eq!(suggest("totl", &["total", "toast"]), Some("total"));
        assert_eq!(suggest("list", &["List"]), Some("List"));
    }

    #[test]
    fn leaves_other_names_alone() {
        assert_eq!(suggest("width", &["height", "depth"]), None);
        assert_eq!(suggest("x", &["y", "z"]), None);
    }

    #[test]
    fn prefers_the_first_in_the_alphabet() {
        assert_eq!(suggest("cot", &["cut", "cat"]), Some("cat"));
    }
}
