//! `loop`, `while`, `for` and `break`.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::hir::{ExprId, ExprKind, FnKind, LoopId, Name, PatId, PatKind, TypeRef};
use crate::types::{Ty, TyKind};

use super::body::Checker;
use super::errors::control;
use super::expect::{BranchKind, Expect, Why};
use super::infer::{Unknown, VarKind};
use super::places::PlaceUse;
use super::results::{Iteration, IteratorCalls, Method};
use super::settle::{MatchCheck, MatchKind};
use super::signature::Called;

/// What is known of a loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoopState {
    /// Whether `break` may give it a value: only in `loop`.
    takes_value: bool,
    /// What its `break`s must give.
    expect: Expect,
    /// The type of the `break`s met so far, and where the first stands.
    breaks: Option<(Ty, Span)>,
}

impl Checker<'_, '_> {
    pub(super) fn infer_loop(&mut self, target: LoopId, body: ExprId, expect: Expect) -> Ty {
        let before = self.is_unreachable;
        self.loops[target] = Some(LoopState { takes_value: true, expect, breaks: None });
        self.drop_value(body);
        match self.loops[target].and_then(|state| state.breaks) {
            Some((ty, _)) => {
                self.is_unreachable = before;
                ty
            }
            None => self.common.never,
        }
    }

    pub(super) fn infer_while(&mut self, target: LoopId, condition: ExprId, body: ExprId) -> Ty {
        self.check_condition(condition);
        self.check_loop_body(target, body);
        self.common.unit
    }

    fn check_loop_body(&mut self, target: LoopId, body: ExprId) {
        let before = self.is_unreachable;
        self.loops[target] = Some(LoopState { takes_value: false, expect: Expect::Nothing, breaks: None });
        self.drop_value(body);
        self.is_unreachable = before;
    }

    pub(super) fn infer_for(
        &mut self,
        id: ExprId,
        target: LoopId,
        pat: PatId,
        declared: Option<TypeRef>,
        iterable: ExprId,
        body: ExprId,
    ) -> Ty {
        let element = self.check_iterable(id, iterable, declared);
        self.check_pattern(pat, element);
        self.pending.matches.push(MatchCheck::single(MatchKind::For, pat, self.pat_span(pat)));
        self.check_loop_body(target, body);
        self.common.unit
    }

    /// `for inout`: the names of the pattern stand for places in the list, which is in use throughout.
    pub(super) fn infer_for_inout(
        &mut self,
        target: LoopId,
        pat: PatId,
        declared: Option<TypeRef>,
        iterable: ExprId,
        body: ExprId,
    ) -> Ty {
        let found = self.infer_known(iterable);
        let lang = self.program.hir.lang;
        let mut is_place = false;
        let element = match *found.kind() {
            TyKind::Struct(id, args) if Some(id) == lang.list => {
                is_place = self.require_changing_place(iterable);
                args[0]
            }
            TyKind::Struct(id, args) if Some(id) == lang.dict => {
                is_place = self.require_changing_place(iterable);
                self.check_entry_pattern(pat);
                Ty::tuple(args)
            }
            TyKind::Error | TyKind::Never => self.common.error,
            _ => {
                let name = self.show(found);
                self.fail(control::not_changeable_in_place(self.span(iterable), &name))
            }
        };
        if let Some(declared) = declared {
            self.coerce(iterable, element, declared.ty, Why::Annotation(declared.span));
        }
        self.check_pattern(pat, declared.map_or(element, |declared| declared.ty));
        self.pending.matches.push(MatchCheck::single(MatchKind::For, pat, self.pat_span(pat)));
        self.check_loop_body(target, body);
        if is_place {
            self.check_uses_in_loop(iterable, body);
        }
        self.common.unit
    }

    /// Reports what a `for inout` cannot change, and says whether uses of it in the loop can be seen here. Those of what is in an object are
    /// found while the program runs.
    fn require_changing_place(&mut self, iterable: ExprId) -> bool {
        self.require_place(iterable, PlaceUse::ForInout) && !self.leads_through_object(iterable)
    }

    /// The pattern of a `for inout` over a dict takes each entry apart: its key stays, its value may be changed.
    fn check_entry_pattern(&mut self, pat: PatId) {
        match &self.body.pats[pat].kind {
            PatKind::Tuple(parts) => {
                let Some(&key) = parts.first() else { return };
                self.body.for_each_bound(key, &mut |local| self.locals[local].is_key = true);
            }
            PatKind::Error => {}
            _ => self.emit(control::entry_as_a_whole(self.pat_span(pat))),
        }
    }

    /// The type of the elements, which is the declared one where there is one.
    fn check_iterable(&mut self, id: ExprId, iterable: ExprId, declared: Option<TypeRef>) -> Ty {
        let found = self.infer(iterable, self.range_hint(iterable, declared));
        let Some((iteration, element)) = self.iteration(id, iterable, found) else {
            return declared.map_or(self.common.error, |declared| declared.ty);
        };
        self.types.iterations.insert(id, iteration);
        if let Some(declared) = declared {
            self.coerce_place(iterable, element, declared.ty, Why::Annotation(declared.span));
            return declared.ty;
        }
        element
    }

    /// The type written for the elements says what the literals in a range are.
    fn range_hint(&self, iterable: ExprId, declared: Option<TypeRef>) -> Expect {
        match (&self.expr(iterable).kind, declared, self.program.hir.lang.range) {
            (ExprKind::Range { .. }, Some(declared), Some(range)) => {
                Expect::Value(Ty::structure(range, &[declared.ty]), Why::Annotation(declared.span))
            }
            _ => Expect::Nothing,
        }
    }

