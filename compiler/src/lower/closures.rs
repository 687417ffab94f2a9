//! Closures and functions as values, and calls of both.

use plat_syntax::source::Span;

use super::function::{Dest, FunctionLowerer, identity_args, shell};
use super::limited::Ways;
use super::place::Access;
use crate::bug;
use crate::hir::{self, ClosureForm, ExprId, ParamMode, PatKind};
use crate::mir::builder::Builder;
use crate::mir::{
    Argument, Callee, Capture, Closure, Const, FunctionId, FunctionKind, LocalKind, Operand, Projection,
    Rvalue, Storage,
};
use crate::typeck::results::{self, CaptureMode};
use crate::types::{FnSig, Ty, TyKind};

impl FunctionLowerer<'_, '_> {
    /// `|x| x + 1`
    pub fn lower_closure(&mut self, dest: Dest, expr: ExprId, closure: &hir::Closure) {
        let (ty, span, types) = (self.ty(expr), self.span(expr), self.types);
        let Some(signature) = ty.signature() else { bug!(span, "a closure of type {ty:?}") };
        let Some(captures) = types.captures.get(&expr) else { bug!(span, "what does {expr} capture?") };
        let body = self.lower_closure_body(expr, closure, captures, signature);
        let body = Callee::GenericBody(body, identity_args(self.program.function(self.origin)));
        let has_variables = has_variables(captures);
        let mut captures: Vec<Capture> =
            captures.iter().map(|&capture| self.closure_capture(capture, span)).collect();
        captures.extend(self.captured_ways(expr));
        if has_variables {
            let unused = self.builder.assign_temp(Ty::int(), Rvalue::Use(Self::int(0)), span);
            captures.push(Capture::Owned(Operand::Use(unused.into())));
        }
        let refers = captures.iter().any(|capture| matches!(capture, Capture::Place(_)));
        let storage = if refers { Storage::Frame } else { Storage::Heap };
        let is_once = closure.form == ClosureForm::Scope;
        let made = Closure { ty, body, captures, storage, is_once };
        self.store(dest, ty, Rvalue::Closure(Box::new(made)), span);
    }

    fn closure_capture(&mut self, capture: results::Capture, span: Span) -> Capture {
        let ty = self.types.locals[capture.local];
        // The name after a `for inout` stands for an element.
        if let Some(path) = self.elements.get(&capture.local).cloned() {
            let element = self.take(&path, Access::Write);
            return match capture.mode {
                CaptureMode::Reference => Capture::Place(element),
                CaptureMode::Value | CaptureMode::Owned => {
                    Capture::Value(self.keep(Operand::Use(element), span))
                }
            };
        }
        match capture.mode {
            CaptureMode::Value if ty.is_unit() => Capture::Value(Operand::Const(Const::Unit)),
            CaptureMode::Value => Capture::Value(self.captured_value(capture.local, span)),
            CaptureMode::Reference => Capture::Place(self.local(capture.local).into()),
            CaptureMode::Owned if ty.is_unit() => Capture::Owned(Operand::Const(Const::Unit)),
            CaptureMode::Owned => Capture::Owned(Operand::Use(self.local(capture.local).into())),
        }
    }

    /// The value of a local as it is now.
    fn captured_value(&mut self, local: hir::LocalId, span: Span) -> Operand {
        if let Some(whole) = self.init_value(local, span) {
            return self.keep(Operand::Use(whole.into()), span);
        }
        let local = self.local(local);
        let operand = Operand::Use(local.into());
        if self.changing.contains(&local) { self.keep(operand, span) } else { operand }
    }

