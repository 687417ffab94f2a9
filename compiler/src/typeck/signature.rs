//! What a call needs to know of what it calls: a function, the initialiser of a struct, or a variant.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::hir::{AggregateId, Bound, EnumId, FnId, Function, ParamMode, TypeParam, TypeRef, VariantId};
use crate::types::{Ty, TyKind};

use super::body::Checker;
use super::errors::calls as errors;
use super::infer::{Unknown, VarKind};
use super::settle::{BoundOf, Need};

/// What is called, with the types of this call.
pub(super) struct Signature {
    /// What is called.
    pub(super) called: Called,
    /// Its parameters or fields.
    pub(super) slots: Vec<Slot>,
    /// The type of the call.
    pub(super) result: Ty,
}

/// What is called.
#[derive(Clone, Copy, Debug)]
pub(super) enum Called {
    /// A function, method or initialiser.
    Fn(FnId),
    /// The initialiser that a struct or class gets from its fields.
    Aggregate(AggregateId),
    /// A variant.
    Variant(EnumId, VariantId),
    /// A function value, and the name it was called by.
    Value(Symbol),
}

/// A parameter or field.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    /// Its name, if it has one.
    pub(super) name: Option<Symbol>,
    /// Where it is declared.
    pub(super) span: Span,
    /// How it is passed.
    pub(super) mode: ParamMode,
    /// Whether its declared type is a type parameter.
    pub(super) is_generic: bool,
    /// Its type in this call.
    pub(super) ty: Ty,
    /// What computes its default.
    pub(super) default: Option<FnId>,
}

impl Checker<'_, '_> {
    pub(super) fn function_signature(&self, id: FnId, type_args: &[Ty]) -> Signature {
        let slots = self.program.function(id).params.iter().map(|param| Slot {
            name: Some(param.name),
            span: param.span,
            mode: param.mode,
            is_generic: matches!(param.ty.ty.kind(), TyKind::Param(..)),
            ty: param.ty.ty.substitute(type_args),
            default: param.default,
        });
        let result = self.program.declared_result(id).substitute(type_args);
        Signature { called: Called::Fn(id), slots: slots.collect(), result }
    }

    pub(super) fn aggregate_signature(&self, id: AggregateId, type_args: &[Ty]) -> Signature {
        let slots = self.program.definitions().fields(id).iter().map(|field| Slot {
            name: Some(field.name),
            span: field.span,
            mode: ParamMode::Value,
            is_generic: false,
            ty: field.ty.ty.substitute(type_args),
            default: field.default,
        });
        let result = id.ty(type_args);
        Signature { called: Called::Aggregate(id), slots: slots.collect(), result }
    }

    pub(super) fn variant_signature(&self, id: EnumId, variant: VariantId, type_args: &[Ty]) -> Signature {
        let slots = self.program.definitions().enums[id].variants[variant].fields.iter().map(|field| Slot {
            name: field.name,
            span: field.ty.span,
            mode: ParamMode::Value,
            is_generic: false,
            ty: field.ty.ty.substitute(type_args),
            default: None,
        });
        let result = Ty::enumeration(id, type_args);
        Signature { called: Called::Variant(id, variant), slots: slots.collect(), result }
    }

    /// Type arguments for all parameters of a function: those written for its own, unknowns for the rest.
    pub(super) fn type_args_of_fn(&mut self, id: FnId, written: &[TypeRef], span: Span) -> Vec<Ty> {
        let function = self.program.function(id);
        let of_owner = self.program.definitions().owner_param_count(function.owner);
        let own = function.type_params.iter().skip(of_owner).filter(|param| !param.is_implied).count();
        let written = self.matching_type_args(function, own, written, span);
        // A signature with a mistake may say nothing of its type parameters any more.
        let is_wrong =
            function.result.ty.has_error() || function.params.iter().any(|it| it.ty.ty.has_error());
        let mut args = Vec::with_capacity(function.type_params.len());
        for (position, param) in function.type_params.iter().enumerate() {
            let given = position.checked_sub(of_owner).and_then(|own| written.get(own));
            args.push(match given {
                Some(given) => given.ty,
                None if is_wrong || param.is_wrong => self.common.error,
                None => self.infer.fresh(VarKind::Any, Unknown::TypeArg(param.name), span),
            });
        }
        args
    }

