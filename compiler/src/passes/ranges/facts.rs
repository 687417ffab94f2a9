//! What is known about numbers at one point: how far apart two of them may be.
//!
//! A fact is `from - to <= most`. Numbers are named by small ids, [`ZERO`] is the number 0, so that a bound of one number
//! is a fact too. What follows from several facts is found when it is asked for.

use std::cell::RefCell;

/// A number that facts are about.
pub(super) type Term = u32;

/// The number 0.
pub(super) const ZERO: Term = 0;

/// How many facts are kept at one point. Loops need some dozens; what is beyond only costs time.
const MAX_FACTS: usize = 128;

/// How often what is known where a loop begins may become less before it is taken to go on doing so. A counter that stops at a
/// constant needs two rounds to show it.
const PATIENCE: u32 = 3;

/// How many numbers are related to each other where a loop begins: those of a few iterators. Facts grow by the square of them.
const MAX_RELATED: usize = 5;

/// How many facts a conclusion may be drawn from.
const MAX_STEPS: usize = 6;

/// `from - to <= most`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Fact {
    from: Term,
    to: Term,
    most: i128,
    /// How often it became weaker where a loop begins.
    weakened: u32,
}

/// The facts at one point.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct Facts {
    facts: Vec<Fact>,
}

/// The least and greatest value that each number can have at all.
pub(super) struct Limits {
    limits: Vec<(i128, i128)>,
    reached: RefCell<Reached>,
}

impl Limits {
    /// Knows only of zero.
    pub(super) fn new() -> Self {
        Self { limits: vec![(0, 0)], reached: RefCell::default() }
    }

    /// Adds a number.
    pub(super) fn push(&mut self, least: i128, most: i128) -> Term {
        self.limits.push((least, most));
        (self.limits.len() - 1) as Term
    }

    /// The least and greatest value that the number can have.
    pub(super) fn of(&self, term: Term) -> (i128, i128) {
        self.limits[term as usize]
    }
}

impl Facts {
    /// Adds `from - to <= most`.
    pub(super) fn add(&mut self, from: Term, to: Term, most: i128) {
        if from == to {
            return;
        }
        if let Some(fact) = self.facts.iter_mut().find(|fact| (fact.from, fact.to) == (from, to)) {
            fact.most = fact.most.min(most);
        } else if self.facts.len() < MAX_FACTS {
            self.facts.push(Fact { from, to, most, weakened: 0 });
        }
    }

    /// Adds that two numbers differ by exactly that: `one - other == difference`.
    pub(super) fn add_difference(&mut self, one: Term, other: Term, difference: i128) {
        self.add(one, other, difference);
        self.add(other, one, -difference);
    }

    /// Adds that the number is in the range.
    pub(super) fn add_range(&mut self, term: Term, (least, most): (i128, i128)) {
        self.add(term, ZERO, most);
        self.add(ZERO, term, -least);
    }

    /// Forgets a number.
    pub(super) fn forget(&mut self, term: Term) {
        self.facts.retain(|fact| fact.from != term && fact.to != term);
    }

    /// Forgets a number, but keeps what follows from it about others.
    pub(super) fn eliminate(&mut self, term: Term) {
        if !self.facts.iter().any(|fact| fact.from == term || fact.to == term) {
            return;
        }
        let before: Vec<Fact> = self.facts.iter().copied().filter(|fact| fact.to == term).collect();
        let after: Vec<Fact> = self.facts.iter().copied().filter(|fact| fact.from == term).collect();
        self.forget(term);
        for one in &before {
            for other in &after {
                self.add(one.from, other.to, one.most.saturating_add(other.most));
            }
        }
    }

    /// A number has become greater by that much.
    pub(super) fn shift(&mut self, term: Term, by: i128) {
        for fact in &mut self.facts {
            if fact.from == term {
                fact.most += by;
            } else if fact.to == term {
                fact.most -= by;
            }
        }
    }

    /// The least number that `from - to` is known not to exceed.
    pub(super) fn most(&self, limits: &Limits, from: Term, to: Term) -> i128 {
        if from == to {
            return 0;
        }
        let mut reached = limits.reached.borrow_mut();
        reached.begin(limits.limits.len());
        reached.reach(from, 0);
        if from == ZERO {
            // Every number has a least value: `0 - term <= -least`.
            for fact in &self.facts {
                reached.reach(fact.from, -limits.of(fact.from).0);
            }
        }
        for _ in 0..MAX_STEPS {
            let mut changed = false;
            for fact in &self.facts {
                if let Some(so_far) = reached.price(fact.from) {
                    changed |= reached.reach(fact.to, so_far.saturating_add(fact.most));
                }
            }
            if !changed {
                break;
            }
        }
        let direct = reached.price(to).unwrap_or(i128::MAX);
        let to_limit = |&term: &Term| {
            reached.prices[term as usize].saturating_add(limits.of(term).1).saturating_sub(limits.of(to).0)
        };
        reached.terms.iter().map(to_limit).fold(direct, i128::min)
    }

    /// The range that the number is known to be in.
    pub(super) fn range(&self, limits: &Limits, term: Term) -> (i128, i128) {
        (-self.most(limits, ZERO, term), self.most(limits, term, ZERO))
    }

