//! What a statement makes known about numbers.

use super::branches::add_at_most;
use super::facts::{Facts, Term, ZERO};
use super::{Offset, Ranges};
use crate::mir::{BinaryOp, FunctionId, Local, Operand, Place, Projection, Rvalue, StatementKind};
use crate::passes::loops::{affects, made_unique};
use crate::passes::mentions::for_each_changed;

impl<F: Fn(FunctionId) -> bool> Ranges<'_, F> {
    /// Changes what is known before a statement to what is known after it.
    pub(super) fn step(&self, facts: &mut Facts, kind: &StatementKind) {
        match kind {
            StatementKind::Assign(target, rvalue)
                if let Some(local) = target.as_local()
                    && let Some(term) = self.term_of(local) =>
            {
                let before = self.lengths_indexed_by(local);
                self.assign(facts, term, rvalue);
                for length in before {
                    facts.forget(length);
                }
            }
            StatementKind::CheckIndex { index, length } => {
                if let (Some(index), Some(length)) = (self.offset(index), self.offset(length)) {
                    add_at_most(facts, index, length, -1);
                    add_at_most(facts, (ZERO, 0), index, 0);
                }
            }
            StatementKind::Assign(target, rvalue) => {
                self.forget_changed(facts, kind);
                self.follow_buffers(facts, target, rvalue);
            }
            // The elements are the same, and as many.
            _ if made_unique(kind, self.is_make_unique).is_some() => {}
            _ => self.forget_changed(facts, kind),
        }
    }

    fn lengths_indexed_by(&self, local: Local) -> Vec<Term> {
        let depend =
            self.terms.lengths.iter().filter(|(place, _)| place.indices().any(|index| index == local));
        depend.map(|&(_, term)| term).collect()
    }

    fn forget_changed(&self, facts: &mut Facts, kind: &StatementKind) {
        for_each_changed(kind, |changed, _| {
            if let Some(term) = self.term_of(changed) {
                facts.forget(term);
            }
        });
        for (place, term) in &self.terms.lengths {
            if affects(kind, place) {
                facts.forget(*term);
                if let StatementKind::SetLength(buffer, length) = kind
                    && buffer == place
                    && let Some((length, offset)) = self.offset(length)
                {
                    facts.add_difference(*term, length, offset);
                }
            }
        }
    }

    /// Notes that buffers have the lengths that they had where they come from.
    fn follow_buffers(&self, facts: &mut Facts, target: &Place, rvalue: &Rvalue) {
        for (place, term) in &self.terms.lengths {
            let begins_there =
                place.local == target.local && place.projections.starts_with(&target.projections);
            if !begins_there {
                continue;
            }
            let rest = &place.projections[target.projections.len()..];
            if matches!(rvalue, Rvalue::NewBuffer(..)) {
                facts.add_range(*term, (0, 0));
            } else if let Some(source) = source(rvalue, rest).filter(|source| source.local != target.local)
                && let Some(length) = self.length_term(&source)
            {
                facts.add_difference(*term, length, 0);
            }
        }
    }

    /// A local takes the value of an rvalue.
    fn assign(&self, facts: &mut Facts, target: Term, rvalue: &Rvalue) {
        if let Rvalue::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), left, right)
        | Rvalue::Wrapping(op, left, right) = rvalue
            && let Some((base, by)) = self.constant_step(*op, left, right)
            && (matches!(rvalue, Rvalue::Binary(..)) || self.fits(facts, target, *op, left, right))
        {
            if base == target {
                facts.shift(target, by);
            } else {
                facts.eliminate(target);
                facts.add_difference(target, base, by);
            }
            return;
        }
        let learned = self.learn(facts, target, rvalue);
        facts.forget(target);
        for (from, to, most) in learned {
            facts.add(from, to, most);
        }
    }

    /// The number that differs by a constant from what the operation gives.
    fn constant_step(&self, op: BinaryOp, left: &Operand, right: &Operand) -> Option<Offset> {
        let (left, right) = (self.offset(left)?, self.offset(right)?);
        match (op, left.0, right.0) {
            (BinaryOp::Add, _, ZERO) => Some((left.0, left.1 + right.1)),
            (BinaryOp::Add, ZERO, _) => Some((right.0, left.1 + right.1)),
            (BinaryOp::Sub, _, ZERO) => Some((left.0, left.1 - right.1)),
            _ => None,
        }
    }

    /// Whether what the operation gives is within the limits of the target whatever its operands are.
    pub(super) fn fits(
        &self,
        facts: &Facts,
        target: Term,
        op: BinaryOp,
        left: &Operand,
        right: &Operand,
    ) -> bool {
        let (Some(left), Some(right)) = (self.range(facts, left), self.range(facts, right)) else {
            return false;
        };
        let (least, most) = self.limits.of(target);
        exact(op, left, right).is_some_and(|(low, high)| low >= least && high <= most)
    }

    /// What holds after the target has taken the value, as far as it does not mention the target's old value.
    fn learn(&self, facts: &Facts, target: Term, rvalue: &Rvalue) -> Vec<(Term, Term, i128)> {
        let mut learned = Vec::new();
        let mut range = |(least, most): (i128, i128)| {
            learned.push((target, ZERO, most));
            learned.push((ZERO, target, -least));
        };
        match rvalue {
            Rvalue::Use(operand) => {
                if let Some((term, offset)) = self.offset(operand).filter(|(term, _)| *term != target) {
                    learned.push((target, term, offset));
                    learned.push((term, target, -offset));
                }
            }
            Rvalue::Cast(_, operand, _) => {
                let limits = self.limits.of(target);
                if let Some((least, most)) = self.range(facts, operand)
                    && (least, most) == (least.max(limits.0), most.min(limits.1))
                    && let Some((term, offset)) = self.offset(operand)
                {
                    learned.push((target, term, offset));
                    learned.push((term, target, -offset));
                }
            }
            Rvalue::Length(buffer) => {
                if let Some(length) = self.length_term(buffer) {
                    learned.push((target, length, 0));
                    learned.push((length, target, 0));
                }
            }
            Rvalue::Discriminant(_) | Rvalue::Capacity(_) => range((0, i128::from(i64::MAX))),
            Rvalue::Binary(op, left, right) => {
                let (Some(of_left), Some(of_right)) = (self.range(facts, left), self.range(facts, right))
                else {
                    return learned;
                };
                // A shift drops bits rather than to panic.
                if *op == BinaryOp::Shl && !self.fits(facts, target, *op, left, right) {
                    return learned;
                }
                if let Some(found) = exact(*op, of_left, of_right) {
                    range(found);
                }
                self.learn_relation(&mut learned, target, *op, (left, of_left), (right, of_right));
            }
            Rvalue::Wrapping(op, left, right) => {
                if self.fits(facts, target, *op, left, right)
                    && let (Some(of_left), Some(of_right)) =
                        (self.range(facts, left), self.range(facts, right))
                {
                    if let Some(found) = exact(*op, of_left, of_right) {
                        range(found);
                    }
                    self.learn_relation(&mut learned, target, *op, (left, of_left), (right, of_right));
                }
            }
            _ => {}
        }
        learned
    }

    /// How the result compares with the operands.
    fn learn_relation(
        &self,
        learned: &mut Vec<(Term, Term, i128)>,
        target: Term,
        op: BinaryOp,
        (left, of_left): (&Operand, (i128, i128)),
        (right, of_right): (&Operand, (i128, i128)),
    ) {
        let other = |operand| self.offset(operand).filter(|&(term, _)| term != target && term != ZERO);
        let mut at_most = |(term, offset): Offset, most: i128| learned.push((target, term, most + offset));
        match op {
            BinaryOp::Add => {
                for (operand, (_, most)) in [(left, of_right), (right, of_left)] {
                    if let Some(operand) = other(operand) {
                        at_most(operand, most);
                    }
                }
                for (operand, (least, _)) in [(left, of_right), (right, of_left)] {
                    if let Some((term, offset)) = other(operand) {
                        learned.push((term, target, -least - offset));
                    }
                }
            }
            BinaryOp::Sub => {
                if let Some((term, offset)) = other(left) {
                    learned.push((target, term, offset - of_right.0));
                    learned.push((term, target, of_right.1 - offset));
                }
            }
            BinaryOp::Div | BinaryOp::Shr | BinaryOp::BitAnd if of_left.0 >= 0 && of_right.0 >= 0 => {
                if let Some(left) = other(left) {
                    at_most(left, 0);
                }
            }
            BinaryOp::Rem if of_right.0 >= 0 => {
                if let Some(right) = other(right) {
                    at_most(right, -1);
                }
                if let (true, Some(left)) = (of_left.0 >= 0, other(left)) {
                    at_most(left, 0);
                }
            }
            _ => {}
        }
    }
}

