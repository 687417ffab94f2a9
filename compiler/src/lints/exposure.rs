//! Private types in what other files may use: those could use such values, but never name their type.

use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::HashSet;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::errors;
use super::uses::Item;
use crate::hir::{Access, Bound, Definitions, Field, Function, Hir, TypeParam};
use crate::typeck::results::TypeckResults;
use crate::types::Ty;

/// Warns of private types in public signatures.
pub(super) fn check(hir: &Hir, types: &TypeckResults<'_>, sink: &mut Sink) {
    let definitions = &hir.definitions;
    let mut exposure = Exposure { definitions, reported: HashSet::default(), sink };
    let functions = definitions.functions.iter();
    let methods = functions.filter(|it| it.is_public && !it.is_library && !it.is_implementing);
    methods.for_each(|function| exposure.function(function));
    for constant in definitions.consts.iter() {
        let value = &definitions.functions[constant.value];
        if value.is_public && !value.is_library {
            exposure.ty(types.result(constant.value), constant.span, constant.name);
        }
    }
    for it in definitions.structs.iter().filter(|it| is_public(it.access, it.is_library)) {
        exposure.params(&it.type_params, it.name);
        it.fields.iter().for_each(|field| exposure.field(field));
    }
    for it in definitions.classes.iter().filter(|it| is_public(it.access, it.is_library)) {
        exposure.params(&it.type_params, it.name);
        it.fields.iter().for_each(|field| exposure.field(field));
    }
    for it in definitions.enums.iter().filter(|it| is_public(it.access, it.is_library)) {
        exposure.params(&it.type_params, it.name);
        let fields =
            it.variants.iter().flat_map(|variant| variant.fields.iter().map(move |it| (variant, it)));
        fields.for_each(|(variant, field)| exposure.ty(field.ty.ty, field.ty.span, variant.name));
    }
}

fn is_public(access: Access, is_library: bool) -> bool {
    access == Access::Public && !is_library
}

struct Exposure<'a> {
    definitions: &'a Definitions,
    /// Each type once: one edit mends all.
    reported: HashSet<Item>,
    sink: &'a mut Sink,
}

impl Exposure<'_> {
    fn function(&mut self, function: &Function) {
        let owner = function.owner.and_then(|owner| Item::of_owner(self.definitions, owner));
        // What belongs to a private type is as private as that.
        if owner.is_some_and(|owner| self.private(owner).is_some()) {
            return;
        }
        // Values of constants and defaults have no signature, and no types that are written in one.
        for param in &function.params {
            self.ty(param.ty.ty, param.ty.span, function.name);
        }
        if function.result.span != function.span {
            self.ty(function.result.ty, function.result.span, function.name);
        }
        let inherited = self.definitions.owner_param_count(function.owner);
        self.params(&function.type_params[inherited..], function.name);
    }

    fn field(&mut self, field: &Field) {
        if field.is_public {
            self.ty(field.ty.ty, field.ty.span, field.name);
        }
    }

    fn params(&mut self, params: &[TypeParam], user: Symbol) {
        for param in params {
            for bound in &param.bounds {
                if let Bound::Interface(interface) = *bound {
                    self.item(Item::Interface(interface.id), param.span, user);
                }
            }
        }
    }

    /// Looks at all that a type is made of.
    fn ty(&mut self, ty: Ty, span: Span, user: Symbol) {
        let mut pending = vec![ty];
        while let Some(ty) = pending.pop() {
            if let Some(item) = Item::of_ty(ty) {
                self.item(item, span, user);
            }
            pending.extend_from_slice(ty.parts());
        }
    }

    fn item(&mut self, item: Item, span: Span, user: Symbol) {
        if let Some((name, insert)) = self.private(item)
            && self.reported.insert(item)
        {
            self.sink.emit(errors::private_in_public(span, user, name, insert));
        }
    }

    /// The name of a private type of the program, and where `pub` would stand.
    fn private(&self, item: Item) -> Option<(Symbol, Span)> {
        let definitions = self.definitions;
        let (name, access, is_library) = match item {
            Item::Struct(id) => {
                let it = &definitions.structs[id];
                (it.name, it.access, it.is_library)
            }
            Item::Enum(id) => {
                let it = &definitions.enums[id];
                (it.name, it.access, it.is_library)
            }
            Item::Class(id) => {
                let it = &definitions.classes[id];
                (it.name, it.access, it.is_library)
            }
            Item::Interface(id) => {
                let it = &definitions.interfaces[id];
                (it.name, it.access, it.is_library)
            }
            Item::Fn(_) | Item::Const(_) => return None,
        };
        match access {
            Access::Private(insert) if !is_library => Some((name, insert)),
            Access::Private(_) | Access::Public => None,
        }
    }
}
