//! `if`, conditions, `match` and `?`.

use plat_syntax::source::Span;

use super::decision::{Row, Target};
use super::function::{Dest, FunctionLowerer};
use super::initialiser::Branches;
use crate::bug;
use crate::hir::{Arm, ExprId, ExprKind, FieldId, Leave, PatId, PatKind, UnaryOp, VariantId};
use crate::mir::{Argument, BlockId, Const, Operand, Place, Projection, Rvalue, TerminatorKind};
use crate::typeck::results::ErrorConversion;
use crate::types::TyKind;

/// What is matched.
enum Matched {
    /// A value.
    Whole(Place),
    /// The parts of a tuple.
    Parts(Vec<Place>),
}

impl FunctionLowerer<'_, '_> {
    /// Goes to `yes` if the condition holds, else to `no`. `and`, `or`, `not` and `let` become jumps.
    pub fn lower_condition(&mut self, condition: ExprId, yes: BlockId, no: BlockId) {
        let span = self.span(condition);
        match self.body.exprs[condition].kind {
            ExprKind::And(left, right) => {
                let second = self.builder.new_block();
                self.lower_condition(left, second, no);
                self.builder.switch_to(second);
                self.lower_condition(right, yes, no);
            }
            ExprKind::Or(left, right) => {
                let second = self.builder.new_block();
                self.lower_condition(left, yes, second);
                self.builder.switch_to(second);
                self.lower_condition(right, yes, no);
            }
            ExprKind::Unary(UnaryOp::Not, operand) => self.lower_condition(operand, no, yes),
            ExprKind::Let(pat, value) => {
                let place = self.scrutinee(value, false);
                let target = Target { guard: None, block: yes };
                self.decide(vec![Row::new(place, pat, 0)], &[target], Some(no), span);
            }
            _ => {
                let operand = self.operand(condition);
                self.builder.branch(operand, yes, no, span);
            }
        }
    }

    /// `if`
    pub fn lower_if(
        &mut self,
        dest: Dest,
        (condition, then, otherwise): (ExprId, ExprId, Option<ExprId>),
        branches: Branches,
        span: Span,
    ) {
        let [yes, end] = [(); 2].map(|()| self.builder.new_block());
        // `self` of an initialiser may have to become a value where there is no `else`.
        let has_else = otherwise.is_some() || branches.differ();
        let no = if has_else { self.builder.new_block() } else { end };
        self.lower_condition(condition, yes, no);
        self.builder.switch_to(yes);
        let bound = self.patterns_of_condition(condition);
        self.in_block(&bound, span, |this| this.lower_into(dest, then));
        self.end_branch(branches, span.shrink_to_end());
        self.builder.goto(end, span.shrink_to_end());
        if has_else {
            self.builder.switch_to(no);
            if let Some(otherwise) = otherwise {
                self.lower_into(dest, otherwise);
            }
            self.end_branch(branches, span.shrink_to_end());
            self.builder.goto(end, span.shrink_to_end());
        }
        self.builder.switch_to(end);
    }

    /// `match`: each arm's body stands once, however many ways lead to it.
    pub fn lower_match(&mut self, dest: Dest, scrutinee: ExprId, arms: &[Arm], branches: Branches) {
        let span = self.span(scrutinee);
        let has_guards = arms.iter().any(|arm| arm.guard.is_some());
        let matched = self.matched(scrutinee, arms, has_guards);
        let mut rows = Vec::with_capacity(arms.len());
        let mut targets = Vec::with_capacity(arms.len());
        for (position, arm) in arms.iter().enumerate() {
            match &matched {
                Matched::Whole(place) => rows.push(Row::new(place.clone(), arm.pat, position)),
                Matched::Parts(places) => self.push_rows_of_parts(&mut rows, places, arm.pat, position),
            }
            targets.push(Target { guard: arm.guard, block: self.builder.new_block() });
        }
        self.decide(rows, &targets, None, span);
        let end = self.builder.new_block();
        for (arm, target) in arms.iter().zip(targets) {
            self.builder.switch_to(target.block);
            self.in_block(&[arm.pat], arm.span, |this| this.lower_into(dest, arm.body));
            self.end_branch(branches, arm.span.shrink_to_end());
            self.builder.goto(end, arm.span.shrink_to_end());
        }
        self.builder.switch_to(end);
    }

