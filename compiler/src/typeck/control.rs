//! `if`, `and`, `or`, `return` and `?`.

use plat_syntax::source::Span;

use crate::hir::{Bound, EnumId, ExprId, ExprKind, FnKind, InterfaceRef};
use crate::types::{Ty, TyKind};

use super::ErrorConversion;
use super::body::Checker;
use super::errors::control;
use super::expect::{BranchKind, Expect, Why};
use super::infer::{Unknown, VarKind};

impl Checker<'_, '_> {
    pub(super) fn infer_if(
        &mut self,
        id: ExprId,
        condition: ExprId,
        then: ExprId,
        otherwise: Option<ExprId>,
        expect: Expect,
    ) -> Ty {
        self.check_condition(condition);
        let before = self.is_unreachable;
        let Some(otherwise) = otherwise else {
            self.drop_value(then);
            self.is_unreachable = before;
            return self.if_without_else(id, expect);
        };
        let first = self.infer_branch(then, expect);
        let first_ends = self.is_unreachable;
        self.is_unreachable = before;
        let ty = self.join_branch(otherwise, first, expect, BranchKind::If, then);
        self.is_unreachable = before || (first_ends && self.is_unreachable);
        ty
    }

    fn if_without_else(&mut self, id: ExprId, expect: Expect) -> Ty {
        if let Expect::Value(expected, why) = expect
            && !self.infer.try_unify(expected, self.common.unit)
        {
            let expected_name = self.show(expected);
            let diagnostic = control::missing_else_for(self.span(id), &expected_name);
            let diagnostic = self.label_expected(diagnostic, &expected_name, why);
            self.emit(diagnostic);
            return expected;
        }
        self.common.unit
    }

    /// A branch of an `if` or arm of a `match`: of the expected type, if there is one.
    pub(super) fn infer_branch(&mut self, branch: ExprId, expect: Expect) -> Ty {
        match expect {
            Expect::Value(ty, _) if ty.is_unit() => self.drop_branch(branch),
            Expect::Value(ty, why) => self.check(branch, ty, why),
            Expect::Nothing => self.infer(branch, Expect::Nothing),
            Expect::Dropped => self.drop_branch(branch),
        }
    }

    fn drop_branch(&mut self, branch: ExprId) -> Ty {
        self.drop_value(branch);
        if self.types.exprs[branch].is_never() { self.common.never } else { self.common.unit }
    }

    /// A further branch, where `common` is the type of those before it, of which `first` was the first to have one.
    pub(super) fn join_branch(
        &mut self,
        branch: ExprId,
        common: Ty,
        expect: Expect,
        kind: BranchKind,
        first: ExprId,
    ) -> Ty {
        match expect {
            Expect::Nothing if !common.is_never() => {
                self.check(branch, common, Why::Branch(kind, self.value_span(first)));
                common
            }
            _ => {
                let ty = self.infer_branch(branch, expect);
                if ty.is_never() { common } else { ty }
            }
        }
    }

    /// Where the value of an expression is written: the tail of a block rather than all of it.
    pub(super) fn value_span(&self, id: ExprId) -> Span {
        self.span(self.value_of(id))
    }

    /// The expression that gives a block its value.
    pub(super) fn value_of(&self, mut id: ExprId) -> ExprId {
        while let ExprKind::Block(block) = &self.expr(id).kind {
            let Some(tail) = block.tail else { break };
            id = tail;
        }
        id
    }

    /// A condition of `if` or `while`, or a guard: a `Bool`, or `let pattern = value`.
    pub(super) fn check_condition(&mut self, condition: ExprId) {
        self.check(condition, self.common.bool, Why::Condition);
    }

    pub(super) fn infer_logical(&mut self, left: ExprId, right: ExprId) -> Ty {
        self.check_condition(left);
        let before = self.is_unreachable;
        self.check_condition(right);
        self.is_unreachable = before;
        self.common.bool
    }

    pub(super) fn infer_return(&mut self, id: ExprId, value: Option<ExprId>) -> Ty {
        let Some(exit) = self.exits.last().copied() else { return self.common.never };
        if self.function.kind == FnKind::Deinit && self.exits.len() == 1 {
            self.emit(control::return_in_deinit(self.span(id)));
        }
        match value {
            Some(value) => {
                self.check(value, exit.ty, exit.why);
            }
            None if self.infer.try_unify(exit.ty, self.common.unit) => {}
            None => {
                let expected = self.show(exit.ty);
                let diagnostic = control::return_without_value(self.span(id), &expected);
                let diagnostic = self.label_expected(diagnostic, &expected, exit.why);
                self.emit(diagnostic);
            }
        }
        self.note_return(self.value_or(id, value));
        self.common.never
    }

    fn value_or(&self, id: ExprId, value: Option<ExprId>) -> Span {
        self.span(value.unwrap_or(id))
    }