    /// The body of a closure as a function of its captures and then its parameters.
    fn lower_closure_body(
        &mut self,
        expr: ExprId,
        closure: &hir::Closure,
        captures: &[results::Capture],
        signature: FnSig,
    ) -> FunctionId {
        let span = self.span(expr);
        let ways = self.limited.get(&expr).cloned();
        let number = self.program.next_closure_number();
        let name = format!("{}.closure{number}", self.root_name());
        let mut shell = shell(self.program, self.origin, name, FunctionKind::ClosureBody, span);
        let has_variables = has_variables(captures);
        shell.capture_count =
            captures.len() as u32 + ways.as_ref().map_or(0, Ways::count) + u32::from(has_variables);
        let builder = Builder::new(shell, signature.result());
        let mut lowerer = FunctionLowerer::new(self.program, self.origin, self.body, builder);
        for capture in captures {
            let kind = match capture.mode {
                CaptureMode::Value => LocalKind::Borrowed,
                CaptureMode::Reference | CaptureMode::Owned => LocalKind::Inout,
            };
            lowerer.declare_param(capture.local, kind);
        }
        lowerer.declare_ways(ways.as_ref());
        if has_variables {
            let in_use = lowerer.builder.param(Ty::int(), None, LocalKind::Inout);
            lowerer.declare_closure_params(closure, signature);
            lowerer.begin_use(in_use.into(), span);
        } else {
            lowerer.declare_closure_params(closure, signature);
        }
        lowerer.lower_body(closure.body)
    }

    fn declare_closure_params(&mut self, closure: &hir::Closure, signature: FnSig) {
        let mut taken_apart = Vec::new();
        for (param, (mode, ty)) in closure.params.iter().zip(signature.params()) {
            let kind = param_kind(mode);
            match self.body.pats[param.pat].kind {
                PatKind::Bind(local) => {
                    self.declare_param(local, kind);
                }
                _ => taken_apart.push((param.pat, self.builder.param(ty, None, kind))),
            }
        }
        for (pat, param) in taken_apart {
            self.bind_always(pat, param.into());
        }
    }

    /// A call of the function value that `callee` gives.
    pub fn lower_value_call(&mut self, dest: Dest, expr: ExprId, callee: ExprId, args: &[hir::Arg]) {
        let (ty, span) = (self.ty(callee), self.span(expr));
        let written: Vec<_> = args.iter().map(|arg| arg.value).collect();
        let value = self.operand_before(callee, &written);
        self.call_value(dest, expr, (value, ty), args, span);
    }

    /// A call of the function value in a field of `receiver`.
    pub fn lower_field_call(
        &mut self,
        dest: Dest,
        expr: ExprId,
        receiver: ExprId,
        field: hir::FieldId,
        args: &[hir::Arg],
    ) {
        let span = self.span(expr);
        let step = match self.ty(receiver).kind() {
            TyKind::Class(..) => Projection::ClassField(field),
            _ => Projection::Field(field),
        };
        let place = self.read_place(receiver).project(step);
        let ty = self.place_ty(&place);
        self.call_value(dest, expr, (Operand::Use(place), ty), args, span);
    }

    fn call_value(
        &mut self,
        dest: Dest,
        expr: ExprId,
        (value, ty): (Operand, Ty),
        args: &[hir::Arg],
        span: Span,
    ) {
        let Some(signature) = ty.signature() else { bug!(span, "calls a {ty:?}") };
        // Where the value stands, another may be put while it runs.
        let is_apart =
            value.place().is_none_or(|place| place.projections.is_empty() && self.is_stable_place(place));
        let value = if is_apart { value } else { self.keep(value, span) };
        let mut arguments = vec![Argument::Value(value)];
        arguments.extend(self.value_arguments(signature.modes(), args, span));
        self.call_into(dest, self.ty(expr), Callee::Value(ty), arguments, span);
    }
}

/// Whether variables live in a closure with these captures. Then it must not be called while it runs, which a word beside them
/// tells.
fn has_variables(captures: &[results::Capture]) -> bool {
    captures.iter().any(|capture| capture.mode == CaptureMode::Owned)
}

/// What the local of a parameter is.
pub(super) fn param_kind(mode: ParamMode) -> LocalKind {
    match mode {
        ParamMode::Value => LocalKind::Borrowed,
        ParamMode::Inout => LocalKind::Inout,
        ParamMode::Move => LocalKind::Owned,
    }
}