    /// What arms are matched with. A tuple that is written out, and that no arm wants whole, is never made.
    fn matched(&mut self, scrutinee: ExprId, arms: &[Arm], has_guards: bool) -> Matched {
        match &self.body.exprs[scrutinee].kind {
            ExprKind::Tuple(items) if arms.iter().all(|arm| self.takes_tuple_apart(arm.pat)) => {
                let operands = self.operands(items);
                let places = operands.into_iter().zip(items).map(|(operand, &item)| {
                    let span = self.span(item);
                    let place = self.operand_place(operand, span);
                    self.settled(place, has_guards, span)
                });
                Matched::Parts(places.collect())
            }
            _ => Matched::Whole(self.scrutinee(scrutinee, has_guards)),
        }
    }

    fn takes_tuple_apart(&self, pat: PatId) -> bool {
        match &self.body.pats[pat].kind {
            PatKind::Wild | PatKind::Tuple(_) => true,
            PatKind::Or(alternatives) => alternatives.iter().all(|&pat| self.takes_tuple_apart(pat)),
            _ => false,
        }
    }

    /// The rows of an arm whose tuple patterns are matched part by part.
    fn push_rows_of_parts(&self, rows: &mut Vec<Row>, places: &[Place], pat: PatId, target: usize) {
        match &self.body.pats[pat].kind {
            PatKind::Tuple(items) => {
                rows.push(Row::of_parts(places.iter().cloned().zip(items.iter().copied()), target));
            }
            PatKind::Or(alternatives) => {
                for &alternative in alternatives {
                    self.push_rows_of_parts(rows, places, alternative, target);
                }
            }
            _ => rows.push(Row::of_parts(std::iter::empty(), target)),
        }
    }

    /// `value?`
    pub fn lower_try(&mut self, dest: Dest, expr: ExprId, value: ExprId) {
        let span = self.span(expr);
        let (ty, place) = (self.ty(value), self.scrutinee(value, false));
        let TyKind::Enum(id, _) = *ty.kind() else { bug!(span, "`?` on {ty:?}") };
        // Of both enums the variant that goes on is one, the one that returns the other: Some/None, Ok/Err.
        let is_option = id == self.program.option();
        let (go_on, give_up) = (VariantId(0), VariantId(1));
        let [on, up] = [(); 2].map(|()| self.builder.new_block());
        self.switch_on_variant(&place, vec![(i128::from(go_on.0), on)], up, span);
        self.builder.switch_to(up);
        let payload = |variant| Projection::VariantField(variant, FieldId(0));
        let fields = if is_option {
            Vec::new()
        } else {
            let error = self.use_place(place.clone().project(payload(give_up)));
            vec![self.converted_error(expr, error, span)]
        };
        let result = self.returned_ty();
        let failure = Rvalue::Aggregate(result, Some(give_up), fields);
        self.leave(Leave::Function, span, |this, dest| this.store(dest, result, failure, span));
        self.builder.switch_to(on);
        let success = self.use_place(place.project(payload(go_on)));
        if dest != Dest::Nothing {
            let ty = self.operand_ty(&success);
            self.store(dest, ty, Rvalue::Use(success), span);
        }
    }

    /// The error of a `?` as one of the function's type of errors.
    fn converted_error(&mut self, expr: ExprId, error: Operand, span: Span) -> Operand {
        let (ty, rvalue) = match self.types.error_conversions.get(&expr) {
            None => return error,
            Some(ErrorConversion::Interface(ty)) => {
                self.program.want_table(*ty);
                (*ty, Rvalue::Interface(*ty, error))
            }
            Some(ErrorConversion::From(from, type_args)) => {
                let converted = self.builder.temp(type_args[0]);
                let callee = self.program.callee(*from, type_args);
                self.builder.call(Some(converted.into()), callee, vec![Argument::Value(error)], span);
                return Operand::Use(converted.into());
            }
        };
        Operand::Use(self.builder.assign_temp(ty, rvalue, span).into())
    }

    /// Goes to the block of the variant that the enum at `place` is.
    pub fn switch_on_variant(
        &mut self,
        place: &Place,
        cases: Vec<(i128, BlockId)>,
        otherwise: BlockId,
        span: Span,
    ) {
        let discriminant = Rvalue::Discriminant(place.clone());
        let discriminant = self.builder.assign_temp(crate::types::Ty::int(), discriminant, span);
        let operand = Operand::Use(discriminant.into());
        self.builder.terminate(TerminatorKind::Switch(operand, cases, otherwise), span);
    }

    /// The value of a place.
    pub fn use_place(&self, place: Place) -> Operand {
        if self.place_ty(&place).is_unit() { Operand::Const(Const::Unit) } else { Operand::Use(place) }
    }
}
