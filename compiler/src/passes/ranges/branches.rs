//! What the outcome of a comparison makes known on the way it leads to.

use super::facts::{Facts, ZERO};
use super::{Offset, Ranges};
use crate::mir::{
    BinaryOp, BlockId, Function, FunctionId, Local, Operand, Rvalue, Statement, StatementKind,
    TerminatorKind, UnaryOp,
};
use crate::passes::mentions::for_each_changed;

impl<F: Fn(FunctionId) -> bool> Ranges<'_, F> {
    /// Adds what going from one block to another makes known.
    pub(super) fn refine(&self, facts: &mut Facts, function: &Function, from: BlockId, to: BlockId) {
        let block = &function.blocks[from];
        match &block.terminator.kind {
            TerminatorKind::Branch(Operand::Use(condition), then, otherwise) if then != otherwise => {
                if let Some(condition) = condition.as_local() {
                    self.assume(facts, &block.statements, block.statements.len(), condition, *then == to);
                }
            }
            TerminatorKind::Switch(Operand::Use(value), cases, otherwise) if *otherwise != to => {
                let term = value.as_local().and_then(|local| self.term_of(local));
                let mut here = cases.iter().filter(|(_, target)| *target == to);
                if let (Some(term), Some(&(case, _)), None) = (term, here.next(), here.next()) {
                    facts.add_range(term, (case, case));
                }
            }
            _ => {}
        }
    }

    /// Adds that the condition, which is read after the first `end` statements, has that outcome.
    fn assume(
        &self,
        facts: &mut Facts,
        statements: &[Statement],
        end: usize,
        condition: Local,
        outcome: bool,
    ) {
        let Some((position, rvalue)) = definition(&statements[..end], condition) else { return };
        match rvalue {
            Rvalue::Unary(UnaryOp::Not, Operand::Use(place)) => {
                if let Some(inner) = place.as_local() {
                    self.assume(facts, statements, position, inner, !outcome);
                }
            }
            Rvalue::Binary(op, left, right) if op.is_comparison() => {
                let after = &statements[position + 1..];
                if let (Some(of_left), Some(of_right)) = (self.offset(left), self.offset(right))
                    && !changes(after, left)
                    && !changes(after, right)
                {
                    let op = if outcome { *op } else { negated(*op) };
                    self.assume_comparison(facts, op, of_left, of_right);
                }
            }
            _ => {}
        }
    }

    fn assume_comparison(&self, facts: &mut Facts, op: BinaryOp, left: Offset, right: Offset) {
        match op {
            BinaryOp::Lt => add_at_most(facts, left, right, -1),
            BinaryOp::Le => add_at_most(facts, left, right, 0),
            BinaryOp::Gt => add_at_most(facts, right, left, -1),
            BinaryOp::Ge => add_at_most(facts, right, left, 0),
            BinaryOp::Eq => {
                add_at_most(facts, left, right, 0);
                add_at_most(facts, right, left, 0);
            }
            // What differs from its bound is beyond it.
            BinaryOp::Ne if self.most(facts, left, right) == 0 => add_at_most(facts, left, right, -1),
            BinaryOp::Ne if self.most(facts, right, left) == 0 => add_at_most(facts, right, left, -1),
            _ => {}
        }
    }
}

/// Adds `left - right <= most`.
pub(super) fn add_at_most(facts: &mut Facts, left: Offset, right: Offset, most: i128) {
    if left.0 != ZERO || right.0 != ZERO {
        facts.add(left.0, right.0, most - left.1 + right.1);
    }
}

/// The last assignment of the local, which nothing after changes.
fn definition(statements: &[Statement], local: Local) -> Option<(usize, &Rvalue)> {
    for (position, statement) in statements.iter().enumerate().rev() {
        if let StatementKind::Assign(target, rvalue) = &statement.kind
            && target.as_local() == Some(local)
        {
            return Some((position, rvalue));
        }
        let mut changes = false;
        for_each_changed(&statement.kind, |changed, _| changes |= changed == local);
        if changes {
            return None;
        }
    }
    None
}

fn changes(statements: &[Statement], operand: &Operand) -> bool {
    let Some(local) = operand.place().map(|place| place.local) else { return false };
    let mut changes = false;
    for statement in statements {
        for_each_changed(&statement.kind, |changed, _| changes |= changed == local);
    }
    changes
}

/// The comparison that holds when this one does not.
pub(in crate::passes) fn negated(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Eq => BinaryOp::Ne,
        BinaryOp::Ne => BinaryOp::Eq,
        BinaryOp::Lt => BinaryOp::Ge,
        BinaryOp::Le => BinaryOp::Gt,
        BinaryOp::Gt => BinaryOp::Le,
        BinaryOp::Ge => BinaryOp::Lt,
        other => other,
    }
}
