//! Which of a function's values may reach each other, at one point of it.
//!
//! Elements are numbers. Each belongs to one region, named by the least element in it, so that equal partitions look alike. An
//! element may have been given away, for a reason that the partition only carries about.

/// Added to a reason, that was one before: of what may be taken back, what has been given away in an earlier round of a loop may not.
const EARLIER: u32 = 1 << 31;

/// The regions at a point, and which elements have been given away by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Partition {
    regions: Vec<u32>,
    given: Vec<Option<u32>>,
}

impl Partition {
    /// Each element in a region of its own.
    pub(super) fn new(elements: u32) -> Self {
        Self { regions: (0..elements).collect(), given: vec![None; elements as usize] }
    }

    /// Whether the two may reach each other.
    #[cfg(test)]
    pub(super) fn is_joined(&self, a: u32, b: u32) -> bool {
        self.regions[a as usize] == self.regions[b as usize]
    }

    /// Why the element has been given away, if it has.
    pub(super) fn given(&self, element: u32) -> Option<u32> {
        self.given[element as usize].map(|reason| reason & !EARLIER)
    }

    /// Whether anything has been given away.
    pub(super) fn has_given(&self) -> bool {
        self.given.iter().any(Option::is_some)
    }

    /// The name of the element's region, good until something changes.
    pub(super) fn region(&self, element: u32) -> u32 {
        self.regions[element as usize]
    }

    /// Everything that the element may reach or be reached from, with it.
    pub(super) fn members(&self, element: u32) -> impl Iterator<Item = u32> + '_ {
        let region = self.region(element);
        (0..).zip(&self.regions).filter(move |&(_, &other)| other == region).map(|(member, _)| member)
    }

    /// The two may reach each other from here on. Whether they could not before.
    pub(super) fn join(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.region(a), self.region(b));
        let (from, to) = (a.max(b), a.min(b));
        if from != to {
            self.regions.iter_mut().filter(|region| **region == from).for_each(|region| *region = to);
        }
        from != to
    }

    /// The element has a new value, which nothing else reaches.
    pub(super) fn detach(&mut self, element: u32) {
        self.given[element as usize] = None;
        if self.region(element) == element {
            let next = self.members(element).find(|&other| other != element);
            if let Some(next) = next {
                let members = self.regions.iter_mut().filter(|region| **region == element);
                members.for_each(|region| *region = next);
            }
        }
        self.regions[element as usize] = element;
        self.settle(element);
    }

    /// Gives away the region of the element. What had been given away before keeps its reason.
    pub(super) fn give(&mut self, element: u32, reason: u32) {
        let region = self.region(element);
        for (given, _) in self.given.iter_mut().zip(&self.regions).filter(|&(_, &other)| other == region) {
            given.get_or_insert(reason);
        }
    }

    /// Takes the element for not given away.
    pub(super) fn forgive(&mut self, element: u32) {
        let region = self.region(element);
        for (given, _) in self.given.iter_mut().zip(&self.regions).filter(|&(_, &other)| other == region) {
            *given = None;
        }
    }

    /// What has been given away for this reason, and not in an earlier round.
    pub(super) fn given_by(&self, reason: u32) -> Vec<u32> {
        let given = (0..).zip(&self.given).filter(|&(_, &given)| given == Some(reason));
        given.map(|(element, _)| element).collect()
    }

    /// The element, and nothing else of its region, has not been given away after all.
    pub(super) fn take_back(&mut self, element: u32) {
        self.given[element as usize] = None;
    }

    /// What has been given away for this reason was so in an earlier round of a loop.
    pub(super) fn age(&mut self, reason: u32) {
        let given = self.given.iter_mut().filter(|given| **given == Some(reason));
        given.for_each(|given| *given = Some(reason | EARLIER));
    }

    /// What may be the case where two ways meet. Whether that is more than was known of this one.
    pub(super) fn meet(&mut self, other: &Self) -> bool {
        let mut changed = false;
        for (element, &region) in (0..).zip(&other.regions) {
            changed |= self.join(element, region);
        }
        for (given, &other) in self.given.iter_mut().zip(&other.given) {
            let is_earlier = |given: Option<u32>| given.is_some_and(|reason| reason & EARLIER != 0);
            if given.is_none() && other.is_some() || is_earlier(other) && !is_earlier(*given) {
                *given = other;
                changed = true;
            }
        }
        changed
    }

    /// After `element` has been named for itself: nothing else bears its name.
    fn settle(&self, element: u32) {
        debug_assert!(self.members(element).eq([element]), "a region is named by a member");
    }
}

#[cfg(test)]
mod tests {
    use super::Partition;

    #[test]
    fn what_is_joined_stays_together_when_its_least_member_leaves() {
        let mut partition = Partition::new(4);
        assert!(partition.join(2, 0));
        assert!(partition.join(3, 2));
        assert!(!partition.join(0, 3));
        partition.detach(0);
        assert!(partition.is_joined(2, 3));
        assert!(!partition.is_joined(0, 2));
        assert_eq!(partition.members(3).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn a_region_is_given_away_whole_and_a_new_value_is_not() {
        let mut partition = Partition::new(3);
        partition.join(0, 1);
        partition.give(1, 7);
        assert_eq!([0, 1, 2].map(|element| partition.given(element)), [Some(7), Some(7), None]);
        partition.detach(0);
        assert_eq!([0, 1].map(|element| partition.given(element)), [None, Some(7)]);
    }

    #[test]
    fn what_was_given_in_an_earlier_round_is_told_apart_where_ways_meet() {
        let mut before = Partition::new(2);
        before.give(0, 3);
        let mut after = before.clone();
        after.age(3);
        after.give(1, 3);
        assert_eq!(after.given(0), Some(3));
        assert_eq!(after.given_by(3), [1]);
        assert!(before.meet(&after));
        assert_eq!(before.given_by(3), [1]);
        assert!(!after.meet(&before));
    }

    #[test]
    fn where_ways_meet_all_that_held_on_one_of_them_holds() {
        let (mut left, mut right) = (Partition::new(4), Partition::new(4));
        left.join(0, 1);
        left.give(0, 5);
        right.join(1, 2);
        assert!(left.meet(&right));
        assert!(left.is_joined(0, 2));
        assert_eq!([0, 1, 2, 3].map(|element| left.given(element)), [Some(5), Some(5), None, None]);
        assert!(!left.clone().meet(&right), "nothing new the second time");
    }
}
