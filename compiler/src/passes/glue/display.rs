//! `Display` by structure. Width, precision and the like are the scalars'; parts are shown nested, without them.

use plat_abi::functions::RuntimeFn;
use plat_abi::layout::{Align, FormatSpec, Notation};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::{Generator, Shape, binary, int, value};
use crate::hir::{FieldId, FnId, Hir, VariantId};
use crate::mir::{
    Argument, BinaryOp, Callee, Const, Function, Glue, Local, LocalKind, Operand, Place, Projection, Rvalue,
};
use crate::types::{Head, Ty, TyKind};

/// `(inout builder: String, value: T, format: Int)`
pub(super) fn generate(hir: &Hir, ty: Ty, span: Span) -> Function {
    let mut generator = Generator::new(hir, Glue::Display, ty, Ty::unit(), span);
    let out = generator.builder.param(Ty::string(), None, LocalKind::Inout);
    let shown = Place::from(generator.value_param(ty));
    let format = generator.value_param(Ty::int());
    let mut display = Display { generator, out, format };
    display.value(ty, &shown);
    display.generator.finish()
}

struct Display<'a> {
    generator: Generator<'a>,
    /// The string that is appended to.
    out: Local,
    /// The packed format.
    format: Local,
}

/// What stands around and between the parts of a value.
struct Brackets<'a> {
    open: &'a str,
    close: &'a str,
}

const PARENTHESES: Brackets<'_> = Brackets { open: "(", close: ")" };
const SQUARE: Brackets<'_> = Brackets { open: "[", close: "]" };

