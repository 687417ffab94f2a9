//! Sets of locals, for dataflow.

use plat_syntax::index::Id;

use crate::mir::Local;

/// A set of the locals of one function.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LocalSet {
    words: Vec<u64>,
}

const BITS: usize = u64::BITS as usize;

impl LocalSet {
    /// The empty set, for a function with so many locals.
    pub fn new(locals: usize) -> Self {
        Self { words: vec![0; locals.div_ceil(BITS)] }
    }

    /// Adds a local.
    pub fn insert(&mut self, local: Local) {
        let (word, bit) = (local.index() / BITS, local.index() % BITS);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << bit;
    }

    /// Takes a local out.
    pub fn remove(&mut self, local: Local) {
        if let Some(word) = self.words.get_mut(local.index() / BITS) {
            *word &= !(1 << (local.index() % BITS));
        }
    }

    /// Whether the local is in it.
    pub fn contains(&self, local: Local) -> bool {
        self.words.get(local.index() / BITS).is_some_and(|word| word >> (local.index() % BITS) & 1 == 1)
    }

    /// Adds all of `other`, and says whether there was something new.
    pub fn union_with(&mut self, other: &Self) -> bool {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        let mut changed = false;
        for (word, &more) in self.words.iter_mut().zip(&other.words) {
            changed |= more & !*word != 0;
            *word |= more;
        }
        changed
    }

    /// Keeps only what is in `other` too, and says whether something went.
    pub fn intersect_with(&mut self, other: &Self) -> bool {
        let mut changed = false;
        for (at, word) in self.words.iter_mut().enumerate() {
            let kept = *word & other.words.get(at).copied().unwrap_or_default();
            changed |= kept != *word;
            *word = kept;
        }
        changed
    }

    /// Its locals in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Local> + '_ {
        let words = self.words.iter().enumerate();
        words.flat_map(|(at, &word)| Bits(word).map(move |bit| Local::from_index(at * BITS + bit)))
    }
}

/// The positions of the ones in a word, found without looking at the zeros between them.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let lowest = self.0.trailing_zeros() as usize;
        self.0 &= self.0.wrapping_sub(1);
        (lowest < BITS).then_some(lowest)
    }
}

impl DoubleEndedIterator for Bits {
    fn next_back(&mut self) -> Option<usize> {
        let highest = self.0.checked_ilog2()?;
        self.0 ^= 1 << highest;
        Some(highest as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iterates_in_order_from_both_ends() {
        let locals = [0, 1, 63, 64, 130].map(Local);
        let mut set = LocalSet::new(200);
        locals.iter().for_each(|&local| set.insert(local));
        assert_eq!(set.iter().collect::<Vec<_>>(), locals);
        let backwards: Vec<_> = locals.into_iter().rev().collect();
        assert_eq!(set.iter().rev().collect::<Vec<_>>(), backwards);
    }
}
