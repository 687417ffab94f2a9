//! What a tree may end with: a sequential reading of the language's rules.
//!
//! Where a tree leaves no choice to the scheduler exactly one end is allowed. Where tasks compete the model keeps every end that some order
//! of them has: it may allow too much, never too little.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{self, Body, Gather, Op, PanicId, Part, Tidy};

/// What `with_timeout` stands for when its time is up, and a task that was cancelled.
const TIMED_OUT: i64 = 7;
const CANCELLED: i64 = 3;

/// What a panic stands for that was caught.
const CAUGHT: i64 = 100;

/// Different values of one body that are told apart. There are hardly ever more than a few.
const MOST_VALUES: usize = 200;

/// All ends that a body may come to.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Ends {
    values: Values,
    /// Panics, and which others stand beside each for certain.
    panics: BTreeMap<PanicId, BTreeSet<PanicId>>,
    /// It may wait for ever.
    blocks: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Values {
    These(BTreeSet<i64>),
    Any,
}

/// How a tree has ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    Value(i64),
    /// With the panics beside the first.
    Panic(PanicId, Vec<PanicId>),
}

/// Whether something around a body may cancel it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Undisturbed,
    /// A panic on the way out is an end like others where it is caught.
    MayBeCancelled,
}

/// All ends of a tree.
pub fn ends(body: &[Op]) -> Ends {
    ends_of(body, Fate::Undisturbed)
}

fn ends_of(body: &[Op], fate: Fate) -> Ends {
    sequence(body, Values::one(0), fate)
}

impl Ends {
    /// Why this is not one of the ends of the tree that these are of.
    pub fn forbid(&self, end: &End, body: &[Op]) -> Option<String> {
        match end {
            End::Value(value) if self.values.has(*value) => None,
            End::Value(value) => Some(format!("cannot give {value}")),
            End::Panic(first, beside) => self.forbid_panic(*first, beside, body),
        }
    }

    fn forbid_panic(&self, first: PanicId, beside: &[PanicId], body: &[Op]) -> Option<String> {
        let Some(certain) = self.panics.get(&first) else {
            return Some(format!("cannot panic with {first}"));
        };
        let seen: BTreeSet<PanicId> = beside.iter().copied().collect();
        if seen.len() < beside.len() || seen.contains(&first) {
            return Some(format!("has a panic twice: {first}, {beside:?}"));
        }
        if let Some(missing) = certain.difference(&seen).next() {
            return Some(format!("has lost panic {missing} beside {first}"));
        }
        let possible = tree::strays(body);
        seen.difference(&possible).next().map(|other| format!("cannot have panic {other} beside {first}"))
    }

    /// Whether only one end is allowed.
    pub fn is_certain(&self) -> bool {
        self.panics.len() + self.values.count() == 1
    }

    /// Whether it may wait for ever, which no tree may that is run.
    pub fn may_block(&self) -> bool {
        self.blocks
    }

    fn value(value: i64) -> Self {
        Self { values: Values::one(value), ..Self::default() }
    }

    /// Whether it ends by a panic whatever happens, if nobody cancels it.
    fn must_panic(&self) -> bool {
        self.values.count() == 0 && !self.blocks
    }

    /// These or those.
    fn or(&mut self, other: Self) {
        self.values.extend(other.values);
        for (first, certain) in other.panics {
            self.may_panic(first, certain);
        }
        self.blocks |= other.blocks;
    }

    fn may_panic(&mut self, first: PanicId, certain: BTreeSet<PanicId>) {
        self.panics
            .entry(first)
            .and_modify(|known| known.retain(|id| certain.contains(id)))
            .or_insert(certain);
    }

    /// It may be cancelled, and come to an end on the way out.
    fn may_stray(&mut self, body: &[Op]) {
        for id in tree::strays(body) {
            self.may_panic(id, BTreeSet::new());
        }
    }

    /// What it stands for where panics are caught.
    fn caught(mut self) -> Self {
        let caught: Vec<i64> = self.panics.keys().map(|id| CAUGHT + id).collect();
        self.panics.clear();
        for value in caught {
            self.values.extend(Values::one(value));
        }
        self
    }
}

impl Default for Values {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

impl Values {
    fn one(value: i64) -> Self {
        Self::These(BTreeSet::from([value]))
    }

    fn has(&self, value: i64) -> bool {
        match self {
            Self::These(values) => values.contains(&value),
            Self::Any => true,
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::These(values) => values.len(),
            Self::Any => usize::MAX / 2,
        }
    }

    fn extend(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::These(values), Self::These(others)) => {
                values.extend(others);
                if values.len() > MOST_VALUES {
                    *self = Self::Any;
                }
            }
            (_, Self::Any) => *self = Self::Any,
            (Self::Any, _) => {}
        }
    }

    /// The sums of one of these and one of those.
    fn plus(&self, other: &Self) -> Self {
        if self.count() == 0 || other.count() == 0 {
            return Self::default();
        }
        let (Self::These(left), Self::These(right)) = (self, other) else { return Self::Any };
        let mut sums = Self::default();
        for value in left {
            sums.extend(Self::These(right.iter().map(|other| value + other).collect()));
        }
        sums
    }
}

/// The ends of steps after which a sum of so much is there.
fn sequence(body: &[Op], before: Values, fate: Fate) -> Ends {
    let Some((op, rest)) = body.split_first() else { return Ends { values: before, ..Ends::default() } };
    if let Op::Defer(tidy) = op {
        return tidied(sequence(rest, before, fate), *tidy);
    }
    let step = step(op, fate);
    let after = before.plus(&step.values);
    let mut ends = if after.count() == 0 { Ends::default() } else { sequence(rest, after, fate) };
    ends.or(Ends { values: Values::default(), ..step });
    ends
}

