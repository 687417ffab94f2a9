//! The outermost part of a type, which is what methods and interfaces belong to.

use super::{FloatTy, IntTy, Ty, TyKind};
use crate::hir::{ClassId, EnumId, StructId};

/// The outermost part of a type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Head {
    Bool,
    Char,
    Int(IntTy),
    Float(FloatTy),
    String,
    Tuple,
    Struct(StructId),
    Enum(EnumId),
    Class(ClassId),
    Weak,
    Buffer,
    Task,
    Channel,
}

impl Head {
    /// The head of a type; parameters, functions, interfaces, unknowns and `Never` have none, and no members.
    pub fn of(ty: Ty) -> Option<Self> {
        Some(match *ty.kind() {
            TyKind::Bool => Self::Bool,
            TyKind::Char => Self::Char,
            TyKind::Int(int) => Self::Int(int),
            TyKind::Float(float) => Self::Float(float),
            TyKind::String => Self::String,
            TyKind::Tuple(_) => Self::Tuple,
            TyKind::Struct(id, _) => Self::Struct(id),
            TyKind::Enum(id, _) => Self::Enum(id),
            TyKind::Class(id, _) => Self::Class(id),
            TyKind::Weak(_) => Self::Weak,
            TyKind::Buffer(_) => Self::Buffer,
            TyKind::Task(_) => Self::Task,
            TyKind::ChannelHandle(_) => Self::Channel,
            TyKind::Fn(_)
            | TyKind::Interface(..)
            | TyKind::Never
            | TyKind::Param(..)
            | TyKind::Infer(_)
            | TyKind::Error => return None,
        })
    }
}
