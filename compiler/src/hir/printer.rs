//! HIR as text, for `--emit hir`: the user's definitions, in the order of the source.
//!
//! Looks like Plat where that says it all. What is added: locals have numbers (`x@2`), task bodies list their captures
//! (`spawn[x@2]`), loops have names that jumps mention (`loop0`), and names whose meaning depends on types begin with
//! `?`.

use std::fmt::Write as _;

use plat_syntax::index::Id;

use super::{
    Body, Bound, Class, Const, Definitions, Enum, ExprId, Field, FnBody, FnId, FnKind, Function, Hir,
    Implementation, Interface, LocalId, ParamMode, Struct, TypeParam,
};
use crate::types::{InterfacePrinter, Ty, TypePrinter};

mod exprs;
mod patterns;

/// The user's part of the program as text.
pub fn print(hir: &Hir) -> String {
    let mut printer = Printer { definitions: &hir.definitions, out: String::new(), indent: 0 };
    printer.definitions();
    format!("{}\n", printer.out.trim_end())
}

struct Printer<'a> {
    definitions: &'a Definitions,
    out: String,
    indent: usize,
}

impl<'a> Printer<'a> {
    fn definitions(&mut self) {
        let definitions = self.definitions;
        for definition in definitions.structs.iter().filter(|definition| !definition.is_library) {
            self.structure(definition);
        }
        for definition in definitions.classes.iter().filter(|definition| !definition.is_library) {
            self.class(definition);
        }
        for definition in definitions.enums.iter().filter(|definition| !definition.is_library) {
            self.enumeration(definition);
        }
        for definition in definitions.interfaces.iter().filter(|definition| !definition.is_library) {
            self.interface(definition);
        }
        for implementation in definitions.implementations.iter().filter(|it| !it.is_library) {
            self.implementation(implementation);
        }
        for constant in definitions.consts.iter().filter(|it| !definitions.functions[it.value].is_library) {
            self.constant(constant);
        }
        let values: Vec<FnId> = definitions.consts.iter().map(|constant| constant.value).collect();
        for (id, function) in definitions.functions.iter_enumerated() {
            let is_default = function.name.as_str().ends_with(".default");
            if !function.is_library && !is_default && !values.contains(&id) {
                self.function(function);
            }
        }
    }

    fn write(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", self.indent));
    }

    /// `before`, then each item with a separator between, then `after`.
    fn list<T>(&mut self, before: &str, items: &[T], after: &str, mut each: impl FnMut(&mut Self, &T)) {
        self.write(before);
        for (position, item) in items.iter().enumerate() {
            self.write(if position == 0 { "" } else { ", " });
            each(self, item);
        }
        self.write(after);
    }

