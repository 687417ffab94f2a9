//! What is found on the way through a function, for its summary and for messages.

use std::collections::BTreeSet;

use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::source::Span;

use super::partition::Partition;
use super::summary::Lent;
use crate::mir::{BlockId, Callee, Function, Local};

/// How a value is given away.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum How {
    /// A task captures it.
    Captured,
    /// It is sent.
    Sent,
    /// It becomes part of what any task may use.
    Kept,
    /// It is passed to a function that gives it away.
    Passed(Callee),
}

/// A place where a value is given away.
#[derive(Clone, Debug)]
pub(super) struct Gift {
    pub span: Span,
    pub how: How,
    /// What is given, the rest of its region with it.
    pub element: u32,
}

/// A use of a value that has been given away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub local: Local,
    pub element: u32,
    pub gift: u32,
    pub span: Span,
    /// What gives it away is what uses it.
    pub is_beside: bool,
}

/// Two elements that may reach each other from a place on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub a: u32,
    pub b: u32,
    pub span: Span,
}

/// The findings, each once.
pub(super) struct Journal {
    is_silent: bool,
    at: (BlockId, usize),
    numbers: HashMap<(BlockId, usize, u32), u32>,
    pub gifts: Vec<Gift>,
    pub uses: Vec<Use>,
    pub links: Vec<Link>,
    linked: HashSet<(u32, u32, Span)>,
    /// Of each parameter, where it is given away: all of the places.
    params: Vec<BTreeSet<u32>>,
    /// Parameters that are called with what is in shared state.
    pub lends: BTreeSet<Lent>,
    /// Where what is in shared state would leave it.
    pub leaks: Vec<Span>,
    /// What goes with a gift.
    pub given: HashSet<Local>,
    /// What may be where the function unwinds.
    pub unwound: Option<Partition>,
    /// Places of the caller, or variables that a `defer` uses, that still hold what is given away.
    pub places: Vec<(Local, u32)>,
}

impl Journal {
    /// Of ways that will be gone again: it only numbers gifts.
    pub fn new(function: &Function) -> Self {
        Self {
            is_silent: true,
            at: (Function::ENTRY, 0),
            numbers: HashMap::default(),
            gifts: Vec::new(),
            uses: Vec::new(),
            links: Vec::new(),
            linked: HashSet::default(),
            params: vec![BTreeSet::new(); function.param_count as usize],
            lends: BTreeSet::new(),
            leaks: Vec::new(),
            given: HashSet::default(),
            unwound: None,
            places: Vec::new(),
        }
    }

    /// From here on all is written down.
    pub fn speak(&mut self) {
        self.is_silent = false;
    }

    /// Whether all is written down.
    pub fn speaks(&self) -> bool {
        !self.is_silent
    }

    /// The function may unwind here.
    pub fn unwinds(&mut self, state: Partition) {
        match &mut self.unwound {
            Some(known) => _ = known.meet(&state),
            None => self.unwound = Some(state),
        }
    }

    /// The statement whose effects follow.
    pub fn go_to(&mut self, block: BlockId, statement: usize) {
        self.at = (block, statement);
    }

    /// The statement whose effects are being written down.
    pub fn at(&self) -> (BlockId, usize) {
        self.at
    }

    /// The number of a gift: the same each time it is met.
    pub fn gave(&mut self, element: u32, how: How, span: Span) -> u32 {
        let (block, statement) = self.at;
        let next = self.gifts.len() as u32;
        let number = *self.numbers.entry((block, statement, element)).or_insert(next);
        if number == next {
            self.gifts.push(Gift { span, how, element });
        }
        number
    }

    /// The number of the gift of what arms of a `select` are to send, which is given in one place.
    pub fn gift_of_offer(&self, element: u32) -> Option<u32> {
        self.gifts.iter().position(|gift| gift.element == element).map(|number| number as u32)
    }

    /// The parameter is part of what is given.
    pub fn gave_param(&mut self, position: usize, gift: u32) {
        // What goes with what is known once all ways have been followed.
        if !self.is_silent {
            self.params[position].insert(gift);
        }
    }

    /// The first parameter that is given away where this one is, and nowhere else.
    pub fn given_with(&self, position: usize) -> usize {
        let gifts = &self.params[position];
        let same = |other: &BTreeSet<u32>| !gifts.is_empty() && other == gifts;
        self.params.iter().position(same).unwrap_or(position)
    }

    /// Where the parameter is given away, if it is.
    pub fn gift_of_param(&self, position: usize) -> Option<u32> {
        self.params[position].first().copied()
    }

    /// The caller's place holds what is given.
    pub fn gave_place(&mut self, local: Local, gift: u32) {
        if !self.is_silent && !self.places.contains(&(local, gift)) {
            self.places.push((local, gift));
        }
    }

    /// What is in shared state would leave it.
    pub fn leaked(&mut self, span: Span) {
        if !self.is_silent {
            self.leaks.push(span);
        }
    }

    /// What has been given away is used.
    pub fn used(&mut self, local: Local, element: u32, gift: u32, span: Span) {
        if !self.is_silent {
            self.uses.push(Use { local, element, gift, span, is_beside: false });
        }
    }

    /// What gives a value away uses it besides.
    pub fn used_beside(&mut self, local: Local, element: u32, gift: u32, span: Span) {
        if !self.is_silent {
            self.uses.push(Use { local, element, gift, span, is_beside: true });
        }
    }

    /// Two elements are one region from here on.
    pub fn joined(&mut self, a: u32, b: u32, span: Span) {
        if !self.is_silent && a != b && self.linked.insert((a.min(b), a.max(b), span)) {
            self.links.push(Link { a, b, span });
        }
    }
}
