//! Drops what cannot fail, and decides what is known.

use super::Ranges;
use super::branches::negated;
use super::facts::{Facts, ZERO};
use super::transfer::exact;
use crate::mir::{BinaryOp, CastKind, Const, Function, FunctionId, Operand, Rvalue, StatementKind, UnaryOp};
use crate::types::{IntTy, Ty, TyKind};

impl<F: Fn(FunctionId) -> bool> Ranges<'_, F> {
    /// Simplifies the statements of a function, and says whether there was something.
    pub(in crate::passes) fn rewrite(&self, function: &mut Function) -> bool {
        let mut changed = false;
        for id in function.blocks.ids() {
            let Some(mut facts) = self.on_entry[id].clone() else { continue };
            let mut statements = std::mem::take(&mut function.blocks[id].statements);
            statements.retain_mut(|statement| {
                let is_needed = !self.always_holds(&facts, &statement.kind);
                // What the statement makes known holds of its checked form alone.
                let mut simpler = statement.kind.clone();
                let is_simpler = self.simplify(&facts, function, &mut simpler);
                self.step(&mut facts, &statement.kind);
                if is_simpler {
                    statement.kind = simpler;
                }
                changed |= is_simpler || !is_needed;
                is_needed
            });
            function.blocks[id].statements = statements;
        }
        changed
    }

    /// Whether the statement is a check that cannot fail.
    fn always_holds(&self, facts: &Facts, kind: &StatementKind) -> bool {
        let StatementKind::CheckIndex { index, length } = kind else { return false };
        let (Some(index), Some(length)) = (self.offset(index), self.offset(length)) else { return false };
        self.most(facts, index, length) < 0 && self.most(facts, (ZERO, 0), index) <= 0
    }

    fn simplify(&self, facts: &Facts, function: &Function, kind: &mut StatementKind) -> bool {
        let StatementKind::Assign(_, rvalue) = kind else { return false };
        let simpler = match rvalue {
            Rvalue::Binary(op, left, right) if op.is_comparison() => self.decided(facts, *op, left, right),
            Rvalue::Binary(op, left, right) => {
                let ty = operand_int(function, left);
                ty.and_then(|int| self.unchecked(facts, int, *op, left, right))
            }
            Rvalue::Unary(UnaryOp::Neg, operand) => {
                let ty = operand_int(function, operand);
                ty.filter(|int| self.range(facts, operand).is_some_and(|(least, _)| least > int.min())).map(
                    |int| {
                        let zero = Operand::Const(Const::Int(0, Ty::new(TyKind::Int(int))));
                        Rvalue::Wrapping(BinaryOp::Sub, zero, operand.clone())
                    },
                )
            }
            Rvalue::Cast(CastKind::Checked, operand, ty) => match ty.kind() {
                TyKind::Int(int) if operand_int(function, operand).is_some() => {
                    let fits = self
                        .range(facts, operand)
                        .is_some_and(|(least, most)| least >= int.min() && most <= int.max());
                    fits.then(|| Rvalue::Cast(CastKind::Wrapping, operand.clone(), *ty))
                }
                _ => None,
            },
            _ => None,
        };
        let is_simpler = simpler.is_some();
        if let Some(simpler) = simpler {
            *rvalue = simpler;
        }
        is_simpler
    }

    /// A comparison whose outcome is known.
    fn decided(&self, facts: &Facts, op: BinaryOp, left: &Operand, right: &Operand) -> Option<Rvalue> {
        let (left, right) = (self.offset(left)?, self.offset(right)?);
        let holds = |op| match op {
            BinaryOp::Lt => self.most(facts, left, right) < 0,
            BinaryOp::Le => self.most(facts, left, right) <= 0,
            BinaryOp::Gt => self.most(facts, right, left) < 0,
            BinaryOp::Ge => self.most(facts, right, left) <= 0,
            BinaryOp::Eq => self.most(facts, left, right) <= 0 && self.most(facts, right, left) <= 0,
            BinaryOp::Ne => self.most(facts, left, right) < 0 || self.most(facts, right, left) < 0,
            _ => false,
        };
        let known = if holds(op) {
            true
        } else if holds(negated(op)) {
            false
        } else {
            return None;
        };
        Some(Rvalue::Use(Operand::Const(Const::Bool(known))))
    }

    /// The operation without its check, where that cannot fail.
    fn unchecked(
        &self,
        facts: &Facts,
        int: IntTy,
        op: BinaryOp,
        left: &Operand,
        right: &Operand,
    ) -> Option<Rvalue> {
        let (of_left, of_right) = (self.range(facts, left)?, self.range(facts, right)?);
        let rvalue = |op| Rvalue::Wrapping(op, left.clone(), right.clone());
        match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => {
                let (least, most) = exact(op, of_left, of_right)?;
                (least >= int.min() && most <= int.max()).then(|| rvalue(op))
            }
            BinaryOp::Div | BinaryOp::Rem => {
                if of_left.0 >= 0
                    && let Some(simpler) = by_power_of_two(op, left, right)
                {
                    return Some(simpler);
                }
                let is_not_zero = of_right.0 > 0 || of_right.1 < 0;
                let is_not_minus_one = !int.is_signed() || of_right.0 > -1 || of_right.1 < -1;
                let fits = is_not_minus_one || of_left.0 > int.min();
                (is_not_zero && fits).then(|| rvalue(op))
            }
            BinaryOp::Shl | BinaryOp::Shr => {
                (of_right.0 >= 0 && of_right.1 < i128::from(int.bits())).then(|| rvalue(op))
            }
            _ => None,
        }
    }
}

/// Division of a number that is not negative by a power of two is a shift, its remainder a mask.
fn by_power_of_two(op: BinaryOp, left: &Operand, right: &Operand) -> Option<Rvalue> {
    let Operand::Const(Const::Int(divisor, ty)) = right else { return None };
    if *divisor <= 0 || divisor.count_ones() != 1 {
        return None;
    }
    let constant = |value| Operand::Const(Const::Int(value, *ty));
    Some(match op {
        BinaryOp::Div => {
            Rvalue::Wrapping(BinaryOp::Shr, left.clone(), constant(divisor.trailing_zeros().into()))
        }
        _ => Rvalue::Binary(BinaryOp::BitAnd, left.clone(), constant(divisor - 1)),
    })
}

fn operand_int(function: &Function, operand: &Operand) -> Option<IntTy> {
    let ty = match operand {
        Operand::Const(constant) => constant.ty(),
        _ => function.locals[operand.place()?.as_local()?].ty,
    };
    match *ty.kind() {
        TyKind::Int(int) => Some(int),
        _ => None,
    }
}
