//! Calls: of functions, initialisers, variants, runtime functions.
//!
//! Order of evaluation: the receiver, the arguments as they are written, defaults in order of declaration; then the
//! places passed with `&` (and the receiver of a `mut fn`) are taken.

use plat_syntax::source::Span;

use super::function::{Dest, FunctionLowerer};
use super::place::{Access, Path};
use crate::bug;
use crate::hir::{Arg, ExprId, FnBody, FnId, FnKind, ParamMode};
use crate::mir::{Argument, Callee, Const, Operand, Place, Rvalue, TerminatorKind};
use crate::typeck::results::{ArgSource, CallTarget, ResolvedCall};
use crate::types::{Ty, TyKind};

/// An argument that has been evaluated, in the order of parameters.
#[derive(Clone, Debug)]
enum Evaluated {
    Value(Operand),
    /// A place that is yet to be taken.
    Path(Path),
}

impl FunctionLowerer<'_, '_> {
    /// A call of any kind.
    /// `before` is the receiver of a method call, or the callee of a call.
    pub fn lower_call(&mut self, dest: Dest, expr: ExprId, before: Option<ExprId>, args: &[Arg]) {
        let (ty, span, types) = (self.ty(expr), self.span(expr), self.types);
        let Some(ResolvedCall { target, args: sources }) = types.calls.get(&expr) else {
            bug!(span, "{expr} was not resolved")
        };
        match target {
            CallTarget::Fn(id, type_args) => {
                let is_method = self.program.function(*id).kind != FnKind::Static;
                let receiver = before.filter(|_| is_method);
                let call = Call { id: *id, type_args, receiver, args, sources, ty, span };
                self.lower_function_call(dest, &call);
            }
            CallTarget::Struct => self.lower_construct(dest, ty, None, args, sources, span),
            CallTarget::Variant(variant) => {
                self.lower_construct(dest, ty, Some(*variant), args, sources, span);
            }
            CallTarget::Value => {
                let callee = before.unwrap_or_else(|| bug!(span, "{expr} calls nothing"));
                self.lower_value_call(dest, expr, callee, args);
            }
            CallTarget::Field(field) => {
                let receiver = before.unwrap_or_else(|| bug!(span, "{expr} has no receiver"));
                self.lower_field_call(dest, expr, receiver, *field, args);
            }
        }
    }

    /// `base[a..b]`: a call of the library's method.
    pub fn lower_slice(&mut self, dest: Dest, expr: ExprId, base: ExprId, index: ExprId) {
        let range = Arg { name: None, is_inout: false, value: index, span: self.span(index) };
        self.lower_call(dest, expr, Some(base), &[range]);
    }

    fn lower_function_call(&mut self, dest: Dest, call: &Call<'_>) {
        match &self.program.function(call.id).body {
            FnBody::Intrinsic(intrinsic) => self.lower_intrinsic(dest, *intrinsic, call),
            FnBody::Runtime(function) => {
                let args = self.arguments(call);
                self.call_into(dest, call.ty, Callee::Runtime(*function), args, call.span);
            }
            FnBody::Plat(_) if self.program.scope_spawn() == Some(call.id) => {
                self.lower_spawn_method(dest, call);
            }
            FnBody::Plat(_) if let Some(step) = self.program.select_step(call.id) => {
                self.lower_select_step(dest, step, call);
            }
            FnBody::Plat(_) | FnBody::Required | FnBody::Foreign(_) => {
                let args = self.arguments(call);
                let callee = self.program.callee(call.id, call.type_args);
                self.call_into(dest, call.ty, callee, args, call.span);
            }
            FnBody::Error => bug!(call.span, "calls a wrong declaration"),
        }
    }

    /// Calls, and goes no further if the callee does not return.
    pub fn call_into(&mut self, dest: Dest, ty: Ty, callee: Callee, args: Vec<Argument>, span: Span) {
        let target = match dest {
            _ if ty.is_unit() || ty.is_never() => None,
            Dest::Local(local) => Some(Place::from(local)),
            Dest::Nothing => Some(self.builder.temp(ty).into()),
        };
        self.builder.call(target, callee, args, span);
        if ty.is_never() {
            self.keep_while_unwinding(span);
            self.builder.terminate(TerminatorKind::Unreachable, span);
        }
    }

    /// The arguments of a call, ready to be passed.
    pub fn arguments(&mut self, call: &Call<'_>) -> Vec<Argument> {
        let evaluated = self.evaluate_arguments(call);
        self.take_arguments(evaluated, call.span)
    }

    /// The arguments of a call of a function value, whose parameters are passed in these ways, ready to be passed.
    pub fn value_arguments(&mut self, modes: &[ParamMode], args: &[Arg], span: Span) -> Vec<Argument> {
        let written: Vec<_> = args.iter().map(|arg| arg.value).collect();
        let mut evaluated = Vec::with_capacity(written.len());
        for (position, (&value, &mode)) in written.iter().zip(modes).enumerate() {
            let is_place = mode == ParamMode::Inout;
            evaluated.push(self.evaluate_argument(value, is_place, &written[position + 1..]));
        }
        self.take_arguments(evaluated, span)
    }