    /// How a value is iterated over, and what its elements are.
    fn iteration(&mut self, id: ExprId, iterable: ExprId, found: Ty) -> Option<(Iteration, Ty)> {
        let lang = self.program.hir.lang;
        let found = self.infer.shallow(found);
        match *found.kind() {
            TyKind::Error | TyKind::Never => return None,
            TyKind::Struct(id, args) if Some(id) == lang.list => return Some((Iteration::List, args[0])),
            TyKind::Struct(id, args) if Some(id) == lang.channel => {
                return Some((Iteration::Channel, args[0]));
            }
            TyKind::Struct(id, args) if Some(id) == lang.range => {
                self.require(args[0], super::settle::Need::Countable, self.span(iterable));
                return Some((Iteration::Range, args[0]));
            }
            _ => {}
        }
        if let Some((calls, element)) = self.iterator_calls(found, self.span(iterable)) {
            self.types.iterators.insert(id, calls);
            return Some((Iteration::Iterator, element));
        }
        let name = self.show(found);
        let is_int = matches!(self.infer.with_defaults(found).kind(), TyKind::Int(_));
        self.emit(control::not_iterable(self.span(iterable), &name, is_int));
        None
    }

    /// What a loop through a value of this type calls, and the type of the elements.
    fn iterator_calls(&mut self, found: Ty, span: Span) -> Option<(IteratorCalls, Ty)> {
        if let Some((next, element)) = self.next_method(found, span) {
            return Some((IteratorCalls { make: None, next, ty: found }, element));
        }
        let (make, ty) = self.plain_method(found, "iterator", FnKind::Method, span)?;
        let (next, element) = self.next_method(ty, span)?;
        Some((IteratorCalls { make: Some(make), next, ty }, element))
    }

    /// The method `next` of an iterator, and the type of its elements.
    fn next_method(&mut self, ty: Ty, span: Span) -> Option<(Method, Ty)> {
        let (next, result) = self.plain_method(ty, "next", FnKind::MutMethod, span)?;
        match *result.kind() {
            TyKind::Enum(id, args) if Some(id) == self.program.hir.lang.option => Some((next, args[0])),
            _ => None,
        }
    }

    /// The method of this name, kind and no parameters, and its result.
    fn plain_method(&mut self, ty: Ty, name: &str, kind: FnKind, span: Span) -> Option<(Method, Ty)> {
        let found = self.find_member(ty, Name { symbol: Symbol::intern(name), span }).ok()?;
        let id = found.function;
        let function = self.program.function(id);
        if function.kind != kind || !function.params.is_empty() {
            return None;
        }
        let type_args = self.type_args_of_fn(id, &[], span);
        self.unify_owner(&found, &type_args, ty);
        self.require_bounds(&function.type_params, &type_args, Called::Fn(id), span);
        let result = self.program.declared_result(id).substitute(&type_args);
        Some((Method { id, type_args }, self.infer.shallow(result)))
    }

    pub(super) fn infer_break(&mut self, id: ExprId, target: LoopId, value: Option<ExprId>) -> Ty {
        let Some(state) = self.loops[target] else {
            // The label was wrong, which has been reported.
            value.map(|value| self.infer(value, Expect::Nothing));
            return self.common.never;
        };
        match value {
            Some(value) if !state.takes_value => {
                self.infer(value, Expect::Nothing);
                self.emit(control::break_value_outside_loop(self.span(value)));
            }
            Some(value) => {
                let ty = self.infer_break_value(value, state);
                self.record_break(target, ty, self.span(value));
            }
            None => self.break_without_value(id, target, state),
        }
        self.common.never
    }

    fn infer_break_value(&mut self, value: ExprId, state: LoopState) -> Ty {
        match (state.expect, state.breaks) {
            (Expect::Value(ty, why), _) => self.check(value, ty, why),
            (Expect::Dropped, _) => {
                self.drop_value(value);
                self.common.unit
            }
            (Expect::Nothing, Some((ty, first))) => {
                self.check(value, ty, Why::Branch(BranchKind::Break, first))
            }
            (Expect::Nothing, None) => self.infer(value, Expect::Nothing),
        }
    }

    fn break_without_value(&mut self, id: ExprId, target: LoopId, state: LoopState) {
        let expected = match (state.expect, state.breaks) {
            (Expect::Value(ty, _), _) | (Expect::Nothing, Some((ty, _))) if state.takes_value => Some(ty),
            _ => None,
        };
        if let Some(expected) = expected
            && !self.infer.try_unify(expected, self.common.unit)
        {
            let name = self.show(expected);
            self.emit(control::break_without_value(self.span(id), state.breaks.map(|(_, span)| span), &name));
            return self.record_break(target, expected, self.span(id));
        }
        self.record_break(target, self.common.unit, self.span(id));
    }

    fn record_break(&mut self, target: LoopId, ty: Ty, span: Span) {
        let Some(state) = &mut self.loops[target] else { return };
        let is_first = state.breaks.is_none_or(|(known, _)| known.is_never());
        if is_first {
            state.breaks = Some((ty, span));
        }
    }

    /// A new unknown for a part of an expression or pattern.
    pub(super) fn unknown(&mut self, span: Span) -> Ty {
        self.infer.fresh(VarKind::Any, Unknown::Value, span)
    }
}
