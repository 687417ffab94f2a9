//! Types with fields: structs, which are values, and classes, which are references.

use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::Span;

use super::{Access, ClassId, Definitions, FieldId, FnId, StructId, TypeParam, TypeRef};
use crate::types::{Ty, TyKind};

/// A struct.
#[derive(Clone, Debug)]
pub struct Struct {
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub span: Span,
    /// Who may use it.
    pub access: Access,
    /// Whether it is part of the standard library.
    pub is_library: bool,
    /// Whether it is a `newtype`: a struct of the one public field `value`, which it is displayed as.
    pub is_newtype: bool,
    /// Type parameters.
    pub type_params: Vec<TypeParam>,
    /// Fields in order.
    pub fields: IndexVec<FieldId, Field>,
    /// Methods, static functions and initialisers.
    pub members: Vec<FnId>,
}

/// A field of a struct or class.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub span: Span,
    /// From its `let` or `var` to its end, where `pub` would stand before.
    pub declaration: Span,
    /// Its type.
    pub ty: TypeRef,
    /// Whether it may be assigned after initialisation.
    pub is_var: bool,
    /// Whether other files may use it.
    pub is_public: bool,
    /// A function without parameters that computes its default.
    pub default: Option<FnId>,
}

/// A class.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub span: Span,
    /// Who may use it.
    pub access: Access,
    /// Whether it is part of the standard library.
    pub is_library: bool,
    /// Type parameters.
    pub type_params: Vec<TypeParam>,
    /// Fields in order.
    pub fields: IndexVec<FieldId, Field>,
    /// Methods, static functions and initialisers.
    pub members: Vec<FnId>,
    /// Its `deinit`.
    pub deinit: Option<FnId>,
    /// Whether tasks share its objects though they have `var` fields: the library's methods see to it that they may.
    pub is_cell: bool,
}

/// A struct or class: a type whose fields have names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AggregateId {
    /// A struct.
    Struct(StructId),
    /// A class.
    Class(ClassId),
}

impl AggregateId {
    /// The struct or class that the type is, and its type arguments.
    pub fn of(ty: Ty) -> Option<(Self, &'static [Ty])> {
        match *ty.kind() {
            TyKind::Struct(id, args) => Some((Self::Struct(id), args)),
            TyKind::Class(id, args) => Some((Self::Class(id), args)),
            _ => None,
        }
    }

    /// The type with these arguments.
    pub fn ty(self, args: &[Ty]) -> Ty {
        match self {
            Self::Struct(id) => Ty::structure(id, args),
            Self::Class(id) => Ty::class(id, args),
        }
    }
}

impl Definitions {
    /// The fields of a struct or class, in order.
    pub fn fields(&self, id: AggregateId) -> &IndexVec<FieldId, Field> {
        match id {
            AggregateId::Struct(id) => &self.structs[id].fields,
            AggregateId::Class(id) => &self.classes[id].fields,
        }
    }

    /// The type parameters of a struct or class.
    pub fn aggregate_params(&self, id: AggregateId) -> &[TypeParam] {
        match id {
            AggregateId::Struct(id) => &self.structs[id].type_params,
            AggregateId::Class(id) => &self.classes[id].type_params,
        }
    }

    /// The name of a struct or class.
    pub fn aggregate_name(&self, id: AggregateId) -> Symbol {
        match id {
            AggregateId::Struct(id) => self.structs[id].name,
            AggregateId::Class(id) => self.classes[id].name,
        }
    }

    /// Where the name of a struct or class stands.
    pub fn aggregate_span(&self, id: AggregateId) -> Span {
        match id {
            AggregateId::Struct(id) => self.structs[id].span,
            AggregateId::Class(id) => self.classes[id].span,
        }
    }

    /// Whether a struct or class is part of the standard library.
    pub fn is_library_aggregate(&self, id: AggregateId) -> bool {
        match id {
            AggregateId::Struct(id) => self.structs[id].is_library,
            AggregateId::Class(id) => self.classes[id].is_library,
        }
    }
}
