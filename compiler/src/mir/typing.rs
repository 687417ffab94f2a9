//! The types of places, operands and values.

use super::{Const, Function, LocalKind, Operand, Place, Projection, Rvalue};
use crate::hir::{Definitions, FieldId, FnKind, ParamMode, VariantId};
use crate::types::{IntTy, Ty, TyKind};

/// How a parameter is passed that nobody has decided to own.
pub fn param_kind(mode: ParamMode) -> LocalKind {
    match mode {
        ParamMode::Value => LocalKind::Borrowed,
        ParamMode::Inout => LocalKind::Inout,
        ParamMode::Move => LocalKind::Owned,
    }
}

/// How `self` is passed.
pub fn self_kind(kind: FnKind) -> LocalKind {
    if kind == FnKind::MutMethod { LocalKind::Inout } else { LocalKind::Borrowed }
}

/// The type of a field of the struct or tuple `ty`, if it has that field.
pub fn field_ty(definitions: &Definitions, ty: Ty, field: FieldId) -> Option<Ty> {
    match *ty.kind() {
        TyKind::Struct(id, args) => Some(definitions.structs[id].fields.get(field)?.ty.ty.substitute(args)),
        TyKind::Tuple(parts) => parts.get(field.0 as usize).copied(),
        _ => None,
    }
}

/// The type of a field of the class `ty`, if it has that field.
pub fn class_field_ty(definitions: &Definitions, ty: Ty, field: FieldId) -> Option<Ty> {
    let TyKind::Class(id, args) = *ty.kind() else { return None };
    Some(definitions.classes[id].fields.get(field)?.ty.ty.substitute(args))
}

/// The type of a field of a variant of the enum `ty`, if it has that field.
pub fn variant_field_ty(definitions: &Definitions, ty: Ty, variant: VariantId, field: FieldId) -> Option<Ty> {
    let TyKind::Enum(id, args) = *ty.kind() else { return None };
    let variant = definitions.enums[id].variants.get(variant)?;
    Some(variant.fields.get(field)?.ty.ty.substitute(args))
}

/// The types of the fields of a struct, tuple or class, or of a variant of an enum, in order.
pub fn field_tys(definitions: &Definitions, ty: Ty, variant: Option<VariantId>) -> Option<Vec<Ty>> {
    match (ty.kind(), variant) {
        (TyKind::Tuple(parts), None) => Some(parts.to_vec()),
        (TyKind::Struct(id, args), None) => {
            let fields = definitions.structs[*id].fields.iter();
            Some(fields.map(|field| field.ty.ty.substitute(args)).collect())
        }
        (TyKind::Class(id, args), None) => {
            let fields = definitions.classes[*id].fields.iter();
            Some(fields.map(|field| field.ty.ty.substitute(args)).collect())
        }
        (TyKind::Enum(id, args), Some(variant)) => {
            let fields = definitions.enums[*id].variants.get(variant)?.fields.iter();
            Some(fields.map(|field| field.ty.ty.substitute(args)).collect())
        }
        _ => None,
    }
}

/// The type one step into a value of type `ty`, if there is such a step.
pub fn projected_ty(definitions: &Definitions, ty: Ty, projection: Projection) -> Option<Ty> {
    match projection {
        Projection::Field(field) => field_ty(definitions, ty, field),
        Projection::VariantField(variant, field) => variant_field_ty(definitions, ty, variant, field),
        Projection::ClassField(field) => class_field_ty(definitions, ty, field),
        Projection::Content(content) => ty.as_interface().map(|_| content),
        Projection::Element(_) => match *ty.kind() {
            TyKind::Buffer(element) => Some(element),
            TyKind::String => Some(Ty::new(TyKind::Int(IntTy::U8))),
            _ => None,
        },
    }
}