fn tidied(rest: Ends, tidy: Tidy) -> Ends {
    let Tidy::Panics(id) = tidy else { return rest };
    let mut ends = Ends { blocks: rest.blocks, ..Ends::default() };
    for (first, mut certain) in rest.panics {
        certain.insert(id);
        ends.may_panic(first, certain);
    }
    if rest.values.count() > 0 {
        ends.may_panic(id, BTreeSet::new());
    }
    ends
}

fn step(op: &Op, fate: Fate) -> Ends {
    match op {
        Op::Add(value) | Op::Promised(value) => Ends::value(*value),
        Op::Yield | Op::Sleep { .. } | Op::Defer(_) => Ends::value(0),
        Op::Panic(id) => Ends { panics: BTreeMap::from([(*id, BTreeSet::new())]), ..Ends::default() },
        Op::Block(_) => Ends { blocks: true, ..Ends::default() },
        Op::Scope { parts, body, .. } => scope(parts, body, fate),
        Op::Isolated(tasks) => {
            let tasks = tasks.iter().map(|task| caught(task, fate));
            tasks.fold(Ends::value(0), |sum, task| Ends {
                values: sum.values.plus(&task.values),
                panics: BTreeMap::new(),
                blocks: sum.blocks || task.blocks,
            })
        }
        Op::Leave { tasks, body, value } => leave(tasks, body, *value, fate),
        Op::Race(arms) => race(arms),
        Op::Timeout { micros: None, body } | Op::Bind { body, .. } => ends_of(body, fate),
        Op::Shield(body) => ends(body),
        Op::Timeout { micros: Some(_), body } => {
            let mut ends = ends_of(body, Fate::MayBeCancelled);
            ends.may_stray(body);
            ends.blocks = false;
            ends.values.extend(Values::one(TIMED_OUT));
            ends
        }
        Op::Cancel { body, .. } => {
            let mut ends = caught(body, Fate::MayBeCancelled);
            ends.blocks = false;
            ends.values.extend(Values::one(CANCELLED));
            ends
        }
        Op::Catch(body) => caught(body, fate),
        Op::Pipe { senders, messages, .. } => Ends::value(senders * messages),
        Op::Fan { messages } => Ends::value(2 * messages),
        Op::Lock => Ends::value(1),
        Op::Ask { bound } => Ends::value(*bound),
        Op::Crawl { depth } => Ends::value(1 << depth),
        Op::Gather { how, tasks } => gather(*how, tasks, fate),
    }
}

/// The ends of a body whose panics are caught.
fn caught(body: &[Op], fate: Fate) -> Ends {
    let mut ends = ends_of(body, fate);
    if fate == Fate::MayBeCancelled {
        ends.may_stray(body);
    }
    ends.caught()
}

fn scope(parts: &[Part], body: &[Op], fate: Fate) -> Ends {
    let bodies = || parts.iter().map(|part| part.body.as_slice()).chain([body]);
    let with_fate = |fate| bodies().map(|body| ends_of(body, fate)).collect::<Vec<Ends>>();
    let mut each = with_fate(fate);
    if each.iter().any(|one| !one.panics.is_empty()) {
        each = with_fate(Fate::MayBeCancelled);
    }
    let mut all = Ends::default();
    if each.iter().all(|one| one.values.count() > 0) {
        let awaited = parts.iter().map(|part| part.is_awaited).chain([true]);
        let given =
            each.iter().zip(awaited).filter(|(_, is_awaited)| *is_awaited).map(|(one, _)| &one.values);
        all.values = given.fold(Values::one(0), |sum, values| sum.plus(values));
    }
    // Who panics ends the others, wherever they are.
    for (at, one) in each.iter().enumerate().filter(|(_, one)| !one.panics.is_empty()) {
        for (first, certain) in &one.panics {
            all.may_panic(*first, certain.clone());
        }
        bodies().enumerate().filter(|(other, _)| *other != at).for_each(|(_, body)| all.may_stray(body));
    }
    all.blocks = each.iter().any(|one| one.blocks) && !each.iter().any(Ends::must_panic);
    all
}

fn gather(how: Gather, tasks: &[Body], fate: Fate) -> Ends {
    let part = |body: &Body| Part { is_awaited: how != Gather::Any, body: body.clone() };
    let parts: Vec<Part> = tasks.iter().map(part).collect();
    let mut all = scope(&parts, &[], fate);
    if how == Gather::Any && all.values.count() > 0 {
        let fate = if all.panics.is_empty() { fate } else { Fate::MayBeCancelled };
        all.values = Values::default();
        tasks.iter().for_each(|task| all.values.extend(ends_of(task, fate).values));
    }
    all
}

fn leave(tasks: &[Body], body: &[Op], value: i64, fate: Fate) -> Ends {
    let may_fail = tasks.iter().any(|task| !tree::strays(task).is_empty());
    let inner = ends_of(body, if may_fail { Fate::MayBeCancelled } else { fate });
    let mut all = Ends { panics: inner.panics, blocks: inner.blocks, ..Ends::default() };
    if inner.values.count() > 0 {
        all.values = Values::one(value);
    }
    tasks.iter().for_each(|task| all.may_stray(task));
    if may_fail {
        all.may_stray(body);
    }
    all
}

fn race(arms: &[Body]) -> Ends {
    let mut all = Ends::default();
    let each: Vec<Ends> = arms.iter().map(|arm| ends_of(arm, Fate::MayBeCancelled)).collect();
    let blocks = each.iter().all(|one| one.blocks);
    each.into_iter().for_each(|one| all.or(one));
    all.blocks = blocks;
    all
}
