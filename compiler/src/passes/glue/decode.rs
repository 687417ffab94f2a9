//! `Decodable` by structure: reads what `encode` writes. Each field has a slot, an `Option`, which is filled when the document comes
//! to it. What is missing is `None` of an `Option`, or the default of the field.
//!
//! The decoder keeps the first mistake and has nothing to read any more from then on, so only the end asks for it.

use plat_syntax::source::Span;

use super::json::{Form, call, form, interface, named, param_ty, text};
use super::{Generator, int, value};
use crate::bug;
use crate::hir::{FieldId, FnId, Hir, VariantId};
use crate::mir::{
    Argument, BlockId, Callee, Const, Function, Glue, Local, LocalKind, Operand, Place, Projection, Rvalue,
    TerminatorKind,
};
use crate::types::{Ty, TyKind};

/// `(inout from: Decoder) -> Result<T, JsonError>`
pub(super) fn generate(hir: &Hir, ty: Ty, span: Span) -> Function {
    let method = interface(hir, hir.lang.decodable, span);
    let result = hir.definitions.functions[method].result.ty.substitute(&[ty]);
    let mut generator = Generator::new(hir, Glue::Decode, ty, result, span);
    let decoder_ty = param_ty(hir, method);
    let decoder = generator.builder.param(decoder_ty, None, LocalKind::Inout);
    let mut decode = Decode { generator, decoder, decoder_ty, ty, result };
    match *ty.kind() {
        TyKind::Enum(id, _) => {
            let variants = hir.definitions.enums[id].variants.iter();
            let variants: Vec<_> = variants.map(|it| (it.name.to_string(), !it.fields.is_empty())).collect();
            decode.variants(&variants);
        }
        _ => decode.fields(None),
    }
    decode.generator.builder.finish()
}

struct Decode<'a> {
    generator: Generator<'a>,
    decoder: Local,
    decoder_ty: Ty,
    /// What is read.
    ty: Ty,
    /// What is given.
    result: Ty,
}

/// A field, and what was read of it.
struct Slot {
    name: String,
    field: FieldId,
    ty: Ty,
    /// Of type `Option<ty>`.
    local: Local,
    if_missing: Missing,
}

/// What a field is that the document does not have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// A mistake.
    Wrong,
    /// `None`.
    None,
    /// What the function gives.
    Default(FnId),
}

