//! Lookup of fields, variants and methods by name, in constant time.
//!
//! Built once per program. Methods are found by the head of the type (`List` of whatever); an extension of one instance
//! (`extend List<String>`) is told apart by the caller.

use plat_syntax::hash::HashMap;
use plat_syntax::index::Symbol;

use crate::hir::{AggregateId, Definitions, EnumId, FieldId, FnId, FnKind, Owner, VariantId};
use crate::types::Head;

/// Fields, variants and methods by name.
#[derive(Debug, Default)]
pub(super) struct Members {
    methods: HashMap<(Head, Symbol), Vec<FnId>>,
    names: HashMap<Head, Vec<FnId>>,
    initialisers: HashMap<AggregateId, FnId>,
    fields: HashMap<(AggregateId, Symbol), FieldId>,
    variants: HashMap<(EnumId, Symbol), VariantId>,
    enums_with: HashMap<Symbol, Vec<EnumId>>,
}

impl Members {
    /// Those of the whole program.
    pub(super) fn of(definitions: &Definitions) -> Self {
        let mut members = Self::default();
        let structs = definitions.structs.ids().map(AggregateId::Struct);
        for id in structs.chain(definitions.classes.ids().map(AggregateId::Class)) {
            for (field, declaration) in definitions.fields(id).iter_enumerated() {
                members.fields.entry((id, declaration.name)).or_insert(field);
            }
        }
        for (id, enumeration) in definitions.enums.iter_enumerated() {
            for (variant, declaration) in enumeration.variants.iter_enumerated() {
                members.variants.entry((id, declaration.name)).or_insert(variant);
                members.enums_with.entry(declaration.name).or_default().push(id);
            }
        }
        for (id, function) in definitions.functions.iter_enumerated() {
            let Some(head) = function.owner.and_then(|owner| head_of_owner(definitions, owner)) else {
                continue;
            };
            match (function.kind, head) {
                (FnKind::Init, Head::Struct(structure)) => {
                    members.initialisers.entry(AggregateId::Struct(structure)).or_insert(id);
                }
                (FnKind::Init, Head::Class(class)) => {
                    members.initialisers.entry(AggregateId::Class(class)).or_insert(id);
                }
                (FnKind::Init | FnKind::Deinit, _) => {}
                _ => {
                    members.methods.entry((head, function.name)).or_default().push(id);
                    members.names.entry(head).or_default().push(id);
                }
            }
        }
        members
    }

    /// Methods and static functions of this name; several only when extensions of different instances have them.
    pub(super) fn methods(&self, head: Head, name: Symbol) -> &[FnId] {
        self.methods.get(&(head, name)).map_or(&[], Vec::as_slice)
    }

    /// All methods and static functions.
    pub(super) fn all_methods(&self, head: Head) -> &[FnId] {
        self.names.get(&head).map_or(&[], Vec::as_slice)
    }

    /// The explicit initialiser.
    pub(super) fn initialiser(&self, id: AggregateId) -> Option<FnId> {
        self.initialisers.get(&id).copied()
    }

    /// The field of this name.
    pub(super) fn field(&self, id: AggregateId, name: Symbol) -> Option<FieldId> {
        self.fields.get(&(id, name)).copied()
    }

    /// The variant of this name.
    pub(super) fn variant(&self, id: EnumId, name: Symbol) -> Option<VariantId> {
        self.variants.get(&(id, name)).copied()
    }

    /// The enums that have a variant of this name.
    pub(super) fn enums_with(&self, name: Symbol) -> &[EnumId] {
        self.enums_with.get(&name).map_or(&[], Vec::as_slice)
    }
}

fn head_of_owner(definitions: &Definitions, owner: Owner) -> Option<Head> {
    match owner {
        Owner::Struct(id) => Some(Head::Struct(id)),
        Owner::Enum(id) => Some(Head::Enum(id)),
        Owner::Class(id) => Some(Head::Class(id)),
        Owner::Interface(_) => None,
        Owner::Extension(index) => Head::of(definitions.extensions[index].target.ty),
    }
}
