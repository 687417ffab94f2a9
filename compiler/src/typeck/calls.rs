//! Calls of functions, variants and initialisers.

use plat_syntax::source::Span;

use crate::hir::{
    AggregateId, Arg, EnumId, ExprId, ExprKind, FnId, FnKind, Name, TypeHead, TypeHeadKind, TypeRef,
    VariantId,
};
use crate::types::{Ty, TyKind};

use super::body::Checker;
use super::errors::{calls as errors, privacy};
use super::expect::Expect;
use super::signature::{Called, Signature};
use super::{ArgSource, CallTarget, ResolvedCall};

impl Checker<'_, '_> {
    pub(super) fn infer_call(&mut self, id: ExprId, callee: ExprId, args: &[Arg], expect: Expect) -> Ty {
        let span = self.span(callee);
        match &self.expr(callee).kind {
            ExprKind::Fn(function, written) => {
                let type_args = self.type_args_of_fn(*function, written, span);
                self.call_function(id, *function, type_args, args, expect, None)
            }
            ExprKind::Variant(enumeration, variant, written) => {
                let type_args = self.type_args_of_enum(*enumeration, written, span);
                self.call_variant(id, *enumeration, *variant, type_args, args, expect)
            }
            ExprKind::BareVariant(name) => match self.bare_variant(*name, expect) {
                Some((enumeration, variant)) => {
                    let type_args = self.type_args_of_enum(enumeration, &[], span);
                    self.call_variant(id, enumeration, variant, type_args, args, expect)
                }
                None => {
                    self.infer_arguments(args);
                    self.common.error
                }
            },
            _ => self.call_value(id, callee, args, expect),
        }
    }

    pub(super) fn type_args_of_enum(&mut self, id: EnumId, written: &[TypeRef], span: Span) -> Vec<Ty> {
        let params = &self.program.definitions().enums[id].type_params;
        self.type_args_of_type(params, written, span)
    }

    fn type_args_of_aggregate(&mut self, id: AggregateId, written: &[TypeRef], span: Span) -> Vec<Ty> {
        let params = self.program.definitions().aggregate_params(id);
        self.type_args_of_type(params, written, span)
    }

    /// A call of a function, method or initialiser whose type arguments may hold unknowns. `changed` is the receiver of a `mut fn`.
    pub(super) fn call_function(
        &mut self,
        id: ExprId,
        function: FnId,
        type_args: Vec<Ty>,
        args: &[Arg],
        expect: Expect,
        changed: Option<ExprId>,
    ) -> Ty {
        let signature = self.function_signature(function, &type_args);
        self.learn_from_bounds_of(&self.program.function(function).type_params, &type_args);
        let sources = self.check_arguments(id, &signature, args, expect, changed);
        self.finish_call(id, &signature, &type_args, CallTarget::Fn(function, type_args.clone()), sources)
    }

    fn call_variant(
        &mut self,
        id: ExprId,
        enumeration: EnumId,
        variant: VariantId,
        type_args: Vec<Ty>,
        args: &[Arg],
        expect: Expect,
    ) -> Ty {
        let signature = self.variant_signature(enumeration, variant, &type_args);
        if signature.slots.is_empty() {
            self.infer_arguments(args);
            let name = self.called_name(signature.called);
            let callee = match self.expr(id).kind {
                ExprKind::Call { callee, .. } => self.span(callee),
                _ => self.span(id),
            };
            self.emit(errors::variant_without_fields(
                self.span(id),
                callee,
                name,
                self.called_span(signature.called),
            ));
            return signature.result;
        }
        let sources = self.check_arguments(id, &signature, args, expect, None);
        self.finish_call(id, &signature, &type_args, CallTarget::Variant(variant), sources)
    }

    fn finish_call(
        &mut self,
        id: ExprId,
        signature: &Signature,
        type_args: &[Ty],
        target: CallTarget,
        args: Vec<ArgSource>,
    ) -> Ty {
        let definitions = self.program.definitions();
        let params = match signature.called {
            Called::Fn(id) => &definitions.functions[id].type_params,
            Called::Aggregate(id) => definitions.aggregate_params(id),
            Called::Variant(id, _) => &definitions.enums[id].type_params,
            Called::Value(_) => return signature.result,
        };
        self.require_bounds(params, type_args, signature.called, self.span(id));
        self.types.calls.insert(id, ResolvedCall { target, args });
        signature.result
    }

