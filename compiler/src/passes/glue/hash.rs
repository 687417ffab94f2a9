//! `Hash` by structure: every part is put into the hasher in order; of enums the variant before its fields, of lists the
//! length before the elements, but bytes all at once; of objects the number that is theirs alone. What is equal by structure is put in alike.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::{Generator, Shape, value};
use crate::bug;
use crate::hir::{FieldId, FnId, Hir, VariantId};
use crate::mir::{
    Argument, Callee, CastKind, Function, Glue, Local, LocalKind, Operand, Place, Projection, Rvalue,
};
use crate::types::{Ty, TyKind};

/// `(value: T, inout hasher: Hasher)`
pub(super) fn generate(hir: &Hir, ty: Ty, span: Span) -> Function {
    let mut generator = Generator::new(hir, Glue::Hash, ty, Ty::unit(), span);
    let hashed = Place::from(generator.value_param(ty));
    let hasher_ty =
        hir.lang.hasher.map_or_else(|| bug!(span, "the library has no Hasher"), |id| Ty::structure(id, &[]));
    let hasher = generator.builder.param(hasher_ty, None, LocalKind::Inout);
    let mut hash = Hash { generator, hasher };
    hash.value(ty, &hashed);
    hash.generator.finish()
}

struct Hash<'a> {
    generator: Generator<'a>,
    hasher: Local,
}

impl Hash<'_> {
    fn value(&mut self, ty: Ty, place: &Place) {
        match self.generator.shape(ty) {
            Shape::Scalar => self.scalar(ty, place),
            Shape::Class(_) => {
                let number = self.generator.temp(Ty::int(), Rvalue::Identity(place.clone()));
                self.write("write_int", Operand::Use(number.into()));
            }
            Shape::Struct(_) | Shape::Tuple => self.fields(ty, None, place),
            Shape::Enum(variants) => self.variants(ty, variants, place),
            Shape::List(element) if element == Ty::byte() => {
                self.write("write_bytes", Operand::Use(place.clone()));
            }
            Shape::List(element) => {
                self.elements(element, &place.clone().project(Projection::Field(FieldId(0))));
            }
        }
    }

    fn scalar(&mut self, ty: Ty, place: &Place) {
        let operand = Operand::Use(place.clone());
        match *ty.kind() {
            TyKind::String => self.write("write_text", operand),
            TyKind::Float(_) => {
                let wide = self.converted(operand, ty, CastKind::Checked, Ty::float());
                self.write("write_float", wide);
            }
            TyKind::Int(_) => {
                let int = self.converted(operand, ty, CastKind::Wrapping, Ty::int());
                self.write("write_int", int);
            }
            TyKind::Bool | TyKind::Char => {
                let int = self.converted(operand, ty, CastKind::Checked, Ty::int());
                self.write("write_int", int);
            }
            _ => {}
        }
    }

    fn converted(&mut self, operand: Operand, from: Ty, kind: CastKind, to: Ty) -> Operand {
        if from == to {
            return operand;
        }
        Operand::Use(self.generator.temp(to, Rvalue::Cast(kind, operand, to)).into())
    }

    /// Calls a method of the hasher.
    fn write(&mut self, method: &str, operand: Operand) {
        let method = self.method(method);
        let args = vec![Argument::Place(self.hasher.into()), Argument::Value(operand)];
        let span = self.generator.span;
        self.generator.builder.call(None, Callee::Generic(method, Vec::new()), args, span);
    }

    fn method(&self, name: &str) -> FnId {
        let hir = self.generator.hir;
        let members = hir.lang.hasher.map(|id| &hir.definitions.structs[id].members[..]).unwrap_or_default();
        let name = Symbol::intern(name);
        let method = members.iter().find(|&&member| hir.definitions.functions[member].name == name);
        *method.unwrap_or_else(|| bug!("Hasher has no {name}"))
    }

    fn fields(&mut self, ty: Ty, variant: Option<VariantId>, place: &Place) {
        for (field, field_ty) in self.generator.fields(ty, variant) {
            self.part(field_ty, &Generator::field(place, variant, field));
        }
    }

    /// Calls the glue of a part.
    fn part(&mut self, ty: Ty, place: &Place) {
        let args = vec![value(place.clone()), Argument::Place(self.hasher.into())];
        self.generator.builder.call(None, Callee::Glue(Glue::Hash, ty), args, self.generator.span);
    }

    fn variants(&mut self, ty: Ty, variants: usize, place: &Place) {
        let tag = self.generator.temp(Ty::int(), Rvalue::Discriminant(place.clone()));
        self.write("write_int", Operand::Use(tag.into()));
        let end = self.generator.builder.new_block();
        for (variant, block) in self.generator.switch_variants(place, variants) {
            self.generator.builder.switch_to(block);
            self.fields(ty, Some(variant), place);
            self.generator.builder.goto(end, self.generator.span);
        }
        self.generator.builder.switch_to(end);
    }

    fn elements(&mut self, element: Ty, buffer: &Place) {
        let length = self.generator.length(buffer);
        self.write("write_int", Operand::Use(length.into()));
        let each = self.generator.begin_loop(length);
        self.part(element, &buffer.clone().project(Projection::Element(each.index)));
        self.generator.end_loop(&each);
    }
}