    /// Lines in braces.
    fn braces<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.write("{");
        self.indent += 1;
        for item in items {
            self.line_break();
            each(self, item);
        }
        self.indent -= 1;
        self.line_break();
        self.write("}");
    }

    fn ty(&mut self, ty: Ty) {
        let printer = TypePrinter::new(self.definitions, ty);
        write!(self.out, "{printer}").expect("a string grows");
    }

    fn type_params(&mut self, params: &[TypeParam]) {
        if params.is_empty() {
            return;
        }
        self.list("<", params, ">", |this, param| {
            this.write(param.name.as_str());
            for (position, bound) in param.bounds.iter().enumerate() {
                this.write(if position == 0 { ": " } else { " + " });
                this.bound(*bound);
            }
        });
    }

    fn bound(&mut self, bound: Bound) {
        match bound {
            Bound::Sharable => self.write("Sharable"),
            Bound::Object => self.write("Object"),
            Bound::Interface(interface) => {
                let name = InterfacePrinter::new(self.definitions, interface).to_string();
                self.write(&name);
            }
        }
    }

    fn interface(&mut self, definition: &Interface) {
        self.write(&format!("interface {}", definition.name));
        self.type_params(definition.type_params.get(1..).unwrap_or_default());
        for (position, &above) in definition.supers.iter().enumerate() {
            self.write(if position == 0 { ": " } else { " + " });
            self.bound(Bound::Interface(above));
        }
        self.write("\n\n");
    }

    fn implementation(&mut self, implementation: &Implementation) {
        self.write("extend");
        self.type_params(&implementation.type_params);
        self.write(" ");
        self.ty(implementation.target);
        self.write(": ");
        self.bound(Bound::Interface(implementation.interface));
        self.write("\n\n");
    }

    fn structure(&mut self, definition: &Struct) {
        if definition.is_newtype {
            return self.newtype(definition);
        }
        self.write(&format!("struct {}", definition.name));
        self.type_params(&definition.type_params);
        self.fields(definition.fields.as_slice());
    }

    fn class(&mut self, definition: &Class) {
        self.write(&format!("class {}", definition.name));
        self.type_params(&definition.type_params);
        self.fields(definition.fields.as_slice());
    }

    fn fields(&mut self, fields: &[Field]) {
        self.write(" ");
        self.braces(fields, |this, field| {
            let word = if field.is_var { "var" } else { "let" };
            this.write(&format!("{word} {}: ", field.name));
            this.ty(field.ty.ty);
            this.default(field.default);
            this.write(";");
        });
        self.write("\n\n");
    }

    fn newtype(&mut self, definition: &Struct) {
        self.write(&format!("newtype {}", definition.name));
        self.type_params(&definition.type_params);
        for field in definition.fields.iter() {
            self.write(" = ");
            self.ty(field.ty.ty);
        }
        self.write(";\n\n");
    }

    fn enumeration(&mut self, definition: &Enum) {
        self.write(&format!("enum {}", definition.name));
        self.type_params(&definition.type_params);
        self.write(" ");
        self.braces(definition.variants.as_slice(), |this, variant| {
            this.write(variant.name.as_str());
            if !variant.fields.is_empty() {
                this.list("(", variant.fields.as_slice(), ")", |this, field| {
                    if let Some(name) = field.name {
                        this.write(&format!("{name}: "));
                    }
                    this.ty(field.ty.ty);
                });
            }
            this.write(",");
        });
        self.write("\n\n");
    }

    fn constant(&mut self, constant: &Const) {
        self.write(&format!("const {}", constant.name));
        if let Some(ty) = constant.ty {
            self.write(": ");
            self.ty(ty.ty);
        }
        self.default(Some(constant.value));
        self.write(";\n\n");
    }

    /// ` = value`, where there is one.
    fn default(&mut self, default: Option<FnId>) {
        let definitions = self.definitions;
        if let Some(id) = default
            && let FnBody::Plat(body) = &definitions.functions[id].body
        {
            self.write(" = ");
            self.value(body);
        }
    }

    fn value(&mut self, body: &Body) {
        if let Some(value) = body.value {
            self.expr(body, value);
        }
    }

    fn function(&mut self, function: &Function) {
        let word = match function.kind {
            FnKind::Static if function.owner.is_some() => "static fn ",
            FnKind::Static | FnKind::Method => "fn ",
            FnKind::MutMethod => "mut fn ",
            FnKind::Init | FnKind::Deinit => "",
        };
        self.write(word);
        if let Some(ty) = self.definitions.self_type(function) {
            self.ty(ty);
            self.write(".");
        }
        self.write(function.name.as_str());
        self.type_params(&function.type_params);
        let locals = match &function.body {
            FnBody::Plat(body) => body.params.as_slice(),
            _ => &[],
        };
        let own = &locals[locals.len().saturating_sub(function.params.len())..];
        let params: Vec<_> = function.params.iter().zip(own).collect();
        self.list("(", &params, ")", |this, (param, local)| {
            this.write(match param.mode {
                ParamMode::Value => "",
                ParamMode::Inout => "inout ",
                ParamMode::Move => "move ",
            });
            this.write(&format!("{}@{}: ", param.name, local.index()));
            this.ty(param.ty.ty);
            this.default(param.default);
        });
        self.write(" -> ");
        self.ty(function.result.ty);
        if let FnBody::Plat(body) = &function.body {
            self.write(" ");
            self.value(body);
        }
        self.write("\n\n");
    }

    fn local(&mut self, body: &Body, local: LocalId) {
        self.write(&format!("{}@{}", body.locals[local].name, local.index()));
    }

    fn exprs(&mut self, body: &Body, before: &str, exprs: &[ExprId], after: &str) {
        self.list(before, exprs, after, |this, &expr| this.expr(body, expr));
    }
}
