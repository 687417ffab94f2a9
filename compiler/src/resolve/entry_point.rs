//! `main`: where the program begins.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::scope::ValueDef;
use super::{ModuleIndex, Resolver, errors};
use crate::hir::{FnId, Function};
use crate::types::{IntTy, Ty, TyKind};

impl Resolver<'_> {
    /// Finds the `main` of a module and checks that it can be called by the runtime.
    pub fn find_main(&mut self, module: ModuleIndex) {
        let name = Symbol::intern("main");
        match self.scopes.find_value(module, name) {
            Some(ValueDef::Fn(id)) => {
                self.check_main(id);
                self.hir.main = Some(id);
            }
            Some(ValueDef::Const(_) | ValueDef::Error) => {}
            None => {
                if let Some(file) = self.modules[module].file {
                    self.sink.emit(errors::missing_main(Span::new(file.id, 0, 0)));
                }
            }
        }
    }

    fn check_main(&mut self, id: FnId) {
        let function = &self.hir.definitions.functions[id];
        let result = function.result;
        let diagnostic = match *result.ty.kind() {
            _ if !function.type_params.is_empty() => {
                errors::wrong_main(function.type_params[0].span, "`main` has no type parameters")
            }
            _ if !function.params.is_empty() => {
                errors::wrong_main(params_span(function), "`main` has no parameters")
            }
            TyKind::Enum(id, args) if Some(id) == self.hir.lang.result => {
                if args[0].is_unit() || args[0].has_error() {
                    return;
                }
                errors::wrong_main(result.span, "`main` succeeds without a value")
            }
            TyKind::Never | TyKind::Error => return,
            _ if result.ty == Ty::unit() || result.ty == Ty::new(TyKind::Int(IntTy::I32)) => return,
            _ => errors::wrong_main(result.span, "`main` returns nothing or an `Int32`"),
        };
        self.sink.emit(diagnostic);
    }
}

/// From the first parameter to the last.
fn params_span(function: &Function) -> Span {
    let spans = function.params.iter().map(|param| param.span.to(param.ty.span));
    spans.reduce(Span::to).unwrap_or(function.span)
}