    /// A variant without arguments, by its full name.
    pub(super) fn infer_variant(
        &mut self,
        id: ExprId,
        enumeration: EnumId,
        variant: VariantId,
        written: &[TypeRef],
        expect: Expect,
    ) -> Ty {
        let type_args = self.type_args_of_enum(enumeration, written, self.span(id));
        let ty = Ty::enumeration(enumeration, &type_args);
        let definition = &self.program.definitions().enums[enumeration].variants[variant];
        if !definition.fields.is_empty() && self.may_be_function(id, expect) {
            return self.variant_function(id, enumeration, variant, &type_args, expect);
        }
        if let Expect::Value(expected, _) = expect {
            self.infer.try_unify(ty, expected);
        }
        if !definition.fields.is_empty() {
            let called = Called::Variant(enumeration, variant);
            let fields = definition
                .fields
                .iter()
                .map(|field| (field.name, self.show(field.ty.ty)))
                .collect::<Vec<_>>();
            self.emit(errors::variant_needs_fields(
                self.span(id),
                definition.name,
                &fields,
                self.called_span(called),
            ));
        }
        self.types.variants.insert(id, variant);
        ty
    }

    pub(super) fn infer_bare_variant(&mut self, id: ExprId, name: Name, expect: Expect) -> Ty {
        match self.bare_variant(name, self.expected_of_result(expect)) {
            Some((enumeration, variant)) => self.infer_variant(id, enumeration, variant, &[], expect),
            None => self.common.error,
        }
    }

    /// The variant that a bare name means: of the expected enum, else of `Option` or `Result`. Reports a name that means none.
    fn bare_variant(&mut self, name: Name, expect: Expect) -> Option<(EnumId, VariantId)> {
        let expected = expect.hint().map(|hint| self.infer.shallow(hint));
        let found = self.find_variant(name, expected);
        if found.is_none() && expected != Some(self.common.error) {
            let diagnostic = self.unknown_bare_variant(name, expected);
            self.emit(diagnostic);
        }
        found
    }

    /// The variant that a bare name means where a value of this type is expected or matched.
    pub(super) fn find_variant(&self, name: Name, expected: Option<Ty>) -> Option<(EnumId, VariantId)> {
        let expected = match expected.map(Ty::kind) {
            Some(&TyKind::Enum(id, _)) => Some(id),
            _ => None,
        };
        let lang = self.program.hir.lang;
        let mut candidates = [expected, lang.option, lang.result].into_iter().flatten();
        candidates.find_map(|id| self.program.members.variant(id, name.symbol).map(|variant| (id, variant)))
    }

    /// The variant of this name that the enum has which is expected, if one is.
    fn expected_variant(&self, name: Name, expect: Expect) -> Option<(EnumId, VariantId)> {
        let TyKind::Enum(id, _) = *self.infer.shallow(expect.hint()?).kind() else { return None };
        Some((id, self.program.members.variant(id, name.symbol)?))
    }

    /// The message for a bare name that is no variant of the enum that is expected, or where none is.
    pub(super) fn unknown_bare_variant(
        &self,
        name: Name,
        expected: Option<Ty>,
    ) -> plat_syntax::diagnostics::Diagnostic {
        let definitions = self.program.definitions();
        if let Some(&TyKind::Enum(id, _)) = expected.map(Ty::kind) {
            let known: Vec<_> =
                definitions.enums[id].variants.iter().map(|variant| variant.name.as_str()).collect();
            return errors::unknown_variant(name, definitions.enums[id].name, &known);
        }
        let owners = self.program.members.enums_with(name.symbol);
        let owners: Vec<_> = owners.iter().map(|&id| definitions.enums[id].name).collect();
        errors::bare_variant_without_enum(name, &owners)
    }

    /// `Type(…)` or `Type.init(…)`
    pub(super) fn infer_construct(
        &mut self,
        id: ExprId,
        head: &TypeHead,
        bare: Option<Name>,
        args: &[Arg],
        expect: Expect,
    ) -> Ty {
        if let Some((enumeration, variant)) = bare.and_then(|name| self.expected_variant(name, expect)) {
            let type_args = self.type_args_of_enum(enumeration, &[], head.span);
            return self.call_variant(id, enumeration, variant, type_args, args, expect);
        }
        let (aggregate, type_args) = match self.constructed(head, args) {
            Ok(constructed) => constructed,
            Err(ty) => return ty,
        };
        match self.program.members.initialiser(aggregate) {
            Some(initialiser) if self.has_access(initialiser) => {
                self.call_function(id, initialiser, type_args, args, expect, None)
            }
            Some(initialiser) => {
                self.infer_arguments(args);
                let ty = self.show(aggregate.ty(&type_args));
                let place = self.place_of_function(initialiser);
                self.fail(privacy::private_init(head.span, &ty, place))
            }
            None => self.construct_from_fields(id, aggregate, type_args, args, expect, head.span),
        }
    }