    /// `value?`: the content of `Some` or `Ok`; otherwise the function, or the task's body, ends with the rest.
    pub(super) fn infer_try(&mut self, id: ExprId, value: ExprId) -> Ty {
        let found = self.infer(value, Expect::Nothing);
        let found = self.infer.shallow(found);
        let lang = self.program.hir.lang;
        match *found.kind() {
            TyKind::Error => self.common.error,
            TyKind::Never => self.common.never,
            TyKind::Enum(option, args) if Some(option) == lang.option => self.try_option(id, option, args),
            TyKind::Enum(result, args) if Some(result) == lang.result => self.try_result(id, result, args),
            _ => {
                let name = self.show(found);
                self.fail(control::try_on_other(self.span(value), &name))
            }
        }
    }

    fn try_option(&mut self, id: ExprId, option: EnumId, args: &[Ty]) -> Ty {
        let any = self.infer.fresh(VarKind::Any, Unknown::Value, self.span(id));
        let expected = Ty::enumeration(option, &[any]);
        self.end_with(id, expected, args[0]);
        args[0]
    }

    fn try_result(&mut self, id: ExprId, result: EnumId, args: &[Ty]) -> Ty {
        if let Some(wanted) = self.other_error(result, args[1]) {
            self.convert_error(id, args[1], wanted);
            return args[0];
        }
        let any = self.infer.fresh(VarKind::Any, Unknown::Value, self.span(id));
        let expected = Ty::enumeration(result, &[any, args[1]]);
        self.end_with(id, expected, args[0]);
        args[0]
    }

    /// The type of the function's errors, if it is known and another one than this.
    fn other_error(&mut self, result: EnumId, error: Ty) -> Option<Ty> {
        let exit = self.infer.shallow(self.exits.last()?.ty);
        let wanted = match *exit.kind() {
            TyKind::Enum(id, args) if id == result => self.infer.shallow(args[1]),
            _ => return None,
        };
        (!wanted.has_error() && !self.infer.try_unify(error, wanted)).then_some(wanted)
    }

    /// Makes an error one of the function's type of errors: a value of an interface, or what `From` makes of it.
    fn convert_error(&mut self, id: ExprId, error: Ty, wanted: Ty) {
        let (error, wanted) = (self.infer.deep(error), self.infer.deep(wanted));
        if error.has_error() {
            return;
        }
        let conversion = match wanted.as_interface() {
            Some(interface) if self.is_bound_met(error, Bound::Interface(interface)) => {
                Some(ErrorConversion::Interface(wanted))
            }
            _ => self.conversion_by_from(error, wanted),
        };
        match conversion {
            Some(conversion) => {
                self.types.error_conversions.insert(id, conversion);
            }
            None => self.report_error_conversion(id, error, wanted),
        }
    }

    fn conversion_by_from(&self, error: Ty, wanted: Ty) -> Option<ErrorConversion> {
        let from = self.program.hir.lang.from?;
        let bound = Bound::Interface(InterfaceRef { id: from, args: Ty::list(&[error]) });
        let method = *self.program.definitions().interfaces[from].members.first()?;
        self.is_bound_met(wanted, bound).then(|| ErrorConversion::From(method, vec![wanted, error]))
    }

    fn report_error_conversion(&mut self, id: ExprId, error: Ty, wanted: Ty) {
        let (given, returned) = (self.show(error), self.show(wanted));
        let mut diagnostic = control::try_error_differs(self.span(id), &given, &returned);
        if let Some(exit) = self.exits.last().copied() {
            let shown = self.show(exit.ty);
            diagnostic = self.label_expected(diagnostic, &shown, exit.why);
        }
        diagnostic = match wanted.as_interface() {
            Some(interface) => self.explain_obstacle(diagnostic, error, Bound::Interface(interface)),
            None => control::suggest_from(diagnostic, &given, &returned),
        };
        self.emit(diagnostic);
    }

    /// Checks that the function, or the task's body, may end with a value of the type `rest`.
    fn end_with(&mut self, id: ExprId, rest: Ty, content: Ty) {
        let Some(exit) = self.exits.last().copied() else { return };
        if self.infer.try_unify(exit.ty, rest) {
            return;
        }
        // Nothing will bind the part that is not known: the message is about the part that is.
        if let Some(&part) = rest.parts().first() {
            self.infer.try_unify(part, content);
        }
        let (gives, returns) = (self.show(rest), self.show(exit.ty));
        let same_kind = match (self.infer.shallow(exit.ty).kind(), rest.kind()) {
            (TyKind::Enum(returned, left), TyKind::Enum(given, right)) if returned == given => {
                left.last().copied().zip(right.last().copied())
            }
            _ => None,
        };
        let diagnostic = match same_kind {
            Some((returned, given)) => {
                control::try_error_differs(self.span(id), &self.show(given), &self.show(returned))
            }
            None => control::try_cannot_end(self.span(id), &gives, &returns, exit.kind),
        };
        let diagnostic = self.label_expected(diagnostic, &returns, exit.why);
        self.emit(diagnostic);
    }
}
