//! `Encodable` by structure: structs are objects, tuples arrays. A variant without fields is its name; one with fields an object of its
//! name and what they say: an object of those with names, the value of a single one, an array of several.

use plat_syntax::source::Span;

use super::json::{Form, call, form, interface, named, param_ty, text};
use super::{Generator, value};
use crate::hir::{FnId, Hir, VariantId};
use crate::mir::{Argument, Callee, Function, Glue, Local, LocalKind, Place};
use crate::types::{Ty, TyKind};

/// `(value: T, inout to: Encoder)`
pub(super) fn generate(hir: &Hir, ty: Ty, span: Span) -> Function {
    let method = interface(hir, hir.lang.encodable, span);
    let mut generator = Generator::new(hir, Glue::Encode, ty, Ty::unit(), span);
    let encoded = Place::from(generator.value_param(ty));
    let encoder_ty = param_ty(hir, method);
    let encoder = generator.builder.param(encoder_ty, None, LocalKind::Inout);
    let mut encode = Encode { generator, encoder, encoder_ty, method };
    encode.value(ty, &encoded);
    encode.generator.finish()
}

struct Encode<'a> {
    generator: Generator<'a>,
    encoder: Local,
    encoder_ty: Ty,
    /// `Encodable.encode`
    method: FnId,
}

impl Encode<'_> {
    fn value(&mut self, ty: Ty, place: &Place) {
        match *ty.kind() {
            TyKind::Enum(id, _) => {
                let variants = self.generator.hir.definitions.enums[id].variants.len();
                self.variants(ty, variants, place);
            }
            _ => self.fields(ty, None, place),
        }
    }

    /// What the fields of a struct, tuple or variant say.
    fn fields(&mut self, ty: Ty, variant: Option<VariantId>, place: &Place) {
        let fields = named(&self.generator, ty, variant);
        match form(&self.generator.hir.definitions, ty, variant) {
            Form::Null => self.call("null", Vec::new()),
            Form::Object => {
                self.call("begin_object", Vec::new());
                for (name, field, field_ty) in fields {
                    self.call("field", vec![text(&name)]);
                    self.part(field_ty, &Generator::field(place, variant, field));
                }
                self.call("end_object", Vec::new());
            }
            Form::Value => {
                for (_, field, field_ty) in fields {
                    self.part(field_ty, &Generator::field(place, variant, field));
                }
            }
            Form::Array => {
                self.call("begin_array", Vec::new());
                for (_, field, field_ty) in fields {
                    self.part(field_ty, &Generator::field(place, variant, field));
                }
                self.call("end_array", Vec::new());
            }
        }
    }

    fn variants(&mut self, ty: Ty, variants: usize, place: &Place) {
        let end = self.generator.builder.new_block();
        for (variant, block) in self.generator.switch_variants(place, variants) {
            self.generator.builder.switch_to(block);
            self.variant(ty, variant, place);
            self.generator.builder.goto(end, self.generator.span);
        }
        self.generator.builder.switch_to(end);
    }

    fn variant(&mut self, ty: Ty, variant: VariantId, place: &Place) {
        let TyKind::Enum(id, _) = *ty.kind() else { return };
        let definition = &self.generator.hir.definitions.enums[id].variants[variant];
        let name = text(definition.name.as_str());
        if definition.fields.is_empty() {
            return self.call("string", vec![name]);
        }
        self.call("begin_object", Vec::new());
        self.call("key", vec![name]);
        self.fields(ty, Some(variant), place);
        self.call("end_object", Vec::new());
    }

    /// Writes a part as its type says.
    fn part(&mut self, ty: Ty, place: &Place) {
        let args = vec![value(place.clone()), Argument::Place(self.encoder.into())];
        self.generator.builder.call(None, Callee::Generic(self.method, vec![ty]), args, self.generator.span);
    }

    /// Calls a method of the encoder.
    fn call(&mut self, method: &str, args: Vec<Argument>) {
        call(&mut self.generator, (self.encoder, self.encoder_ty), method, &[], args, None);
    }
}
