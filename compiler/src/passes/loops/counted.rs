//! Loops that count: each round polls, changes a counter by the same amount, and tests it against a bound that stays.
//!
//! What is found is exact: so many rounds after one another as the counter takes steps to the bound, however the loop is left.

use super::checks::is_silent;
use super::natural::{Dominators, Loop};
use super::overlap::exposed;
use crate::hir::Definitions;
use crate::mir::local_set::LocalSet;
use crate::mir::{
    BinaryOp, BlockId, Callee, Function, Local, Operand, Place, Poll, Rvalue, StatementKind, TerminatorKind,
};
use crate::passes::mentions::changes;
use crate::passes::ranges::negated;
use crate::types::TyKind;

/// A loop that counts.
#[derive(Debug)]
pub(super) struct Counted<'l> {
    /// The loop.
    pub(super) inside: &'l Loop,
    /// The block that every round passes: it polls, and then tests whether there is another.
    pub(super) test: BlockId,
    /// Where in it the counter is compared with the bound.
    pub(super) comparison: usize,
    /// What it counts by.
    pub(super) counter: Local,
    /// How the counter compares with the bound as long as there are rounds.
    pub(super) relation: BinaryOp,
    /// What it counts to.
    pub(super) bound: Operand,
    /// How much the counter goes towards the bound in each round, if that is positive.
    pub(super) step: Operand,
    /// The statement by which it does.
    pub(super) counting: (BlockId, usize),
    /// What a round costs.
    pub(super) weight: usize,
}

impl Counted<'_> {
    /// Whether the counter becomes greater.
    pub(super) fn is_upward(&self) -> bool {
        matches!(self.relation, BinaryOp::Lt | BinaryOp::Le)
    }
}

/// The loops without loops in them, of which each round passes the head.
pub(super) fn innermost<'l>(function: &Function, loops: &'l [Loop]) -> Vec<&'l Loop> {
    let only_leads_back_to_head = |one: &&Loop| {
        one.blocks().all(|block| {
            let inside = function.blocks[block].terminator.kind.successors();
            inside.into_iter().all(|target| target == one.head || target > block || !one.contains(target))
        })
    };
    loops.iter().filter(only_leads_back_to_head).collect()
}

/// What a round of the loop costs, in statements of a few instructions each; `None` if it does something that may take its time.
fn weight(function: &Function, definitions: &Definitions, inside: &Loop) -> Option<usize> {
    let statements = inside.blocks().flat_map(|block| &function.blocks[block].statements);
    statements.map(|statement| weight_of(function, definitions, &statement.kind)).sum()
}

fn weight_of(function: &Function, definitions: &Definitions, kind: &StatementKind) -> Option<usize> {
    let is_scalar = |place: &Place| {
        matches!(
            function.place_ty(definitions, place).kind(),
            TyKind::Bool | TyKind::Char | TyKind::Int(_) | TyKind::Float(_)
        )
    };
    match kind {
        StatementKind::Assign(place, _) | StatementKind::Init(place, _) => is_scalar(place).then_some(1),
        StatementKind::CheckIndex { .. } | StatementKind::SetLength(..) => Some(1),
        StatementKind::Poll(_) | StatementKind::Touch(_) => Some(0),
        StatementKind::Call { callee: Callee::Primitive(_), .. } => Some(PRIMITIVE_WEIGHT),
        _ => None,
    }
}

/// What an atomic operation costs.
const PRIMITIVE_WEIGHT: usize = 20;

/// Finds how loops of a function count.
pub(super) struct Finder<'a> {
    function: &'a Function,
    definitions: &'a Definitions,
    dominators: &'a Dominators,
    exposed: LocalSet,
}

impl<'a> Finder<'a> {
    pub(super) fn new(
        function: &'a Function,
        definitions: &'a Definitions,
        dominators: &'a Dominators,
    ) -> Self {
        Self { function, definitions, dominators, exposed: exposed(function) }
    }

