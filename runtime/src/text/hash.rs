//! Hashing of bytes for the keys of dictionaries and sets.
//!
//! Eight bytes at a time meet the state and two secrets of the process in a folded multiplication: the halves of the
//! product of 128 bits, combined. Without the secrets nobody can choose texts whose numbers fall together. A known
//! second factor would not do: texts that make the other one zero are easily found.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use crate::sync_shim::OnceLock;

/// The secrets of the process.
struct Secrets {
    seed: u64,
    factors: [u64; 2],
}

/// A random number, the same throughout the process.
pub fn seed() -> u64 {
    secrets().seed
}

/// A number for the bytes that depends on the seed and on the process.
pub fn hash(bytes: &[u8], seed: u64) -> u64 {
    let [first, second] = secrets().factors;
    let mut state = seed ^ second;
    let mut rest = bytes;
    while rest.len() > 16 {
        state = fold(word(rest) ^ state, word(&rest[8..]) ^ first);
        rest = &rest[16..];
    }
    let (low, high) = match rest.len() {
        0 => (0, 0),
        1..=3 => (
            u64::from(rest[0]) << 16 | u64::from(rest[rest.len() / 2]) << 8 | u64::from(rest[rest.len() - 1]),
            0,
        ),
        4..=7 => (half(rest), half(&rest[rest.len() - 4..])),
        length => (word(rest), word(&rest[length - 8..])),
    };
    state = fold(low ^ state, high ^ first);
    fold(state ^ bytes.len() as u64, second)
}

fn secrets() -> &'static Secrets {
    static SECRETS: OnceLock<Secrets> = OnceLock::new();
    SECRETS.get_or_init(|| {
        // The standard library takes its keys from the operating system.
        let random = RandomState::new();
        let [seed, first, second] = [1, 2, 3].map(|number: u64| {
            let mut hasher = random.build_hasher();
            hasher.write_u64(number);
            hasher.finish()
        });
        // Odd factors lose nothing of the other one.
        Secrets { seed, factors: [first | 1, second | 1] }
    })
}

/// The halves of the product, combined.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// The first eight bytes, of which there are as many.
fn word(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |&chunk| u64::from_le_bytes(chunk))
}

/// The first four bytes, of which there are as many.
fn half(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |&chunk| u64::from(u32::from_le_bytes(chunk)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::hash;

    #[test]
    fn texts_that_differ_in_length_or_in_one_byte_have_different_numbers() {
        let mut texts: Vec<Vec<u8>> = (0..100).map(|length| vec![0; length]).collect();
        for length in 1..40 {
            for position in 0..length {
                let mut text = vec![7; length];
                text[position] = 8;
                texts.push(text);
            }
        }
        let numbers: HashSet<u64> = texts.iter().map(|text| hash(text, 5)).collect();
        assert_eq!(numbers.len(), texts.len());
    }

    #[test]
    fn the_seed_matters_and_nothing_else_does() {
        assert_eq!(hash(b"text", 1), hash(b"text", 1));
        assert_ne!(hash(b"text", 1), hash(b"text", 2));
    }
}