    fn take_arguments(&mut self, evaluated: Vec<Evaluated>, span: Span) -> Vec<Argument> {
        let paths: Vec<_> = evaluated.iter().filter_map(Evaluated::root).collect();
        let mut kept = Vec::with_capacity(evaluated.len());
        for argument in evaluated {
            kept.push(match argument {
                // Taking a place may make its list unique, which moves what the operand reads.
                Evaluated::Value(operand)
                    if operand.place().is_some_and(|place| paths.contains(&place.local)) =>
                {
                    Evaluated::Value(self.keep(operand, span))
                }
                argument => argument,
            });
        }
        let take = |argument| match argument {
            Evaluated::Value(operand) => Argument::Value(operand),
            Evaluated::Path(path) => {
                let place = self.take(&path, Access::Pass);
                self.fill_unit(&place, span);
                Argument::Place(place)
            }
        };
        kept.into_iter().map(take).collect()
    }

    fn evaluate_arguments(&mut self, call: &Call<'_>) -> Vec<Evaluated> {
        let function = self.program.function(call.id);
        let written: Vec<_> = call.args.iter().map(|arg| arg.value).collect();
        let mut evaluated = Vec::with_capacity(call.sources.len() + 1);
        if let Some(receiver) = call.receiver {
            let is_place = function.kind == FnKind::MutMethod;
            evaluated.push(self.evaluate_argument(receiver, is_place, &written));
        }
        let mut given = Vec::with_capacity(written.len());
        for (position, &value) in written.iter().enumerate() {
            let is_place = is_inout(function, call.sources, position);
            given.push(Some(self.evaluate_argument(value, is_place, &written[position + 1..])));
        }
        for source in call.sources {
            evaluated.push(match *source {
                ArgSource::Given(position) => {
                    given[position].take().unwrap_or_else(|| bug!(call.span, "an argument passed twice"))
                }
                ArgSource::Default(id) => Evaluated::Value(self.default_value(id, call.type_args, call.span)),
            });
        }
        evaluated
    }

    fn evaluate_argument(&mut self, value: ExprId, is_place: bool, later: &[ExprId]) -> Evaluated {
        if is_place {
            Evaluated::Path(self.path(value))
        } else {
            Evaluated::Value(self.operand_before(value, later))
        }
    }

    /// The default of a parameter or field.
    pub(super) fn default_value(&mut self, id: FnId, type_args: &[Ty], span: Span) -> Operand {
        let ty = self.program.result_ty(id).substitute(type_args);
        if let Some(value) = self.program.known_result(id) {
            let rvalue = self.value(&value, ty, span);
            return match rvalue {
                Rvalue::Use(operand) => operand,
                made => Operand::Use(self.builder.assign_temp(ty, made, span).into()),
            };
        }
        let callee = self.program.callee(id, type_args);
        if ty.is_unit() {
            self.call_into(Dest::Nothing, ty, callee, Vec::new(), span);
            return Operand::Const(Const::Unit);
        }
        let temp = self.builder.temp(ty);
        self.call_into(Dest::Local(temp), ty, callee, Vec::new(), span);
        Operand::Use(temp.into())
    }

    /// A struct from its fields, or a variant from its payload.
    fn lower_construct(
        &mut self,
        dest: Dest,
        ty: Ty,
        variant: Option<crate::hir::VariantId>,
        args: &[Arg],
        sources: &[ArgSource],
        span: Span,
    ) {
        let type_args = match ty.kind() {
            TyKind::Struct(_, args) | TyKind::Enum(_, args) | TyKind::Class(_, args) => args,
            _ => bug!(span, "constructs a {ty:?}"),
        };
        self.program.want_deinit(ty);
        let written: Vec<_> = args.iter().map(|arg| arg.value).collect();
        let given = self.operands(&written);
        let fields = sources.iter().map(|source| match *source {
            ArgSource::Given(position) => given[position].clone(),
            ArgSource::Default(id) => self.default_value(id, type_args, span),
        });
        let fields = fields.collect();
        self.store(dest, ty, Rvalue::Aggregate(ty, variant, fields), span);
    }
}

/// A call of a function.
#[derive(Clone, Copy)]
pub(super) struct Call<'c> {
    pub id: FnId,
    pub type_args: &'c [Ty],
    pub receiver: Option<ExprId>,
    pub args: &'c [Arg],
    /// Where the value of each parameter comes from.
    pub sources: &'c [ArgSource],
    /// The type of its result.
    pub ty: Ty,
    pub span: Span,
}

impl Evaluated {
    fn root(&self) -> Option<crate::mir::Local> {
        match self {
            Self::Value(_) => None,
            Self::Path(path) => Some(path.root()),
        }
    }
}

/// Whether the argument at this position, as written, is for an `inout` parameter.
fn is_inout(function: &crate::hir::Function, sources: &[ArgSource], position: usize) -> bool {
    let param = sources.iter().position(|source| *source == ArgSource::Given(position));
    param.is_some_and(|param| function.params[param].mode == ParamMode::Inout)
}