    /// The struct or class whose initialiser a type's name stands for, with its type arguments; else the type after a
    /// diagnostic.
    pub(super) fn constructed(
        &mut self,
        head: &TypeHead,
        args: &[Arg],
    ) -> Result<(AggregateId, Vec<Ty>), Ty> {
        let aggregate = match head.kind {
            TypeHeadKind::Struct(id) => AggregateId::Struct(id),
            TypeHeadKind::Class(id) => AggregateId::Class(id),
            TypeHeadKind::Whole(ty) => {
                let found = AggregateId::of(ty).map(|(id, type_args)| (id, type_args.to_vec()));
                return found.ok_or_else(|| self.reject_construct(head.span, ty, args));
            }
            TypeHeadKind::Enum(enumeration) => {
                let type_args = self.type_args_of_enum(enumeration, &head.args, head.span);
                return Err(self.reject_construct(head.span, Ty::enumeration(enumeration, &type_args), args));
            }
            TypeHeadKind::Error => {
                self.infer_arguments(args);
                return Err(self.common.error);
            }
        };
        Ok((aggregate, self.type_args_of_aggregate(aggregate, &head.args, head.span)))
    }

    fn construct_from_fields(
        &mut self,
        id: ExprId,
        aggregate: AggregateId,
        type_args: Vec<Ty>,
        args: &[Arg],
        expect: Expect,
        span: Span,
    ) -> Ty {
        let definitions = self.program.definitions();
        if let Some(diagnostic) = self.hidden_from_construction(aggregate, &type_args, args, span) {
            self.infer_arguments(args);
            return self.fail(diagnostic);
        }
        let signature = self.aggregate_signature(aggregate, &type_args);
        self.learn_from_bounds_of(definitions.aggregate_params(aggregate), &type_args);
        let sources = self.check_arguments(id, &signature, args, expect, None);
        self.finish_call(id, &signature, &type_args, CallTarget::Struct, sources)
    }

    fn reject_construct(&mut self, span: Span, ty: Ty, args: &[Arg]) -> Ty {
        self.infer_arguments(args);
        if ty.has_error() {
            return self.common.error;
        }
        let variants = match *ty.kind() {
            TyKind::Enum(id, _) => {
                self.program.definitions().enums[id].variants.iter().map(|it| it.name).collect()
            }
            _ => Vec::new(),
        };
        let name = self.show(ty);
        self.fail(errors::cannot_construct(span, &name, &variants))
    }

    /// `Type.name(…)`
    pub(super) fn infer_static_call(
        &mut self,
        id: ExprId,
        head: &TypeHead,
        name: Name,
        written: &[TypeRef],
        args: &[Arg],
        expect: Expect,
    ) -> Ty {
        let ty = self.type_of_head(head);
        let found = match self.find_member(ty, name) {
            Ok(found) => found,
            Err(others) => {
                self.infer_arguments(args);
                return self.no_static(ty, name, !others.is_empty());
            }
        };
        let function = found.function;
        // Nobody can write a type and its function in one place, as `resolve` does.
        if self.is_for_select_alone(function) && head.span != name.span {
            self.infer_arguments(args);
            return self.no_static(ty, name, false);
        }
        if self.program.function(function).kind != FnKind::Static {
            self.infer_arguments(args);
            let ty = self.show(ty);
            return self.fail(errors::method_on_type(name, &ty));
        }
        let type_args = self.type_args_of_fn(function, written, name.span);
        self.unify_owner(&found, &type_args, ty);
        self.call_function(id, function, type_args, args, expect, None)
    }

    /// The type that stands before a dot, with unknowns for the type arguments that are not written.
    pub(super) fn type_of_head(&mut self, head: &TypeHead) -> Ty {
        match head.kind {
            TypeHeadKind::Struct(id) => {
                let type_args = self.type_args_of_aggregate(AggregateId::Struct(id), &head.args, head.span);
                Ty::structure(id, &type_args)
            }
            TypeHeadKind::Class(id) => {
                let type_args = self.type_args_of_aggregate(AggregateId::Class(id), &head.args, head.span);
                Ty::class(id, &type_args)
            }
            TypeHeadKind::Enum(enumeration) => {
                let type_args = self.type_args_of_enum(enumeration, &head.args, head.span);
                Ty::enumeration(enumeration, &type_args)
            }
            TypeHeadKind::Whole(ty) => ty,
            TypeHeadKind::Error => self.common.error,
        }
    }

    pub(super) fn no_static(&mut self, ty: Ty, name: Name, is_for_other: bool) -> Ty {
        if ty.has_error() {
            return self.common.error;
        }
        let shown = self.show(ty);
        if let TyKind::Enum(id, _) = *ty.kind()
            && self.program.members.variant(id, name.symbol).is_some()
        {
            return self.fail(errors::variant_after_dot(name, &shown));
        }
        if let Some(diagnostic) = self.private_member(ty, name, &shown) {
            return self.fail(diagnostic);
        }
        let known = self.member_names(ty, |kind| kind == FnKind::Static);
        self.fail(errors::unknown_function_of_type(name, &shown, &known, is_for_other))
    }
}
