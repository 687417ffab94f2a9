//! Closures, functions as values, and calls of both.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::hir::{
    AggregateId, Arg, Closure, ClosureForm, ClosureParam, ExprId, ExprKind, Name, ParamMode, PatKind,
};
use crate::types::{FnSig, Sharing, Ty, TyKind};

use super::body::Checker;
use super::errors::{calls, closures as errors};
use super::expect::{Expect, Why};
use super::infer::{Unknown, VarKind};
use super::signature::{Called, Signature, Slot};
use super::tasks::{Exit, ExitKind};
use super::{CallTarget, ResolvedCall};

impl Checker<'_, '_> {
    /// `|x| x + 1`: parameters and result are what is written, else what is expected, else what the body says.
    pub(super) fn infer_closure(&mut self, id: ExprId, closure: &Closure, expect: Expect) -> Ty {
        let expected = expect.hint().and_then(|hint| self.infer.shallow(hint).signature());
        if !closure.leaves.is_empty() {
            return self.infer_limited_body(closure, expected.map(FnSig::result), expect);
        }
        if let Some(expected) = expected
            && expected.modes().len() != closure.params.len()
        {
            return self.wrong_param_count(id, closure, expected);
        }
        let is_of_mistake = expect.hint() == Some(self.common.error);
        let mut given = expected.into_iter().flat_map(FnSig::params);
        let params: Vec<_> = closure
            .params
            .iter()
            .map(|param| self.closure_param(param, given.next(), is_of_mistake))
            .collect();
        let exit = self.closure_exit(id, closure, expected.map(FnSig::result), expect);
        let before = std::mem::replace(&mut self.is_unreachable, false);
        self.exits.push(exit);
        for (param, &(_, ty)) in closure.params.iter().zip(&params) {
            self.check_pattern(param.pat, ty);
        }
        self.check_body_of(closure.body, exit);
        if self.types.exprs[closure.body].is_never() {
            self.pending.endless.push(exit.ty);
        }
        self.exits.pop();
        self.is_unreachable = before;
        Ty::function(&params, exit.ty, Sharing::Transfer)
    }

    fn wrong_param_count(&mut self, id: ExprId, closure: &Closure, expected: FnSig) -> Ty {
        let shown = self.show(Ty::new(TyKind::Fn(expected)));
        let (found, wanted) = (closure.params.len(), expected.modes().len());
        let diagnostic = errors::wrong_param_count(self.closure_head(id, closure), found, wanted, &shown);
        self.fail(diagnostic)
    }

    /// What stands before a closure's body; of a block its opening brace.
    fn closure_head(&self, id: ExprId, closure: &Closure) -> Span {
        let (whole, body) = (self.span(id), self.span(closure.body));
        match closure.form {
            ClosureForm::Bars => Span { end: body.start.max(whole.start + 1), ..whole },
            ClosureForm::Block | ClosureForm::Scope | ClosureForm::Transaction => {
                Span { end: whole.start + 1, ..whole }
            }
        }
    }

    /// How a parameter is passed, and its type. What is not written comes from what is expected.
    /// Of a closure that belongs to a mistake nothing more is said.
    fn closure_param(
        &mut self,
        param: &ClosureParam,
        expected: Option<(ParamMode, Ty)>,
        is_of_mistake: bool,
    ) -> (ParamMode, Ty) {
        let span = self.pat_span(param.pat);
        let mode = match (param.mode, expected) {
            (ParamMode::Value, Some((ParamMode::Move, _))) => ParamMode::Move,
            (ParamMode::Inout, Some((ParamMode::Value | ParamMode::Move, _))) => {
                self.emit(errors::unexpected_inout(span));
                ParamMode::Value
            }
            (ParamMode::Value | ParamMode::Move, Some((ParamMode::Inout, _))) => {
                self.emit(errors::missing_inout(span));
                ParamMode::Inout
            }
            (mode, _) => mode,
        };
        let ty = match (param.ty, expected) {
            (Some(written), Some((_, expected))) => {
                self.infer.try_unify(written.ty, expected);
                written.ty
            }
            (Some(written), None) => written.ty,
            (None, Some((_, expected))) => expected,
            (None, None) if is_of_mistake => self.common.error,
            (None, None) => {
                let what = match self.body.pats[param.pat].kind {
                    PatKind::Bind(local) => Unknown::Param(self.local_name(local)),
                    _ => Unknown::Value,
                };
                self.infer.fresh(VarKind::Any, what, span)
            }
        };
        (mode, ty)
    }

    fn closure_exit(&mut self, id: ExprId, closure: &Closure, expected: Option<Ty>, expect: Expect) -> Exit {
        let captures = self.copying_closures.contains(&id);
        let kind = if captures { ExitKind::CopyingClosure } else { ExitKind::Closure };
        let (ty, why) = match (closure.result, expected, expect) {
            (Some(written), ..) => (written.ty, Why::Annotation(written.span)),
            (None, Some(result), Expect::Value(_, why)) => (result, why.of_closure_result()),
            _ => (self.unknown(self.span(closure.body)), Why::Plain),
        };
        Exit { ty, why, kind }
    }

    /// A call of what an expression gives.
    pub(super) fn call_value(&mut self, id: ExprId, callee: ExprId, args: &[Arg], expect: Expect) -> Ty {
        let found = self.infer_known(callee);
        if found == self.common.error || found.is_never() {
            self.infer_arguments(args);
            return found;
        }
        let Some(signature) = found.signature() else {
            self.infer_arguments(args);
            let ty = self.show(found);
            return self.fail(calls::not_callable(self.span(callee), &ty));
        };
        let name = match self.expr(callee).kind {
            ExprKind::Local(local) => self.local_name(local),
            ExprKind::Field(_, name) => name.symbol,
            _ => Symbol::intern("_"),
        };
        self.call_signature(id, signature, name, CallTarget::Value, args, expect)
    }

    /// A call of a function value of this type.
    pub(super) fn call_signature(
        &mut self,
        id: ExprId,
        signature: FnSig,
        name: Symbol,
        target: CallTarget,
        args: &[Arg],
        expect: Expect,
    ) -> Ty {
        let span = self.span(id);
        let slot = |(mode, ty)| Slot { name: None, span, mode, is_generic: false, ty, default: None };
        let slots = signature.params().map(slot).collect();
        let signature = Signature { called: Called::Value(name), slots, result: signature.result() };
        let sources = self.check_arguments(id, &signature, args, expect, None);
        self.types.calls.insert(id, ResolvedCall { target, args: sources });
        signature.result
    }

    /// The field of this name, if this body may use it and it holds a function.
    pub(super) fn function_field(&self, ty: Ty, name: Name) -> Option<(crate::hir::FieldId, FnSig)> {
        let (aggregate, args) = AggregateId::of(ty)?;
        let field = self.program.members.field(aggregate, name.symbol)?;
        let definitions = self.program.definitions();
        let declaration = &definitions.fields(aggregate)[field];
        let signature = self.infer.shallow(declaration.ty.ty.substitute(args)).signature()?;
        self.may_use_field(aggregate, declaration).then_some((field, signature))
    }
}