impl Const {
    /// Its type. A format is an `Int` to calls; so is the address of a `TypeInfo`.
    pub fn ty(&self) -> Ty {
        match self {
            Self::Unit => Ty::unit(),
            Self::Bool(_) => Ty::bool(),
            Self::Char(_) => Ty::char(),
            Self::Int(_, ty) | Self::Float(_, ty) => *ty,
            Self::String(_) => Ty::string(),
            Self::Format(_) | Self::TypeInfo(_) => Ty::int(),
        }
    }
}

impl Function {
    /// The type of a place, or `None` if it has a step that its type has not.
    pub fn try_place_ty(&self, definitions: &Definitions, place: &Place) -> Option<Ty> {
        let base = self.locals.get(place.local)?.ty;
        place.projections.iter().try_fold(base, |ty, &step| projected_ty(definitions, ty, step))
    }

    /// The type of a place.
    pub fn place_ty(&self, definitions: &Definitions, place: &Place) -> Ty {
        self.try_place_ty(definitions, place)
            .unwrap_or_else(|| crate::bug!("{}: {place:?} steps into what is not there", self.name))
    }

    /// Whether the place leads through a `var` field of an object, which others may change.
    pub fn reads_var_field(&self, definitions: &Definitions, place: &Place) -> bool {
        if !place.is_in_object() {
            return false;
        }
        let mut ty = self.locals[place.local].ty;
        place.projections.iter().any(|&step| {
            let is_var = match (step, ty.kind()) {
                (Projection::ClassField(field), TyKind::Class(id, _)) => {
                    definitions.classes[*id].fields.get(field).is_none_or(|field| field.is_var)
                }
                _ => false,
            };
            ty = projected_ty(definitions, ty, step).unwrap_or_else(Ty::error);
            is_var
        })
    }

    /// The type of an operand.
    pub fn operand_ty(&self, definitions: &Definitions, operand: &Operand) -> Ty {
        match operand {
            Operand::Const(constant) => constant.ty(),
            Operand::Use(place) | Operand::Copy(place) | Operand::Move(place) | Operand::Borrow(place) => {
                self.place_ty(definitions, place)
            }
        }
    }

    /// The type of what an assignment evaluates. Where the value does not determine it (the result of a task, whose
    /// handle was checked) it is what the handle says.
    pub fn rvalue_ty(&self, definitions: &Definitions, rvalue: &Rvalue) -> Ty {
        match rvalue {
            Rvalue::Use(operand)
            | Rvalue::Unary(_, operand)
            | Rvalue::Float(_, operand)
            | Rvalue::Bits(_, operand)
            | Rvalue::BitPair(_, operand, _) => self.operand_ty(definitions, operand),
            Rvalue::Binary(op, left, _) if !op.is_comparison() => self.operand_ty(definitions, left),
            Rvalue::Wrapping(_, left, _) | Rvalue::MultiplyFolded(left, _) => {
                self.operand_ty(definitions, left)
            }
            Rvalue::Binary(..)
            | Rvalue::Overflows(..)
            | Rvalue::Fits(..)
            | Rvalue::IsManaged(_)
            | Rvalue::IsUnique(_) => Ty::bool(),
            Rvalue::Cast(_, _, ty)
            | Rvalue::Aggregate(ty, _, _)
            | Rvalue::NewBuffer(ty, _)
            | Rvalue::Upgrade(_, ty)
            | Rvalue::Interface(ty, _)
            | Rvalue::Reinterpret(_, ty) => *ty,
            Rvalue::Closure(closure) => closure.ty,
            Rvalue::Discriminant(_) | Rvalue::Length(_) | Rvalue::Capacity(_) | Rvalue::Identity(_) => {
                Ty::int()
            }
            Rvalue::Weaken(place) => Ty::new(TyKind::Weak(self.place_ty(definitions, place))),
            Rvalue::TaskResult(place) => match *self.place_ty(definitions, place).kind() {
                TyKind::Task(result) => result,
                _ => crate::bug!("{}: {place:?} is no task", self.name),
            },
        }
    }
}
