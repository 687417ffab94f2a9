//! `extern` blocks: functions of C, and in the library functions of the runtime and intrinsics, each of which must be one
//! that exists.

use plat_abi::functions::RuntimeFn;
use plat_syntax::diagnostics::Diagnostic;
use plat_syntax::index::Symbol;
use plat_syntax::syntax::ast;

use super::types::TypeScope;
use super::{ModuleIndex, Resolver, errors};
use crate::hir::{FnBody, FnId, FnKind, Foreign, Intrinsic, TypeRef};
use crate::types::{Ty, TyKind, TypePrinter};

impl<'a> Resolver<'a> {
    /// The signature of an extern function, and what stands behind it.
    pub fn resolve_extern(
        &mut self,
        id: FnId,
        module: ModuleIndex,
        block: &'a ast::Extern,
        function: &'a ast::Function,
    ) {
        let scope = TypeScope::of_module(module);
        self.resolve_function(id, function, FnKind::Static, scope);
        let (abi, name) = (&*block.abi.text, function.name.name.as_str());
        let is_library = self.layer(module).is_library();
        let body = match abi {
            "C" => return self.check_foreign(id, block, function),
            _ if !is_library => {
                self.sink.emit(errors::foreign::unknown_abi(block.abi.span, abi));
                return;
            }
            "runtime" => RuntimeFn::find(name)
                .filter(|row| row.parameters().len() == function.params.len())
                .map(FnBody::Runtime),
            "intrinsic" => Intrinsic::find(name)
                .filter(|intrinsic| intrinsic.parameter_count() == function.params.len())
                .map(FnBody::Intrinsic),
            _ => None,
        };
        match body {
            Some(body) => self.hir.definitions.functions[id].body = body,
            None => self.sink.emit(errors::unknown_extern(function.name, abi, function.params.len())),
        }
    }

    /// Makes the function one of C, if C has functions with its signature.
    fn check_foreign(&mut self, id: FnId, block: &'a ast::Extern, written: &'a ast::Function) {
        let function = &self.hir.definitions.functions[id];
        let mut wrong = Vec::new();
        if let Some(generic) = written.generics.first() {
            wrong.push(errors::foreign::type_parameter(generic.name));
        }
        let mut words = Words::default();
        for (param, written) in function.params.iter().zip(&written.params) {
            match written.mode {
                ast::ParamMode::Plain => {}
                ast::ParamMode::Inout(span) => wrong.push(errors::foreign::mode(span, "inout")),
                ast::ParamMode::Move(span) => wrong.push(errors::foreign::mode(span, "move")),
            }
            if !param.ty.ty.has_error() && !words.add(self.hir.definitions.underlying(param.ty.ty)) {
                wrong.push(self.wrong_foreign_type(param.ty));
            }
        }
        let result = function.result;
        let is_nothing = result.ty.is_unit() || result.ty.is_never() || result.ty.has_error();
        if !is_nothing && !Words::default().add(self.hir.definitions.underlying(result.ty)) {
            wrong.push(self.wrong_foreign_type(result));
        }
        if words.integers > MAX_INTEGERS || words.floats > MAX_FLOATS {
            wrong.push(errors::foreign::too_many_parameters(written.name, MAX_INTEGERS, MAX_FLOATS));
        }
        let library = block.link.as_ref().map(|link| (Symbol::intern(&link.text), link.span));
        if wrong.is_empty() {
            self.hir.definitions.functions[id].body = FnBody::Foreign(Foreign { library });
        }
        for diagnostic in wrong {
            self.sink.emit(diagnostic);
        }
    }

    fn wrong_foreign_type(&self, ty: TypeRef) -> Diagnostic {
        let shown = TypePrinter::new(&self.hir.definitions, ty.ty).to_string();
        errors::foreign::wrong_type(ty.span, &shown, ty.ty == Ty::string())
    }
}

/// What C's calling convention passes in registers on every target; the rest would stand on a stack that a function of C
/// does not run on.
const MAX_INTEGERS: usize = 6;
const MAX_FLOATS: usize = 8;

/// The registers that parameters take.
#[derive(Default)]
struct Words {
    integers: usize,
    floats: usize,
}

impl Words {
    /// Adds a parameter; false if C has no such type.
    fn add(&mut self, ty: Ty) -> bool {
        match ty.kind() {
            TyKind::Float(_) => self.floats += 1,
            TyKind::Int(_) | TyKind::Bool | TyKind::Char => self.integers += 1,
            _ => return false,
        }
        true
    }
}
