//! When operands must be read before they are used.
//!
//! An operand that names a place is read by the statement that uses it, which saves copies. That is wrong where
//! something evaluated in between changes the place, so such operands are kept in a temporary first.

use super::function::FunctionLowerer;
use crate::hir::{Arg, ExprId, ExprKind, FnKind, StringPart};
use crate::mir::{Operand, Place};
use crate::typeck::results::CallTarget;

impl FunctionLowerer<'_, '_> {
    /// Evaluates expressions in order, to be used together.
    pub fn operands(&mut self, exprs: &[ExprId]) -> Vec<Operand> {
        let mut operands = Vec::with_capacity(exprs.len());
        for (position, &expr) in exprs.iter().enumerate() {
            operands.push(self.operand_before(expr, &exprs[position + 1..]));
        }
        operands
    }

    /// Evaluates an expression whose value is used after `later` have been evaluated.
    pub fn operand_before(&mut self, expr: ExprId, later: &[ExprId]) -> Operand {
        let operand = self.operand(expr);
        let is_in_object = operand.place().is_some_and(|place| self.reads_var_field(place));
        let may_change = |&expr: &ExprId| {
            if is_in_object { self.may_run_code(expr) } else { self.may_change_places(expr) }
        };
        let is_changed = !self.is_stable(&operand) && later.iter().any(may_change);
        if is_changed { self.keep(operand, self.span(expr)) } else { operand }
    }

    /// Whether nothing can change what the operand reads.
    fn is_stable(&self, operand: &Operand) -> bool {
        operand.place().is_none_or(|place| self.is_stable_place(place))
    }

    /// Whether nothing can change the place.
    pub fn is_stable_place(&self, place: &Place) -> bool {
        !self.changing.contains(&place.local) && !self.reads_var_field(place)
    }

    /// Whether the place leads through a `var` field of an object, which any code may change.
    fn reads_var_field(&self, place: &Place) -> bool {
        self.builder.function().reads_var_field(self.program.definitions(), place)
    }

    /// Whether evaluating the expression may run code that changes objects: all but reading and computing.
    fn may_run_code(&self, expr: ExprId) -> bool {
        let any = |exprs: &[ExprId]| exprs.iter().any(|&expr| self.may_run_code(expr));
        match &self.body.exprs[expr].kind {
            ExprKind::Literal(_)
            | ExprKind::Local(_)
            | ExprKind::Fn(..)
            | ExprKind::Variant(..)
            | ExprKind::BareVariant(_)
            | ExprKind::TypeConst(..) => false,
            ExprKind::Field(base, _)
            | ExprKind::TupleField(base, ..)
            | ExprKind::Unary(_, base)
            | ExprKind::Cast(base, _) => self.may_run_code(*base),
            ExprKind::Index(left, right)
            | ExprKind::Binary(_, left, right)
            | ExprKind::And(left, right)
            | ExprKind::Or(left, right)
            | ExprKind::Range { start: left, end: right, .. } => any(&[*left, *right]),
            ExprKind::Tuple(items) | ExprKind::List(items) => any(items),
            _ => true,
        }
    }

    /// Whether evaluating the expression may change a variable of this function. What contains statements counts as if it
    /// did.
    pub fn may_change_places(&self, expr: ExprId) -> bool {
        let any = |exprs: &[ExprId]| exprs.iter().any(|&expr| self.may_change_places(expr));
        match &self.body.exprs[expr].kind {
            ExprKind::Literal(_)
            | ExprKind::Local(_)
            | ExprKind::Const(_)
            | ExprKind::Fn(..)
            | ExprKind::StaticFn(..)
            | ExprKind::Closure(_)
            | ExprKind::Variant(..)
            | ExprKind::BareVariant(_)
            | ExprKind::TypeConst(..)
            | ExprKind::Spawn { .. } => false,
            ExprKind::Interpolate(parts) => parts.iter().any(|part| match part {
                StringPart::Text(_) => false,
                StringPart::Value(value, _) => self.may_change_places(*value),
            }),
            ExprKind::Field(base, _)
            | ExprKind::TupleField(base, ..)
            | ExprKind::Unary(_, base)
            | ExprKind::Cast(base, _)
            | ExprKind::Try(base) => self.may_change_places(*base),
            ExprKind::Index(left, right)
            | ExprKind::Binary(_, left, right)
            | ExprKind::And(left, right)
            | ExprKind::Or(left, right)
            | ExprKind::Range { start: left, end: right, .. } => any(&[*left, *right]),
            ExprKind::Tuple(items) | ExprKind::List(items) => any(items),
            ExprKind::Dict(entries) => entries.iter().any(|&(key, value)| any(&[key, value])),
            // What is called may call closures, and those may change what they refer to.
            ExprKind::Call { .. } | ExprKind::StaticCall { .. } | ExprKind::MethodCall { .. }
                if !self.referenced.is_empty() =>
            {
                true
            }
            ExprKind::Call { args, .. }
            | ExprKind::Construct { args, .. }
            | ExprKind::StaticCall { args, .. } => self.args_may_change_places(args),
            ExprKind::MethodCall { receiver, args, .. } => {
                self.changes_receiver(expr)
                    || self.may_change_places(*receiver)
                    || self.args_may_change_places(args)
            }
            _ => true,
        }
    }

    fn args_may_change_places(&self, args: &[Arg]) -> bool {
        args.iter().any(|arg| arg.is_inout || self.may_change_places(arg.value))
    }

    fn changes_receiver(&self, call: ExprId) -> bool {
        match self.types.calls.get(&call).map(|call| &call.target) {
            Some(CallTarget::Fn(id, _)) => self.program.function(*id).kind == FnKind::MutMethod,
            _ => false,
        }
    }
}
