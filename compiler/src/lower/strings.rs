//! Strings that are put together: by interpolation, `+` and `+=`. A builder is appended to piece by piece, so that
//! adding to a string which nobody shares costs no more than what is added.

use plat_abi::functions::RuntimeFn;
use plat_abi::layout::FormatSpec;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::function::{Dest, FunctionLowerer};
use super::place::{Access, Path};
use crate::hir::{BinaryOp, ExprId, ExprKind, StringPart};
use crate::mir::{Argument, Callee, Const, Glue, Local, Operand, Rvalue};
use crate::types::Ty;

/// Something to append to a string.
enum Piece {
    Text(Symbol),
    /// A string as it is.
    String(ExprId),
    /// A value to display.
    Value(ExprId, FormatSpec),
}

impl Piece {
    fn expr(&self) -> Option<ExprId> {
        match *self {
            Self::Text(_) => None,
            Self::String(expr) | Self::Value(expr, _) => Some(expr),
        }
    }
}

impl FunctionLowerer<'_, '_> {
    /// `"text ${value:format}"`
    pub fn lower_interpolation(&mut self, dest: Dest, parts: &[StringPart], span: Span) {
        if let Some(rvalue) = self.lone_string(parts) {
            return self.store(dest, Ty::string(), rvalue, span);
        }
        let empty = Rvalue::Use(Operand::Const(Const::String(Symbol::intern(""))));
        let builder = self.builder.assign_temp(Ty::string(), empty, span);
        for part in parts {
            match part {
                StringPart::Text(text) => self.append_text(builder, *text, span),
                StringPart::Value(value, spec) => self.append_value(builder, *value, *spec),
            }
        }
        self.store(dest, Ty::string(), Rvalue::Use(Operand::Use(builder.into())), span);
    }

    /// The value of an interpolation that only contains text, or one string as it is.
    fn lone_string(&mut self, parts: &[StringPart]) -> Option<Rvalue> {
        match *parts {
            [] => Some(Rvalue::Use(Operand::Const(Const::String(Symbol::intern(""))))),
            [StringPart::Text(text)] => Some(Rvalue::Use(Operand::Const(Const::String(text)))),
            [StringPart::Value(value, spec)]
                if spec == FormatSpec::default() && self.ty(value) == Ty::string() =>
            {
                Some(Rvalue::Use(self.operand(value)))
            }
            _ => None,
        }
    }

    /// `left + right`, where the left side may be such a sum itself.
    pub fn lower_concatenation(&mut self, dest: Dest, left: ExprId, right: ExprId, span: Span) {
        let terms = self.terms(left, right);
        let mut operands = self.operands(&terms).into_iter().map(Argument::Value);
        let first: Vec<_> = operands.by_ref().take(2).collect();
        let concat = Callee::Runtime(RuntimeFn::string_concat);
        if operands.len() == 0 {
            return self.call_into(dest, Ty::string(), concat, first, span);
        }
        let builder = self.builder.temp(Ty::string());
        self.builder.call(Some(builder.into()), concat, first, span);
        for operand in operands {
            let args = vec![Argument::Place(builder.into()), operand];
            self.builder.call(None, Callee::Runtime(RuntimeFn::string_push), args, span);
        }
        self.store(dest, Ty::string(), Rvalue::Use(Operand::Use(builder.into())), span);
    }

    /// What a sum of strings adds up.
    fn terms(&self, left: ExprId, right: ExprId) -> Vec<ExprId> {
        let mut terms = vec![right];
        let mut first = left;
        while let ExprKind::Binary(BinaryOp::Add, left, right) = self.body.exprs[first].kind {
            terms.push(right);
            first = left;
        }
        terms.push(first);
        terms.reverse();
        terms
    }

    /// What `variable = variable + a + b` adds to the variable.
    pub fn added_to_itself(&self, target: ExprId, value: ExprId) -> Option<Vec<ExprId>> {
        let (ExprKind::Local(variable), ExprKind::Binary(BinaryOp::Add, left, right)) =
            (&self.body.exprs[target].kind, &self.body.exprs[value].kind)
        else {
            return None;
        };
        if self.ty(target) != Ty::string() {
            return None;
        }
        let mut terms = self.terms(*left, *right);
        let first = terms.remove(0);
        let is_itself = matches!(self.body.exprs[first].kind, ExprKind::Local(local) if local == *variable);
        is_itself.then_some(terms)
    }

    /// Appends values to the string at a place, all of which are evaluated before.
    pub fn lower_append(&mut self, target: &Path, values: &[ExprId], span: Span) {
        let pieces = self.pieces(values);
        let exprs: Vec<_> = pieces.iter().filter_map(Piece::expr).collect();
        let mut operands = Vec::with_capacity(exprs.len());
        for (position, &expr) in exprs.iter().enumerate() {
            let operand = self.operand_before(expr, &exprs[position + 1..]);
            let reads_target = operand.place().is_some_and(|place| target.may_overlap(place));
            operands.push(if reads_target { self.keep(operand, self.span(expr)) } else { operand });
        }
        let place = self.take(target, Access::Pass);
        let mut operands = operands.into_iter();
        for piece in pieces {
            let builder = Argument::Place(place.clone());
            let (callee, args) = match piece {
                Piece::Text(text) => {
                    let text = Argument::Value(Operand::Const(Const::String(text)));
                    (Callee::Runtime(RuntimeFn::string_push), vec![builder, text])
                }
                Piece::String(_) => {
                    let text = operands.next().map(Argument::Value);
                    (Callee::Runtime(RuntimeFn::string_push), [builder].into_iter().chain(text).collect())
                }
                Piece::Value(value, spec) => {
                    let operand = operands.next().map(Argument::Value);
                    let spec = Argument::Value(Operand::Const(Const::Format(spec)));
                    let args = [builder].into_iter().chain(operand).chain([spec]).collect();
                    (Callee::Glue(Glue::Display, self.ty(value)), args)
                }
            };
            self.builder.call(None, callee, args, span);
        }
    }

    /// The pieces of strings: those of an interpolated one by themselves.
    fn pieces(&self, values: &[ExprId]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for &value in values {
            let ExprKind::Interpolate(parts) = &self.body.exprs[value].kind else {
                pieces.push(Piece::String(value));
                continue;
            };
            pieces.extend(parts.iter().map(|part| match *part {
                StringPart::Text(text) => Piece::Text(text),
                StringPart::Value(value, spec) => Piece::Value(value, spec),
            }));
        }
        pieces
    }

    fn append_text(&mut self, builder: Local, text: Symbol, span: Span) {
        let text = Argument::Value(Operand::Const(Const::String(text)));
        let args = vec![Argument::Place(builder.into()), text];
        self.builder.call(None, Callee::Runtime(RuntimeFn::string_push), args, span);
    }

    fn append_value(&mut self, builder: Local, value: ExprId, spec: FormatSpec) {
        let (ty, span) = (self.ty(value), self.span(value));
        let operand = self.operand(value);
        let spec = Argument::Value(Operand::Const(Const::Format(spec)));
        let args = vec![Argument::Place(builder.into()), Argument::Value(operand), spec];
        let callee = self.program.glue(Glue::Display, ty);
        self.builder.call(None, callee, args, span);
    }
}