/// Where what stands at this way into the value of an rvalue comes from.
fn source(rvalue: &Rvalue, way: &[Projection]) -> Option<Place> {
    let (operand, way) = match (rvalue, way) {
        (Rvalue::Use(operand), _) => (operand, way),
        (Rvalue::Aggregate(_, None, parts), [Projection::Field(field), way @ ..]) => {
            (parts.get(field.0 as usize)?, way)
        }
        _ => return None,
    };
    let mut source = operand.place()?.clone();
    source.projections.extend_from_slice(way);
    Some(source)
}

/// The range of what an operation gives, as a number without limits.
pub(super) fn exact(op: BinaryOp, left: (i128, i128), right: (i128, i128)) -> Option<(i128, i128)> {
    Some(match op {
        BinaryOp::Add => (left.0 + right.0, left.1 + right.1),
        BinaryOp::Sub => (left.0 - right.1, left.1 - right.0),
        BinaryOp::Mul => corners(left, right, i128::checked_mul)?,
        BinaryOp::Div if right.0 > 0 => corners(left, right, i128::checked_div)?,
        BinaryOp::Rem if right.0 >= 0 => {
            let most = right.1 - 1;
            (if left.0 >= 0 { 0 } else { (-most).max(left.0) }, most.min(left.1.max(0)))
        }
        BinaryOp::BitAnd if right.0 >= 0 => (0, if left.0 >= 0 { left.1.min(right.1) } else { right.1 }),
        BinaryOp::BitAnd if left.0 >= 0 => (0, left.1),
        BinaryOp::Shr if left.0 >= 0 && right.0 >= 0 && right.1 < 64 => {
            (left.0 >> right.1, left.1 >> right.0)
        }
        BinaryOp::Shl if left.0 >= 0 && right.0 >= 0 && right.1 < 63 => {
            (left.0 << right.0, left.1.checked_mul(1 << right.1)?)
        }
        _ => return None,
    })
}

/// The least and the greatest of what the ends of the ranges give.
fn corners(
    left: (i128, i128),
    right: (i128, i128),
    operation: impl Fn(i128, i128) -> Option<i128>,
) -> Option<(i128, i128)> {
    let pairs = [(left.0, right.0), (left.0, right.1), (left.1, right.0), (left.1, right.1)];
    let mut found = Vec::with_capacity(pairs.len());
    for (one, other) in pairs {
        found.push(operation(one, other)?);
    }
    Some((found.iter().copied().min()?, found.iter().copied().max()?))
}