    /// How the loop counts, if it does.
    pub(super) fn find<'l>(&self, inside: &'l Loop) -> Option<Counted<'l>> {
        let weight = weight(self.function, self.definitions, inside)?;
        inside.blocks().find_map(|block| self.find_in(inside, block, weight))
    }

    fn find_in<'l>(&self, inside: &'l Loop, test: BlockId, weight: usize) -> Option<Counted<'l>> {
        let block = &self.function.blocks[test];
        if !self.is_in_every_round(inside, test) || !self.polls_last(inside, test) {
            return None;
        }
        let TerminatorKind::Branch(Operand::Use(condition), then, otherwise) = &block.terminator.kind else {
            return None;
        };
        let stays = match (inside.contains(*then), inside.contains(*otherwise)) {
            (true, false) => true,
            (false, true) => false,
            _ => return None,
        };
        let condition = condition.as_local()?;
        let comparison =
            block.statements.iter().rposition(|statement| changes(&statement.kind, condition))?;
        let StatementKind::Assign(_, Rvalue::Binary(op, left, right)) = &block.statements[comparison].kind
        else {
            return None;
        };
        let op = if stays { *op } else { negated(*op) };
        let after = &block.statements[comparison + 1..];
        [(left, op, right), (right, mirrored(op), left)].into_iter().find_map(|(counter, relation, bound)| {
            let counter = counter.place()?.as_local()?;
            let is_ordered = matches!(relation, BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge);
            if !is_ordered
                || !self.stays(inside, bound)
                || after.iter().any(|statement| changes(&statement.kind, counter))
            {
                return None;
            }
            let (counting, step) = self.step(inside, counter, relation)?;
            let bound = bound.clone();
            Some(Counted { inside, test, comparison, counter, relation, bound, step, counting, weight })
        })
    }

    /// Whether no round goes without the block.
    fn is_in_every_round(&self, inside: &Loop, block: BlockId) -> bool {
        inside.latches.iter().all(|&latch| self.dominators.dominates(block, latch))
    }

    /// Whether the block polls for all of the loop, and does nothing after it that can be seen.
    fn polls_last(&self, inside: &Loop, block: BlockId) -> bool {
        let statements = &self.function.blocks[block].statements;
        let Some(poll) = statements.iter().rposition(|statement| is_poll(&statement.kind)) else {
            return false;
        };
        let is_ending = |kind: &StatementKind| matches!(kind, StatementKind::Poll(Poll::Ends));
        let mut all = inside.blocks().flat_map(|block| &self.function.blocks[block].statements);
        statements[poll..].iter().all(|statement| is_silent(self.function, &statement.kind))
            && (is_ending(&statements[poll].kind) || !all.any(|statement| is_ending(&statement.kind)))
    }

    /// Whether the operand is the same in every round.
    fn stays(&self, inside: &Loop, operand: &Operand) -> bool {
        let Some(place) = operand.place() else { return true };
        let Some(local) = place.as_local() else { return false };
        !self.exposed.contains(local) && self.changing(inside, local).next().is_none()
    }

    /// The statements of the loop that change a local.
    fn changing(&self, inside: &Loop, local: Local) -> impl Iterator<Item = (BlockId, usize)> {
        inside.blocks().flat_map(move |block| {
            let statements = self.function.blocks[block].statements.iter().enumerate();
            statements
                .filter(move |(_, statement)| changes(&statement.kind, local))
                .map(move |(at, _)| (block, at))
        })
    }

    /// The one statement of the loop that changes the local, once in every round.
    fn only_change(&self, inside: &Loop, local: Local) -> Option<((BlockId, usize), &'a Rvalue)> {
        let mut all = self.changing(inside, local);
        let (Some((block, at)), None) = (all.next(), all.next()) else { return None };
        let StatementKind::Assign(_, rvalue) = &self.function.blocks[block].statements[at].kind else {
            return None;
        };
        let is_once = !self.exposed.contains(local) && self.is_in_every_round(inside, block);
        is_once.then_some(((block, at), rvalue))
    }

    /// The statement by which the counter goes towards the bound once in every round, and by how much.
    fn step(&self, inside: &Loop, counter: Local, relation: BinaryOp) -> Option<((BlockId, usize), Operand)> {
        let ((block, at), rvalue) = self.only_change(inside, counter)?;
        let (counting, rvalue) = match rvalue {
            // The next number stands in another local until the round ends.
            Rvalue::Use(next) => {
                let (counting, rvalue) = self.only_change(inside, next.place()?.as_local()?)?;
                let is_before = if counting.0 == block {
                    counting.1 < at
                } else {
                    self.dominators.dominates(counting.0, block)
                };
                is_before.then_some((counting, rvalue))?
            }
            rvalue => ((block, at), rvalue),
        };
        let (Rvalue::Binary(op, left, right) | Rvalue::Wrapping(op, left, right)) = rvalue else {
            return None;
        };
        let is_counter = |operand: &Operand| operand.place().and_then(Place::as_local) == Some(counter);
        let step = match (op, relation) {
            (BinaryOp::Add, BinaryOp::Lt | BinaryOp::Le) if is_counter(left) => right,
            (BinaryOp::Add, BinaryOp::Lt | BinaryOp::Le) if is_counter(right) => left,
            (BinaryOp::Sub, BinaryOp::Gt | BinaryOp::Ge) if is_counter(left) => right,
            _ => return None,
        };
        self.stays(inside, step).then(|| (counting, step.clone()))
    }
}

/// The comparison that holds of the operands in the other order.
fn mirrored(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Lt => BinaryOp::Gt,
        BinaryOp::Le => BinaryOp::Ge,
        BinaryOp::Gt => BinaryOp::Lt,
        BinaryOp::Ge => BinaryOp::Le,
        other => other,
    }
}

/// Whether the statement is a poll.
pub(super) fn is_poll(kind: &StatementKind) -> bool {
    matches!(kind, StatementKind::Poll(_))
}
