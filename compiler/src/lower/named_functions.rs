//! Function values that a name gives: one is a function without captures, of which a method has the value that it is called on.

use plat_syntax::source::Span;

use super::closures::param_kind;
use super::function::{Dest, FunctionLowerer, identity_args, shell};
use crate::bug;
use crate::hir::{ExprId, ExprKind, Owner, VariantId};
use crate::mir::builder::Builder;
use crate::mir::{
    Argument, Callee, Capture, Closure, Const, FunctionId, FunctionKind, Local, LocalKind, Operand, Rvalue,
    Storage,
};
use crate::typeck::results::{ArgSource, CallTarget, ResolvedCall};
use crate::types::{FnSig, Ty};

impl FunctionLowerer<'_, '_> {
    /// A name that gives a function.
    pub fn lower_function_value(&mut self, dest: Dest, expr: ExprId, call: &ResolvedCall) {
        let (ty, span) = (self.ty(expr), self.span(expr));
        let receiver = match self.body.exprs[expr].kind {
            ExprKind::Field(receiver, _) => Some(receiver),
            _ => None,
        };
        let body = match &call.target {
            CallTarget::Fn(function, type_args) if receiver.is_none() && self.is_called_as_it_is(call) => {
                self.program.callee(*function, type_args)
            }
            _ => {
                let Some(signature) = ty.signature() else { bug!(span, "a function of type {ty:?}") };
                let receiver = receiver.map(|receiver| self.ty(receiver));
                let body = self.lower_forwarding(call, signature, receiver, span);
                Callee::GenericBody(body, identity_args(self.program.function(self.origin)))
            }
        };
        let captures = receiver.map(|receiver| {
            let value = self.operand(receiver);
            Capture::Value(if value.place().is_some() { self.keep(value, span) } else { value })
        });
        let captures = captures.into_iter().collect();
        let made = Closure { ty, body, captures, storage: Storage::Heap, is_once: false };
        self.store(dest, ty, Rvalue::Closure(Box::new(made)), span);
    }

    /// Whether the function value is the function itself: it has the same parameters, and no type decides which it is.
    fn is_called_as_it_is(&self, call: &ResolvedCall) -> bool {
        let CallTarget::Fn(function, _) = &call.target else { return false };
        let is_of_interface = matches!(self.program.function(*function).owner, Some(Owner::Interface(_)));
        !is_of_interface && call.args.iter().all(|arg| matches!(arg, ArgSource::Given(_)))
    }

    /// A function that does what the name says with its parameters, the first of which is what it captures.
    fn lower_forwarding(
        &mut self,
        call: &ResolvedCall,
        signature: FnSig,
        receiver: Option<Ty>,
        span: Span,
    ) -> FunctionId {
        let number = self.program.next_closure_number();
        let name = format!("{}.closure{number}", self.root_name());
        let mut shell = shell(self.program, self.origin, name, FunctionKind::ClosureBody, span);
        shell.capture_count = u32::from(receiver.is_some());
        let builder = Builder::new(shell, signature.result());
        let mut lowerer = FunctionLowerer::new(self.program, self.origin, self.body, builder);
        let receiver = receiver.map(|ty| lowerer.builder.param(ty, None, LocalKind::Borrowed));
        let params = signature.params();
        let params = params.map(|(mode, ty)| lowerer.builder.param(ty, None, param_kind(mode))).collect();
        lowerer.forward(call, receiver, params, span)
    }

    fn forward(
        mut self,
        call: &ResolvedCall,
        receiver: Option<Local>,
        params: Vec<Local>,
        span: Span,
    ) -> FunctionId {
        self.begin_body();
        match &call.target {
            CallTarget::Fn(function, type_args) => {
                let receiver = receiver.map(|receiver| self.passed(receiver));
                let args = receiver.into_iter().chain(self.forwarded(call, &params, type_args, span));
                let (args, result) = (args.collect(), self.builder.function().result_ty());
                let callee = self.program.callee(*function, type_args);
                self.call_into(self.result_dest(), result, callee, args, span);
            }
            CallTarget::Struct => self.forward_fields(None, call, &params, span),
            CallTarget::Variant(variant) => self.forward_fields(Some(*variant), call, &params, span),
            CallTarget::Value | CallTarget::Field(_) => bug!(span, "a name that gives a value"),
        }
        self.return_result(span);
        let function = self.builder.finish();
        self.program.add(function)
    }

    /// The fields of a struct, class or variant.
    fn forward_fields(
        &mut self,
        variant: Option<VariantId>,
        call: &ResolvedCall,
        params: &[Local],
        span: Span,
    ) {
        let ty = self.builder.function().result_ty();
        self.program.want_deinit(ty);
        let args = self.forwarded(call, params, ty.parts(), span);
        let fields = args.into_iter().map(|arg| match arg {
            Argument::Value(operand) => operand,
            Argument::Place(_) => bug!(span, "a field is passed as a place"),
        });
        let fields = fields.collect();
        self.store(self.result_dest(), ty, Rvalue::Aggregate(ty, variant, fields), span);
    }

    /// The arguments: the parameters, and defaults for what is not among them.
    fn forwarded(
        &mut self,
        call: &ResolvedCall,
        params: &[Local],
        type_args: &[Ty],
        span: Span,
    ) -> Vec<Argument> {
        let args = call.args.iter().map(|source| match *source {
            ArgSource::Given(position) => self.passed(params[position]),
            ArgSource::Default(id) => Argument::Value(self.default_value(id, type_args, span)),
        });
        args.collect()
    }

    /// A parameter as an argument.
    fn passed(&self, param: Local) -> Argument {
        let declared = &self.builder.function().locals[param];
        match declared.kind {
            LocalKind::Inout => Argument::Place(param.into()),
            _ if declared.ty.is_unit() => Argument::Value(Operand::Const(Const::Unit)),
            _ => Argument::Value(Operand::Use(param.into())),
        }
    }
}
