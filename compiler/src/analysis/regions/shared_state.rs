//! What is in a `Mutex`: a region that nobody but the body of `with` comes to, and that the body may not let out.
//!
//! The library calls the body with the place where the value is. Whoever passes the body on to a function that does so is
//! answerable for it: the function values are looked at where they are written.

use plat_syntax::source::Span;

use super::flow::{Flow, Source};
use super::journal::{How, Journal};
use super::partition::Partition;
use super::summary::{Lent, Summary};
use crate::mir::{Argument, Callee, Capture, Closure, FunctionKind, Local, Place, Rvalue, StatementKind};
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

    /// Sees to it that the function values at these places, of which some are lent, let nothing out of what they are called with: where it
    /// `returns` something, that is what a function value gives that is not known.
    pub(super) fn lend(
        &self,
        lent: &[Lent],
        returns: bool,
        functions: &[Option<&Place>],
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        for lent in lent {
            let Some(place) = functions.get(lent.function).copied().flatten() else { continue };
            let local = place.as_local();
            if let Some(function) = local.and_then(|local| self.passed_on(local)) {
                journal.lends.insert(Lent { function, ..*lent });
            } else if let Some(closure) = local.and_then(|local| self.closure_in(local)) {
                self.lend_to(closure, lent.position, span, state, journal);
            } else {
                self.lend_to_unknown(place, returns, span, state, journal);
            }
        }
    }

    /// Sees to the function values that a closure captures and lends: who calls the closure may know nothing of them.
    pub(super) fn lend_captures(
        &self,
        closure: &Closure,
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        let summary = self.summaries.of_captures(&closure.body, closure.captures.len());
        let functions: Vec<Option<&Place>> = closure.captures.iter().map(Capture::place).collect();
        for lent in &summary.lends {
            let place = functions.get(lent.function).copied().flatten();
            let returns = place.is_some_and(|place| self.gives_transfer(place));
            self.lend(&[*lent], returns, &functions, span, state, journal);
        }
    }

    /// The position of a parameter for which the callers answer: they, or who makes the closure, know what it is.
    fn passed_on(&self, local: Local) -> Option<usize> {
        let position = self.function.params().position(|param| param == local)?;
        let is_capture = position < self.function.capture_count as usize;
        let answers = self.has_known_callers || is_capture && self.function.kind == FunctionKind::ClosureBody;
        answers.then_some(position)
    }

    /// Whether the function value at a place gives what one task may use.
    fn gives_transfer(&self, place: &Place) -> bool {
        let ty = self.function.place_ty(&self.hir.definitions, place);
        ty.signature().is_some_and(|signature| self.transfer.is_transfer(signature.result()))
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
        let (returned, unwound) = (&summary.returned, &summary.unwound);
        let Some(region) = returned.left_at(own) else { return };
        if summary.result == Some(region) {
            journal.leaked(span);
        }
        // A panic leaves there what it finds there.
        let left = unwound.left_at(own);
        for (capture, captured) in closure.captures.iter().enumerate() {
            let joins = returned.at(capture).any(|other| other == region)
                || unwound.at(capture).any(|other| Some(other) == left);
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
        place: &Place,
        returns: bool,
        span: Span,
        state: &mut Partition,
        journal: &mut Journal,
    ) {
        let ty = self.function.place_ty(&self.hir.definitions, place);
        let is_sharable =
            matches!(*ty.kind(), TyKind::Fn(signature) if signature.sharing() == Sharing::Sharable);
        match self.source(place) {
            _ if returns => journal.leaked(span),
            _ if is_sharable => {}
            Source::Element(element) => self.give(element, How::Kept, span, state, journal),
            // One that is in shared state itself may keep it there.
            Source::Fresh => journal.leaked(span),
            Source::Nothing => {}
        }
    }
}
