//! What is in a `Mutex`: a region that nobody but the body of `with` comes to, and that the body may not let out.
//!
//! The library calls the body with the place where the value is. Whoever passes the body on to a function that does so is
//! answerable for it: the function values are looked at where they are written.

use plat_syntax::source::Span;

use super::flow::{Flow, Source};
use super::journal::{How, Journal};
use super::partition::Partition;
use super::summary::{Lent, Summary};
use crate::mir::{Argument, Callee, Closure, Local, LocalKind, Place, Rvalue, StatementKind};
use crate::types::{Sharing, TyKind};

impl Flow<'_> {
    /// Which arguments of a call are function values that are called with what is in shared state.
    pub(super) fn lent(&self, callee: &Callee, args: &[Argument], summary: &Summary) -> Vec<Lent> {
        if !matches!(callee, Callee::Value(_)) {
            return summary.lends.clone();
        }
        let sources = args.iter().map(|arg| arg.place().map(|place| self.source(place)));
        let fresh = sources.enumerate().skip(1).filter(|(_, source)| *source == Some(Source::Fresh));
        fresh.map(|(position, _)| Lent { function: 0, position: position - 1 }).collect()
    }

    /// Sees to it that the function values among the arguments let nothing out of what they are called with.
    pub(super) fn lend(
        &self,
        lent: &[Lent],
        target: Option<&Place>,
        args: &[Argument],
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        for lent in lent {
            let Some(local) = args.get(lent.function).and_then(Argument::place).and_then(Place::as_local)
            else {
                continue;
            };
            if let Some(function) = self.function.params().position(|param| param == local) {
                journal.lends.insert(Lent { function, ..*lent });
            } else if let Some(closure) = self.closure_in(local) {
                self.lend_to(closure, lent.position, span, state, journal);
            } else {
                self.lend_to_unknown(local, target, span, state, journal);
            }
        }
    }

    /// The function value that the local always is, if it is one that is written here.
    fn closure_in(&self, local: Local) -> Option<&Closure> {
        let statements = self.function.blocks.iter().flat_map(|block| &block.statements);
        let mut stored = statements.filter_map(|statement| match &statement.kind {
            StatementKind::Assign(place, rvalue) if place.local == local => Some(rvalue),
            _ => None,
        });
        match (stored.next()?, stored.next()) {
            (Rvalue::Closure(closure), None) => Some(closure),
            _ => None,
        }
    }

    /// What the function value joins with its argument becomes part of the shared state; its result may not be.
    fn lend_to(
        &self,
        closure: &Closure,
        position: usize,
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        let captures = closure.captures.len();
        let summary = self.summaries.of_captures(&closure.body, captures);
        let own = captures + position;
        // Of a place it matters what it holds in the end: what it held before may have been taken out.
        let end = summary.places.get(own).copied().flatten();
        let Some(region) = end.or(summary.params.get(own).copied().flatten()) else { return };
        let is_shared = |other: Option<&Option<u32>>| other.copied().flatten() == Some(region);
        if is_shared(Some(&summary.result)) {
            journal.leaked(span);
        }
        for (capture, captured) in closure.captures.iter().enumerate() {
            let joins = is_shared(summary.params.get(capture)) || is_shared(summary.places.get(capture));
            if let (true, Some(place)) = (joins, captured.place())
                && let Source::Element(element) = self.source(place)
            {
                self.give(element, How::Kept, span, state, journal);
            }
        }
    }

    /// A function value of which nothing is known but its type may keep what it is called with, and give it as its result.
    fn lend_to_unknown(
        &self,
        local: Local,
        target: Option<&Place>,
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        if target.is_some_and(|target| self.is_transfer(target)) {
            return journal.leaked(span);
        }
        let is_sharable = matches!(*self.function.locals[local].ty.kind(),
            TyKind::Fn(signature) if signature.sharing() == Sharing::Sharable);
        if let Some(element) = self.elements.of(local).filter(|_| !is_sharable)
            && self.function.locals[local].kind != LocalKind::Inout
        {
            self.give(element, How::Kept, span, state, journal);
        }
    }
}