impl Decode<'_> {
    /// Reads the fields of the struct, tuple or variant, and returns.
    fn fields(&mut self, variant: Option<VariantId>) {
        let slots = self.slots(variant);
        match form(&self.generator.hir.definitions, self.ty, variant) {
            Form::Null => self.call("null", &[], Vec::new(), None),
            Form::Object => self.object(&slots),
            Form::Value => slots.iter().for_each(|slot| self.part(slot, "")),
            Form::Array => self.array(&slots),
        }
        if let (Some(variant), TyKind::Enum(id, _)) = (variant, self.ty.kind()) {
            let name = self.generator.hir.definitions.enums[*id].variants[variant].name;
            self.call("end_variant", &[], vec![text(name.as_str())], None);
        }
        self.return_failure_unless_right();
        let values = slots.iter().map(|slot| self.slot_value(slot)).collect();
        let made = self.generator.temp(self.ty, Rvalue::Aggregate(self.ty, variant, values));
        self.return_ok(Operand::Use(made.into()));
    }

    fn slots(&mut self, variant: Option<VariantId>) -> Vec<Slot> {
        let fields = named(&self.generator, self.ty, variant);
        let slot = |(name, field, ty): (String, FieldId, Ty)| {
            let option = self.option(ty);
            let local = self.generator.builder.variable(option, None);
            self.generator.assign(local, Rvalue::Aggregate(option, Some(VariantId::NONE), Vec::new()));
            Slot { name, field, ty, local, if_missing: self.if_missing(field, ty) }
        };
        fields.into_iter().map(slot).collect()
    }

    fn if_missing(&self, field: FieldId, ty: Ty) -> Missing {
        let hir = self.generator.hir;
        if let TyKind::Struct(id, _) = *self.ty.kind()
            && let Some(default) = hir.definitions.structs[id].fields[field].default
        {
            return Missing::Default(default);
        }
        match *ty.kind() {
            TyKind::Enum(id, _) if Some(id) == hir.lang.option => Missing::None,
            _ => Missing::Wrong,
        }
    }

    fn object(&mut self, slots: &[Slot]) {
        let start = self.ask("begin_fields", Ty::int(), Vec::new());
        let head = self.generator.builder.new_block();
        self.generator.goto_and_switch(head);
        let has_next = self.ask("next_field", Ty::bool(), Vec::new());
        let (_, end) = self.generator.branch(has_next);
        for slot in slots {
            let is_it = self.ask("is_at_field", Ty::bool(), vec![text(&slot.name)]);
            let (_, other) = self.generator.branch(is_it);
            self.part(slot, &format!(".{}", slot.name));
            self.generator.builder.goto(head, self.generator.span);
            self.generator.builder.switch_to(other);
        }
        self.call("skip_field", &[], Vec::new(), None);
        self.generator.builder.goto(head, self.generator.span);
        self.generator.builder.switch_to(end);
        for slot in slots.iter().filter(|slot| slot.if_missing == Missing::Wrong) {
            let rest = self.begin_if_missing(slot);
            self.call("missing", &[], vec![text(&slot.name), value(start)], None);
            self.generator.goto_and_switch(rest);
        }
    }

    fn array(&mut self, slots: &[Slot]) {
        let count = || Argument::Value(int(slots.len() as i128));
        self.call("begin_parts", &[], Vec::new(), None);
        for slot in slots {
            self.call("next_part", &[], vec![count()], None);
            self.part(slot, &format!("[{}]", slot.field.0));
        }
        self.call("end_parts", &[], vec![count()], None);
    }

    /// Reads the name of a variant and then its fields.
    fn variants(&mut self, variants: &[(String, bool)]) {
        self.call("begin_variant", &[], Vec::new(), None);
        for (variant, (name, has_fields)) in (0..).map(VariantId).zip(variants) {
            let has_fields_value = Argument::Value(Operand::Const(Const::Bool(*has_fields)));
            let is_it = self.ask("is_at_variant", Ty::bool(), vec![text(name), has_fields_value]);
            let (_, other) = self.generator.branch(is_it);
            if *has_fields {
                self.fields(Some(variant));
            } else {
                self.return_failure_unless_right();
                let made =
                    self.generator.temp(self.ty, Rvalue::Aggregate(self.ty, Some(variant), Vec::new()));
                self.return_ok(Operand::Use(made.into()));
            }
            self.generator.builder.switch_to(other);
        }
        let names: Vec<_> = variants.iter().map(|(name, _)| format!("`{name}`")).collect();
        let names = match &names[..] {
            [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
            _ => names.concat(),
        };
        self.call("unknown_variant", &[], vec![text(&names)], None);
        self.return_failure();
    }

    /// Reads a field into its slot; `step` leads there in paths.
    fn part(&mut self, slot: &Slot, step: &str) {
        let args = vec![Argument::Place(slot.local.into()), text(step)];
        self.call("part", &[slot.ty], args, None);
    }

    /// The value of a field after all went well.
    fn slot_value(&mut self, slot: &Slot) -> Operand {
        let content = Place::from(slot.local).project(Projection::VariantField(VariantId::SOME, FieldId(0)));
        if slot.if_missing == Missing::Wrong {
            return Operand::Use(content);
        }
        let result = self.generator.builder.variable(slot.ty, None);
        let (rest, end) = (self.begin_if_missing(slot), self.generator.builder.new_block());
        match slot.if_missing {
            Missing::Default(default) => {
                let args = self.ty.parts().to_vec();
                let target = (!slot.ty.is_unit()).then(|| result.into());
                let span = self.generator.span;
                self.generator.builder.call(target, Callee::Generic(default, args), Vec::new(), span);
            }
            Missing::Wrong | Missing::None => {
                self.generator.assign(result, Rvalue::Aggregate(slot.ty, Some(VariantId::NONE), Vec::new()));
            }
        }
        self.generator.builder.goto(end, self.generator.span);
        self.generator.builder.switch_to(rest);
        self.generator.assign(result, Rvalue::Use(Operand::Use(content)));
        self.generator.goto_and_switch(end);
        Operand::Use(result.into())
    }

    /// Goes into a new block if nothing was read of the field. What it skips if something was.
    fn begin_if_missing(&mut self, slot: &Slot) -> BlockId {
        let tag = self.generator.temp(Ty::int(), Rvalue::Discriminant(slot.local.into()));
        let (missing, there) = (self.generator.builder.new_block(), self.generator.builder.new_block());
        let cases = vec![(i128::from(VariantId::NONE.0), missing)];
        let switch = TerminatorKind::Switch(Operand::Use(tag.into()), cases, there);
        self.generator.builder.terminate(switch, self.generator.span);
        self.generator.builder.switch_to(missing);
        there
    }

    fn return_failure_unless_right(&mut self) {
        let is_right = self.ask("is_right", Ty::bool(), Vec::new());
        let (right, wrong) = self.generator.branch(is_right);
        self.generator.builder.switch_to(wrong);
        self.return_failure();
        self.generator.builder.switch_to(right);
    }

    fn return_failure(&mut self) {
        self.call("failure", &[self.ty], Vec::new(), Some(Function::RESULT.into()));
        self.generator.builder.terminate(TerminatorKind::Return, self.generator.span);
    }

    fn return_ok(&mut self, made: Operand) {
        self.generator.return_value(Rvalue::Aggregate(self.result, Some(VariantId::OK), vec![made]));
    }

    fn option(&self, ty: Ty) -> Ty {
        let Some(option) = self.generator.hir.lang.option else { bug!("the library has no Option") };
        Ty::enumeration(option, &[ty])
    }

    /// Calls a method of the decoder that gives an answer.
    fn ask(&mut self, method: &str, ty: Ty, args: Vec<Argument>) -> Local {
        let answer = self.generator.builder.temp(ty);
        self.call(method, &[], args, Some(answer.into()));
        answer
    }

    /// Calls a method of the decoder.
    fn call(&mut self, method: &str, type_args: &[Ty], args: Vec<Argument>, target: Option<Place>) {
        call(&mut self.generator, (self.decoder, self.decoder_ty), method, type_args, args, target);
    }
}