    fn matching_type_args<'w>(
        &mut self,
        function: &Function,
        own: usize,
        written: &'w [TypeRef],
        span: Span,
    ) -> &'w [TypeRef] {
        if written.is_empty() || written.len() == own {
            return written;
        }
        self.emit(errors::wrong_type_arg_count(span, function.name, own, written.len()));
        &[]
    }

    /// Type arguments of a struct or enum: those written, or unknowns.
    pub(super) fn type_args_of_type(
        &mut self,
        params: &[TypeParam],
        written: &[TypeRef],
        span: Span,
    ) -> Vec<Ty> {
        if written.len() == params.len() {
            return written.iter().map(|arg| arg.ty).collect();
        }
        let unknown = |param: &TypeParam| self.infer.fresh(VarKind::Any, Unknown::TypeArg(param.name), span);
        params.iter().map(unknown).collect()
    }

    /// Asks of type arguments what their parameters are declared to need.
    pub(super) fn require_bounds(&mut self, params: &[TypeParam], args: &[Ty], called: Called, span: Span) {
        for (position, (param, &arg)) in params.iter().zip(args).enumerate() {
            for &bound in &param.bounds {
                if !self.is_met_at_once(arg, bound) {
                    let bound = bound.substitute(args);
                    self.require(arg, Need::Bound(bound, BoundOf { called, position }), span);
                }
            }
        }
    }

    /// Whether the type is one of the most common ones and the bound one that they all meet, to save the rest of the way.
    fn is_met_at_once(&self, ty: Ty, bound: Bound) -> bool {
        let is_structural = match bound {
            Bound::Sharable => true,
            Bound::Object => false,
            Bound::Interface(interface) => self.program.hir.lang.structural(interface.id).is_some(),
        };
        is_structural && Need::Eq.is_met_by(self.infer.shallow(ty))
    }

    /// Notes what the bounds of a call's type arguments may tell of other type arguments: `I: Iterator<T>` says what `T` is
    /// once `I` is known.
    pub(super) fn learn_from_bounds_of(&mut self, params: &[TypeParam], args: &[Ty]) {
        for (param, &arg) in params.iter().zip(args) {
            for bound in &param.bounds {
                if let Bound::Interface(interface) = bound
                    && !interface.args.is_empty()
                {
                    self.pending.telling.push((arg, interface.substitute(args)));
                }
            }
        }
        self.learn_from_bounds();
    }

    /// The type parameters of what is called.
    pub(super) fn params_of(&self, called: Called) -> &[TypeParam] {
        let definitions = self.program.definitions();
        match called {
            Called::Fn(id) => &definitions.functions[id].type_params,
            Called::Aggregate(id) => definitions.aggregate_params(id),
            Called::Variant(id, _) => &definitions.enums[id].type_params,
            Called::Value(_) => &[],
        }
    }

    /// The name of what is called, as messages show it.
    pub(super) fn called_name(&self, called: Called) -> Symbol {
        let definitions = self.program.definitions();
        match called {
            Called::Fn(id) => definitions.functions[id].name,
            Called::Aggregate(id) => definitions.aggregate_name(id),
            Called::Variant(id, variant) => definitions.enums[id].variants[variant].name,
            Called::Value(name) => name,
        }
    }

    /// Where what is called is declared, if it is in the same file as the call.
    pub(super) fn called_span(&self, called: Called) -> Option<Span> {
        let definitions = self.program.definitions();
        let span = match called {
            Called::Fn(id) => definitions.functions[id].span,
            Called::Aggregate(id) => definitions.aggregate_span(id),
            Called::Variant(id, variant) => definitions.enums[id].variants[variant].span,
            Called::Value(_) => return None,
        };
        (span.file == self.function.span.file).then_some(span)
    }
}
