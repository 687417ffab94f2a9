//! What stands in the tables of values of interfaces' types: functions that take what a value holds out of it and pass it
//! on to the method of its type.
//!
//! Values of interfaces' types share what they hold. Before a method may change it, it becomes one of its own.

use super::{Generator, value};
use crate::hir::{FnKind, Hir, Implementing};
use crate::mir::typing::{param_kind, self_kind};
use crate::mir::{Argument, Callee, Function, LocalKind, Operand, Place, Projection, Rvalue};
use crate::passes::mono::TableMethod;
use crate::types::Ty;

/// The method for a value of type `as_ty` that holds a `ty`.
pub(in crate::passes) fn generate(hir: &Hir, as_ty: Ty, called: &TableMethod, ty: Ty) -> Function {
    let definitions = &hir.definitions;
    let method = called.method;
    let asked = &definitions.functions[method];
    let mut type_args = called.interface.owner_args(ty);
    type_args.extend_from_slice(&called.args);
    let result = asked.result.ty.substitute(&type_args);
    let name = crate::passes::mono::method_name(definitions, ty, method);
    let mut generator = Generator::named(hir, name, result, asked.span);
    let this = Place::from(generator.builder.param(as_ty, None, self_kind(asked.kind)));
    let mut args = Vec::with_capacity(asked.params.len() + 1);
    for param in &asked.params {
        let kind = param_kind(param.mode);
        let local = generator.builder.param(param.ty.ty.substitute(&type_args), Some(param.name), kind);
        args.push(if kind == LocalKind::Inout { Argument::Place(local.into()) } else { value(local) });
    }
    let content = this.clone().project(Projection::Content(ty));
    if changes(hir, called, &type_args) {
        generator.make_unique(&this, &content, as_ty);
    }
    let receiver = if asked.kind == FnKind::MutMethod { Argument::Place(content) } else { value(content) };
    args.insert(0, receiver);
    let target = (!result.is_unit() && !result.is_never()).then(|| Function::RESULT.into());
    let span = generator.span;
    generator.builder.call(target, Callee::Generic(method, type_args), args, span);
    generator.finish()
}

/// Whether the method of the type changes its `self`: one that does not may stand for one that may.
fn changes(hir: &Hir, called: &TableMethod, type_args: &[Ty]) -> bool {
    let definitions = &hir.definitions;
    let found = match definitions.implementing(called.method, called.interface.id, type_args) {
        Implementing::Function(found, _) => found,
        Implementing::Structure | Implementing::Table(_) | Implementing::Instance(_) => called.method,
    };
    definitions.functions[found].kind == FnKind::MutMethod
}

impl Generator<'_> {
    /// Makes what the value holds one that nothing else refers to.
    fn make_unique(&mut self, this: &Place, content: &Place, as_ty: Ty) {
        let is_unique = self.temp(Ty::bool(), Rvalue::IsUnique(this.clone()));
        let (unique, shared) = (self.builder.new_block(), self.builder.new_block());
        self.builder.branch(Operand::Use(is_unique.into()), unique, shared, self.span);
        self.builder.switch_to(shared);
        let copy = Rvalue::Interface(as_ty, Operand::Use(content.clone()));
        self.assign(this.clone(), copy);
        self.goto_and_switch(unique);
    }
}