impl Display<'_> {
    /// The text that an implementation gives, put into the format. Inside another value it stands as it is.
    fn implemented(&mut self, ty: Ty, method: FnId, place: &Place) {
        const NESTED: FormatSpec = FormatSpec {
            fill: '\0',
            align: Align::Natural,
            width: 0,
            precision: None,
            kind: Notation::Plain,
            plus: false,
            zero: false,
            nested: true,
        };
        let text = self.generator.builder.temp(Ty::string());
        let (builder, span) = (&mut self.generator.builder, self.generator.span);
        builder.call(Some(text.into()), Callee::Generic(method, vec![ty]), vec![value(place.clone())], span);
        let format = binary(BinaryOp::BitAnd, self.format, int(!i128::from(NESTED.pack())));
        let format = self.generator.temp(Ty::int(), format);
        let args = vec![Argument::Place(self.out.into()), value(text), value(format)];
        self.generator.builder.call(None, Callee::Glue(Glue::Display, Ty::string()), args, span);
    }

    /// `Display.display`, if an implementation, or the value of an interface's type, says how it is displayed.
    fn implementation(&self, ty: Ty) -> Option<FnId> {
        let hir = self.generator.hir;
        let interface = hir.lang.display?;
        if ty.as_interface().is_none() {
            hir.definitions.implementations.explicit(Head::of(ty)?, interface).next()?;
        }
        hir.definitions.interfaces[interface].members.first().copied()
    }

    fn value(&mut self, ty: Ty, place: &Place) {
        if let Some(method) = self.implementation(ty) {
            return self.implemented(ty, method, place);
        }
        if let TyKind::Struct(id, _) = *ty.kind()
            && Some(id) == self.generator.hir.lang.range
        {
            return self.range(ty, place);
        }
        if let TyKind::Struct(id, _) = *ty.kind()
            && self.generator.hir.definitions.structs[id].is_newtype
        {
            return self.newtype(ty, place);
        }
        match self.generator.shape(ty) {
            Shape::Tuple => self.parts(ty, None, place, &PARENTHESES),
            Shape::Struct(name) => {
                self.text(&name);
                self.parts(ty, None, place, &PARENTHESES);
            }
            Shape::Enum(variants) => self.variants(ty, variants, place),
            Shape::List(element) => {
                self.elements(element, &place.clone().project(Projection::Field(FieldId(0))));
            }
            Shape::Class(name) => self.object(&name, place),
            Shape::Scalar => self.part(ty, place),
        }
    }

    /// All fields of a struct, tuple or variant, with their names where they have some.
    fn parts(&mut self, ty: Ty, variant: Option<VariantId>, place: &Place, brackets: &Brackets<'_>) {
        let names = self.field_names(ty, variant);
        let mut before = brackets.open.to_owned();
        for ((field, field_ty), name) in self.generator.fields(ty, variant).into_iter().zip(names) {
            if let Some(name) = name {
                before += name.as_str();
                before += " = ";
            }
            self.text(&before);
            self.part(field_ty, &Generator::field(place, variant, field));
            ", ".clone_into(&mut before);
        }
        let is_empty = before == brackets.open;
        if is_empty {
            self.text(brackets.open);
        }
        self.text(brackets.close);
    }

    fn field_names(&self, ty: Ty, variant: Option<VariantId>) -> Vec<Option<Symbol>> {
        let definitions = &self.generator.hir.definitions;
        match (ty.kind(), variant) {
            (TyKind::Struct(id, _), _) => {
                definitions.structs[*id].fields.iter().map(|field| Some(field.name)).collect()
            }
            (TyKind::Enum(id, _), Some(variant)) => {
                definitions.enums[*id].variants[variant].fields.iter().map(|field| field.name).collect()
            }
            _ => vec![None; ty.parts().len()],
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
        self.text(definition.name.as_str());
        if !definition.fields.is_empty() {
            self.parts(ty, Some(variant), place, &PARENTHESES);
        }
    }

    fn elements(&mut self, element: Ty, buffer: &Place) {
        self.text(SQUARE.open);
        let length = self.generator.length(buffer);
        let each = self.generator.begin_loop(length);
        let follows = binary(BinaryOp::Gt, each.index, int(0));
        let follows = self.generator.temp(Ty::bool(), follows);
        let (_, shown) = self.generator.branch(follows);
        self.text(", ");
        self.generator.goto_and_switch(shown);
        self.part(element, &buffer.clone().project(Projection::Element(each.index)));
        self.generator.end_loop(&each);
        self.text(SQUARE.close);
    }

    /// As the value it stands for, in the format that was asked for; a `Duration` has a form of its own.
    fn newtype(&mut self, ty: Ty, place: &Place) {
        let Some(&(field, value_ty)) = self.generator.fields(ty, None).first() else { return };
        let is_duration =
            matches!(*ty.kind(), TyKind::Struct(id, _) if Some(id) == self.generator.hir.lang.duration);
        let callee = match is_duration {
            true => Callee::Runtime(RuntimeFn::format_duration),
            false => Callee::Glue(Glue::Display, value_ty),
        };
        let shown = value(Generator::field(place, None, field));
        let args = vec![Argument::Place(self.out.into()), shown, value(self.format)];
        self.generator.builder.call(None, callee, args, self.generator.span);
    }

    /// `1..5` or `1..=5`: the fields are start, end and whether the end belongs to it.
    fn range(&mut self, ty: Ty, place: &Place) {
        let [(start, bound), (end, _), (inclusive, _)] = self.generator.fields(ty, None)[..] else { return };
        self.part(bound, &Generator::field(place, None, start));
        let is_inclusive = Operand::Use(Generator::field(place, None, inclusive));
        let is_inclusive = self.generator.temp(Ty::bool(), Rvalue::Use(is_inclusive));
        let (_, half_open) = self.generator.branch(is_inclusive);
        let last = self.generator.builder.new_block();
        self.text("..=");
        self.generator.builder.goto(last, self.generator.span);
        self.generator.builder.switch_to(half_open);
        self.text("..");
        self.generator.goto_and_switch(last);
        self.part(bound, &Generator::field(place, None, end));
    }

    /// `Account@7`
    fn object(&mut self, name: &str, place: &Place) {
        self.text(name);
        self.text("@");
        let number = self.generator.temp(Ty::int(), Rvalue::Identity(place.clone()));
        self.part(Ty::int(), &number.into());
    }

    fn text(&mut self, text: &str) {
        let text = Operand::Const(Const::String(Symbol::intern(text)));
        let args = vec![Argument::Place(self.out.into()), Argument::Value(text)];
        self.generator.builder.call(None, Callee::Runtime(RuntimeFn::string_push), args, self.generator.span);
    }

    fn part(&mut self, ty: Ty, place: &Place) {
        let nested = FormatSpec { nested: true, ..FormatSpec::default() };
        let format = Argument::Value(Operand::Const(Const::Format(nested)));
        let args = vec![Argument::Place(self.out.into()), value(place.clone()), format];
        self.generator.builder.call(None, Callee::Glue(Glue::Display, ty), args, self.generator.span);
    }
}
