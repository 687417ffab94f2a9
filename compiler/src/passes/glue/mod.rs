//! Functions generated for what every type can do by its structure: be displayed, compared for equality,
//! ordered, and be a key.
//!
//! What is generated is built MIR. It calls the glue of the parts, which `mono` resolves like any other callee, so a
//! recursive type gets recursive functions.

use plat_syntax::index::IndexVec;
use plat_syntax::source::Span;

use crate::hir::{FieldId, Hir, VariantId};
use crate::mir::builder::Builder;
use crate::mir::typing::field_tys;
use crate::mir::{
    Argument, BinaryOp, BlockId, Const, Effects, Function, FunctionKind, Glue, Local, LocalKind, Operand,
    Place, Poll, Projection, Rvalue, TerminatorKind,
};
use crate::types::{Ty, TyKind};

mod compare;
mod decode;
mod display;
mod elements;
mod encode;
mod hash;
mod json;
mod method;

/// The function that does `glue` for values of type `ty`.
pub(super) fn generate(hir: &Hir, glue: Glue, ty: Ty, span: Span) -> Function {
    match glue {
        Glue::Display => display::generate(hir, ty, span),
        Glue::Equal | Glue::Same => compare::generate_equal(hir, ty, span),
        Glue::Compare => compare::generate_compare(hir, ty, span),
        Glue::Hash => hash::generate(hir, ty, span),
        Glue::Encode => encode::generate(hir, ty, span),
        Glue::Decode => decode::generate(hir, ty, span),
    }
}

pub(super) use method::generate as generate_method;

/// Builds one generated function.
struct Generator<'a> {
    hir: &'a Hir,
    builder: Builder,
    span: Span,
}

impl<'a> Generator<'a> {
    fn new(hir: &'a Hir, glue: Glue, ty: Ty, result: Ty, span: Span) -> Self {
        Self::named(hir, super::mono::glue_name(&hir.definitions, glue, ty), result, span)
    }

    fn named(hir: &'a Hir, name: String, result: Ty, span: Span) -> Self {
        let function = Function {
            name,
            origin: None,
            span,
            kind: FunctionKind::Plain,
            is_library: true,
            type_param_count: 0,
            capture_count: 0,
            param_count: 0,
            locals: IndexVec::new(),
            blocks: IndexVec::new(),
            inline_sites: IndexVec::new(),
            deepest: 0,
            effects: Effects::ALL,
            poll: Poll::Ends,
        };
        Self { hir, builder: Builder::new(function, result), span }
    }

    fn value_param(&mut self, ty: Ty) -> Local {
        self.builder.param(ty, None, LocalKind::Borrowed)
    }

    fn finish(mut self) -> Function {
        self.builder.terminate(TerminatorKind::Return, self.span);
        self.builder.finish()
    }

    fn assign(&mut self, place: impl Into<Place>, rvalue: Rvalue) {
        self.builder.assign(place, rvalue, self.span);
    }

    fn temp(&mut self, ty: Ty, rvalue: Rvalue) -> Local {
        self.builder.assign_temp(ty, rvalue, self.span)
    }

    fn goto_and_switch(&mut self, target: BlockId) {
        self.builder.goto_and_switch(target, self.span);
    }

    /// Branches to two new blocks, of which the first becomes current.
    fn branch(&mut self, condition: Local) -> (BlockId, BlockId) {
        let (then, otherwise) = (self.builder.new_block(), self.builder.new_block());
        self.builder.branch(Operand::Use(condition.into()), then, otherwise, self.span);
        self.builder.switch_to(then);
        (then, otherwise)
    }

    /// Returns from the current block if the condition holds, with what `result` says, and goes on in a new one.
    fn return_if(&mut self, condition: Local, result: Rvalue) {
        let (_, otherwise) = self.branch(condition);
        self.return_value(result);
        self.builder.switch_to(otherwise);
    }

    fn return_value(&mut self, result: Rvalue) {
        self.assign(Function::RESULT, result);
        self.builder.terminate(TerminatorKind::Return, self.span);
    }

    /// A block for each variant of the enum at `place`, which the current block goes to.
    fn switch_variants(&mut self, place: &Place, variants: usize) -> Vec<(VariantId, BlockId)> {
        let tag = self.temp(Ty::int(), Rvalue::Discriminant(place.clone()));
        let blocks: Vec<_> =
            (0..variants).map(|variant| (VariantId(variant as u32), self.builder.new_block())).collect();
        let cases = blocks.iter().map(|&(variant, block)| (i128::from(variant.0), block)).collect();
        let nowhere = self.builder.new_block();
        let switch = TerminatorKind::Switch(Operand::Use(tag.into()), cases, nowhere);
        self.builder.terminate(switch, self.span);
        blocks
    }

    /// The types of the fields of a struct, tuple or variant, with their ids.
    fn fields(&self, ty: Ty, variant: Option<VariantId>) -> Vec<(FieldId, Ty)> {
        let tys = field_tys(&self.hir.definitions, ty, variant).unwrap_or_default();
        (0..).map(FieldId).zip(tys).collect()
    }

    /// The place of a field of the value at `place`.
    fn field(place: &Place, variant: Option<VariantId>, field: FieldId) -> Place {
        place.clone().project(match variant {
            Some(variant) => Projection::VariantField(variant, field),
            None => Projection::Field(field),
        })
    }

    /// How the value at a place is displayed and compared.
    fn shape(&self, ty: Ty) -> Shape {
        let definitions = &self.hir.definitions;
        match *ty.kind() {
            TyKind::Struct(id, args) if Some(id) == self.hir.lang.list => Shape::List(args[0]),
            TyKind::Struct(id, _) => Shape::Struct(definitions.structs[id].name.to_string()),
            TyKind::Class(id, _) => Shape::Class(definitions.classes[id].name.to_string()),
            TyKind::Tuple(_) => Shape::Tuple,
            TyKind::Enum(id, _) => Shape::Enum(definitions.enums[id].variants.len()),
            _ => Shape::Scalar,
        }
    }
}

/// How a type is made up, as far as glue cares.
enum Shape {
    /// A number or string: no parts.
    Scalar,
    /// A struct and its name.
    Struct(String),
    /// A tuple.
    Tuple,
    /// An enum with so many variants.
    Enum(usize),
    /// A class and its name.
    Class(String),
    /// A `List` of these, which stand in the buffer that is its one field.
    List(Ty),
}

/// The constant as an operand.
fn int(value: i128) -> Operand {
    Operand::Const(Const::Int(value, Ty::int()))
}

/// The value of a local as an argument.
fn value(place: impl Into<Place>) -> Argument {
    Argument::Value(Operand::Use(place.into()))
}

/// The value of a place and of another, compared or computed with.
fn binary(op: BinaryOp, left: impl Into<Place>, right: Operand) -> Rvalue {
    Rvalue::Binary(op, Operand::Use(left.into()), right)
}