    /// Keeps what is also known there.
    pub(super) fn meet(&mut self, other: &Self, limits: &Limits) {
        let mine = std::mem::take(&mut self.facts);
        let only_there = other.facts.iter().filter(|fact| !mine.iter().any(|own| same_terms(own, fact)));
        let mut met = Self::default();
        for fact in &mine {
            let exact = other.facts.iter().find(|there| same_terms(there, fact));
            let there = match exact {
                Some(there) if there.most <= fact.most => there.most,
                _ => other.most(limits, fact.from, fact.to),
            };
            met.add_useful(limits, fact, fact.most.max(there));
        }
        let here = Self { facts: mine.clone() };
        for fact in only_there {
            met.add_useful(limits, fact, fact.most.max(here.most(limits, fact.from, fact.to)));
        }
        self.facts = met.facts;
    }

    /// Adds a weaker form of the fact, unless the limits say as much.
    fn add_useful(&mut self, limits: &Limits, fact: &Fact, most: i128) {
        let trivial = limits.of(fact.from).1 - limits.of(fact.to).0;
        if most < trivial {
            self.add(fact.from, fact.to, most);
        }
    }

    /// Says of numbers that are known exactly how far they are apart: what is counted together stays so.
    pub(super) fn relate(&mut self, terms: &[Term]) {
        let exact = |term: &Term| {
            let most = |from, to| {
                self.facts.iter().find(|fact| (fact.from, fact.to) == (from, to)).map(|fact| fact.most)
            };
            let value = most(*term, ZERO)?;
            (most(ZERO, *term)? == -value).then_some((*term, value))
        };
        let known: Vec<(Term, i128)> = terms.iter().filter_map(exact).take(MAX_RELATED).collect();
        for (position, &(one, value)) in known.iter().enumerate() {
            for &(other, other_value) in &known[..position] {
                self.add_difference(one, other, value - other_value);
            }
        }
    }

    /// Keeps what was known before and has not become weaker too often: it would go on doing so. A bound that becomes weaker again goes
    /// to the next of the numbers, in order, that the function compares something with: there it may stop.
    pub(super) fn widen(&mut self, before: &Self, compared: &[i128]) {
        self.facts.retain_mut(|fact| {
            let Some(earlier) = before.facts.iter().find(|earlier| same_terms(earlier, fact)) else {
                return false;
            };
            let is_weaker = fact.most > earlier.most;
            fact.most = fact.most.max(earlier.most);
            fact.weakened = earlier.weakened + u32::from(is_weaker);
            if is_weaker && fact.weakened > 1 {
                fact.most = fact.next_bound(compared).unwrap_or(fact.most);
            }
            fact.weakened <= PATIENCE
        });
    }
}

impl Fact {
    /// The nearest weaker bound among the numbers, if it is about one number alone.
    fn next_bound(&self, numbers: &[i128]) -> Option<i128> {
        match (self.from, self.to) {
            (_, ZERO) => numbers.iter().copied().find(|&number| number >= self.most),
            (ZERO, _) => numbers.iter().rev().map(|number| -number).find(|&most| most >= self.most),
            _ => None,
        }
    }
}

fn same_terms(one: &Fact, other: &Fact) -> bool {
    (one.from, one.to) == (other.from, other.to)
}

/// How much greater than a number others can be that facts lead to from there: the space that a question is answered in,
/// kept for the next.
#[derive(Default)]
struct Reached {
    /// The numbers that have been reached.
    terms: Vec<Term>,
    /// Of each number, the least that is known, or [`Reached::NOT`].
    prices: Vec<i128>,
}

impl Reached {
    const NOT: i128 = i128::MAX;

    /// Forgets the last question; there are so many numbers.
    fn begin(&mut self, count: usize) {
        for term in self.terms.drain(..) {
            self.prices[term as usize] = Self::NOT;
        }
        self.prices.resize(count, Self::NOT);
    }

    fn price(&self, term: Term) -> Option<i128> {
        Some(self.prices[term as usize]).filter(|&price| price != Self::NOT)
    }

    /// Notes that a number can be reached at that price, and says whether that is news.
    fn reach(&mut self, term: Term, price: i128) -> bool {
        let known = &mut self.prices[term as usize];
        if *known <= price {
            return false;
        }
        if *known == Self::NOT {
            self.terms.push(term);
        }
        *known = price;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(count: usize) -> Limits {
        let mut limits = Limits::new();
        for _ in 0..count {
            limits.push(i64::MIN.into(), i64::MAX.into());
        }
        limits
    }

    #[test]
    fn draws_conclusions_from_several_facts() {
        let limits = limits(3);
        let mut facts = Facts::default();
        facts.add(1, 2, -1);
        facts.add(2, 3, 0);
        facts.add(3, ZERO, 10);
        assert_eq!(facts.most(&limits, 1, 3), -1);
        assert_eq!(facts.range(&limits, 1), (i64::MIN.into(), 9));
    }

    #[test]
    fn a_number_below_another_is_not_the_greatest() {
        let limits = limits(2);
        let mut facts = Facts::default();
        facts.add(1, 2, -1);
        assert_eq!(facts.most(&limits, 1, ZERO), i128::from(i64::MAX) - 1);
    }

    #[test]
    fn keeps_what_follows_on_both_sides() {
        let limits = limits(3);
        let (mut one, mut other) = (Facts::default(), Facts::default());
        one.add(1, 2, -5);
        other.add(1, 3, -1);
        other.add(3, 2, -1);
        one.meet(&other, &limits);
        assert_eq!(one.most(&limits, 1, 2), -2);
    }

    #[test]
    fn forgets_a_number_but_not_what_it_says_of_others() {
        let limits = limits(3);
        let mut facts = Facts::default();
        facts.add(1, 2, -1);
        facts.add(2, 3, 0);
        facts.eliminate(2);
        assert_eq!(facts.most(&limits, 1, 3), -1);
    }
}
