//! Tuples, lists, ranges, structs and variants put together.

use plat_syntax::source::Span;

use super::function::{Dest, FunctionLowerer};
use crate::bug;
use crate::hir::ExprId;
use crate::mir::{Argument, Const, Operand, Place, Projection, Rvalue, StatementKind};
use crate::types::{Ty, TyKind};

impl FunctionLowerer<'_, '_> {
    /// `(a, b)`
    pub fn lower_tuple(&mut self, dest: Dest, ty: Ty, items: &[ExprId], span: Span) {
        let operands = self.operands(items);
        if !operands.is_empty() {
            self.store(dest, ty, Rvalue::Aggregate(ty, None, operands), span);
        }
    }

    /// `a..b`
    pub fn lower_range(&mut self, dest: Dest, ty: Ty, ends: [ExprId; 2], inclusive: bool, span: Span) {
        let mut operands = self.operands(&ends);
        operands.push(Operand::Const(Const::Bool(inclusive)));
        self.store(dest, ty, Rvalue::Aggregate(ty, None, operands), span);
    }

    /// `[a, b]`. All elements are evaluated before there is a list, so that what panics leaves no half of one.
    pub fn lower_list(&mut self, dest: Dest, ty: Ty, items: &[ExprId], span: Span) {
        let TyKind::Struct(_, [element]) = *ty.kind() else { bug!(span, "a list of type {ty:?}") };
        let operands = self.operands(items);
        let buffer_ty = Ty::new(TyKind::Buffer(*element));
        let length = Self::int(operands.len() as i128);
        let capacity = Rvalue::NewBuffer(buffer_ty, length.clone());
        let buffer = Place::from(self.builder.assign_temp(buffer_ty, capacity, span));
        if !operands.is_empty() {
            self.fill(&buffer, operands, span);
            self.builder.push(StatementKind::SetLength(buffer.clone(), length), span);
        }
        self.store(dest, ty, Rvalue::Aggregate(ty, None, vec![Operand::Use(buffer)]), span);
    }

    /// Puts the first elements into a new buffer. One local is the index of all, so that a long list is not a long list of
    /// locals.
    fn fill(&mut self, buffer: &Place, elements: Vec<Operand>, span: Span) {
        let index = self.builder.temp(Ty::int());
        for (position, element) in elements.into_iter().enumerate() {
            self.builder.assign(index, Rvalue::Use(Self::int(position as i128)), span);
            let place = buffer.clone().project(Projection::Element(index));
            self.builder.push(StatementKind::Init(place, Rvalue::Use(element)), span);
        }
    }

    /// `[key: value]`: entries are inserted as they are evaluated, so a later one replaces an earlier one of the same key.
    pub fn lower_dict(&mut self, dest: Dest, ty: Ty, entries: &[(ExprId, ExprId)], span: Span) {
        let TyKind::Struct(_, args) = *ty.kind() else { bug!(span, "a dict of type {ty:?}") };
        let [make, insert] = self.program.dict_members();
        let dict = self.builder.temp(ty);
        let callee = self.program.callee(make, args);
        let capacity = Argument::Value(Self::int(entries.len() as i128));
        self.builder.call(Some(dict.into()), callee, vec![capacity], span);
        for &(key, value) in entries {
            let at = self.span(key).to(self.span(value));
            let key = self.operand_before(key, &[value]);
            let value = self.operand(value);
            let callee = self.program.callee(insert, args);
            let previous = self.builder.temp(self.program.result_ty(insert).substitute(args));
            let args = vec![Argument::Place(dict.into()), Argument::Value(key), Argument::Value(value)];
            self.builder.call(Some(previous.into()), callee, args, at);
        }
        self.store(dest, ty, Rvalue::Use(Operand::Use(dict.into())), span);
    }

    /// A variant without arguments.
    pub fn lower_bare_variant(&mut self, dest: Dest, expr: ExprId) {
        let (ty, span) = (self.ty(expr), self.span(expr));
        let Some(&variant) = self.types.variants.get(&expr) else { bug!(span, "which variant?") };
        self.store(dest, ty, Rvalue::Aggregate(ty, Some(variant), Vec::new()), span);
    }
}
