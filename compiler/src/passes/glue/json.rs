//! What writing and reading JSON by structure have in common.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::Generator;
use crate::bug;
use crate::hir::{Definitions, FieldId, FnId, Hir, InterfaceId, VariantId};
use crate::mir::{Argument, Callee, Const, Local, Operand, Place};
use crate::types::{Ty, TyKind};

/// What the fields of a value look like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing: `null`.
    Null,
    /// An object with a name for each.
    Object,
    /// What the only one looks like.
    Value,
    /// An array.
    Array,
}

/// What the fields of a struct, tuple or variant look like.
pub(super) fn form(definitions: &Definitions, ty: Ty, variant: Option<VariantId>) -> Form {
    match (ty.kind(), variant) {
        (&TyKind::Struct(id, _), _) if definitions.structs[id].is_newtype => Form::Value,
        (TyKind::Struct(..), _) => Form::Object,
        (&TyKind::Enum(id, _), Some(variant)) => {
            let fields = &definitions.enums[id].variants[variant].fields;
            match fields.iter().next() {
                None => Form::Null,
                Some(field) if field.name.is_some() => Form::Object,
                Some(_) if fields.len() == 1 => Form::Value,
                Some(_) => Form::Array,
            }
        }
        (TyKind::Tuple([]), _) => Form::Null,
        _ => Form::Array,
    }
}

/// The fields of a struct, tuple or variant, with their names; of what has none, with their numbers.
pub(super) fn named(
    generator: &Generator<'_>,
    ty: Ty,
    variant: Option<VariantId>,
) -> Vec<(String, FieldId, Ty)> {
    let definitions = &generator.hir.definitions;
    let name = |field: FieldId| match (ty.kind(), variant) {
        (&TyKind::Struct(id, _), _) => Some(definitions.structs[id].fields[field].name),
        (&TyKind::Enum(id, _), Some(variant)) => definitions.enums[id].variants[variant].fields[field].name,
        _ => None,
    };
    let named = |(field, field_ty): (FieldId, Ty)| {
        let name = name(field).map_or_else(|| field.0.to_string(), |name| name.to_string());
        (name, field, field_ty)
    };
    generator.fields(ty, variant).into_iter().map(named).collect()
}

/// The one method of the interface.
pub(super) fn interface(hir: &Hir, id: Option<InterfaceId>, span: Span) -> FnId {
    let members = id.map(|id| &hir.definitions.interfaces[id].members[..]).unwrap_or_default();
    *members.first().unwrap_or_else(|| bug!(span, "the library has no such interface"))
}

/// The type of the encoder or decoder that the method is given.
pub(super) fn param_ty(hir: &Hir, method: FnId) -> Ty {
    let function = &hir.definitions.functions[method];
    function.params.first().unwrap_or_else(|| bug!(function.span, "nothing to write to or read from")).ty.ty
}

/// Calls a method of an encoder or decoder that may change it.
pub(super) fn call(
    generator: &mut Generator<'_>,
    (receiver, receiver_ty): (Local, Ty),
    method: &str,
    type_args: &[Ty],
    args: Vec<Argument>,
    target: Option<Place>,
) {
    let definitions = &generator.hir.definitions;
    let TyKind::Struct(id, _) = *receiver_ty.kind() else { bug!(generator.span, "not a struct") };
    let found = definitions.member_of_struct(id, method);
    let method = found.unwrap_or_else(|| bug!(generator.span, "there is no method {method}"));
    let is_place = definitions.functions[method].kind == crate::hir::FnKind::MutMethod;
    let receiver = if is_place { Argument::Place(receiver.into()) } else { super::value(receiver) };
    let args = std::iter::once(receiver).chain(args).collect();
    let span = generator.span;
    generator.builder.call(target, Callee::Generic(method, type_args.to_vec()), args, span);
}

/// A text as an argument.
pub(super) fn text(text: &str) -> Argument {
    Argument::Value(Operand::Const(Const::String(Symbol::intern(text))))
}
