//! Scopes are not kept: a value of type `Scope` may be what a name, a parameter or a closure has, but in no other value, and no result.
//!
//! Where names and closures may go with it, `analysis/scopes.rs` says.

use plat_syntax::diagnostics::Sink;

use super::body::Checker;
use super::errors::scopes as errors;
use crate::hir::{AggregateId, Function, Hir, StructId};
use crate::types::{Ty, TyKind, TypePrinter};

/// Reports declarations by which a scope would be kept.
pub(super) fn check_declarations(hir: &Hir, sink: &mut Sink) {
    let (Some(scope), definitions) = (hir.lang.scope, &hir.definitions) else { return };
    let structs = definitions.structs.iter_enumerated();
    let structs = structs.filter(|(_, it)| !it.is_library).map(|(id, _)| AggregateId::Struct(id));
    let classes = definitions.classes.iter_enumerated();
    let classes = classes.filter(|(_, it)| !it.is_library).map(|(id, _)| AggregateId::Class(id));
    let fields = structs.chain(classes).flat_map(|id| definitions.fields(id).iter()).map(|field| field.ty);
    let variants = definitions.enums.iter().filter(|it| !it.is_library).flat_map(|it| it.variants.iter());
    let payloads = variants.flat_map(|variant| variant.fields.iter()).map(|field| field.ty);
    let own = |function: &&Function| !function.is_library;
    let results = definitions.functions.iter().filter(own).map(|function| function.result);
    for ty in fields.chain(payloads).chain(results).filter(|ty| has(ty.ty, scope)) {
        let shown = TypePrinter::new(definitions, ty.ty).to_string();
        sink.emit(errors::declared(ty.span, &shown));
    }
    let params = definitions.functions.iter().filter(own).flat_map(|function| &function.params);
    for ty in params.map(|param| param.ty).filter(|ty| keeps(ty.ty, scope)) {
        let shown = TypePrinter::new(definitions, ty.ty).to_string();
        sink.emit(errors::declared(ty.span, &shown));
    }
}

impl Checker<'_, '_> {
    /// Reports the first value of a body that would keep a scope, once all types are known.
    pub(super) fn check_scopes(&mut self) {
        let Some(scope) = self.program.hir.lang.scope else { return };
        let name = Ty::structure(scope, &[]);
        if self.function.is_library || !self.types.locals.iter().any(|&ty| ty == name) {
            return;
        }
        let kept = self.types.exprs.iter_enumerated().filter(|&(_, &ty)| keeps(ty, scope));
        let first = kept.map(|(id, &ty)| (self.span(id), ty)).min_by_key(|(span, _)| (span.start, span.end));
        if let Some((span, ty)) = first {
            let shown = self.show(ty);
            self.emit(errors::kept(span, &shown));
        }
    }
}

/// Whether values of the type have a scope in them.
fn keeps(ty: Ty, scope: StructId) -> bool {
    match *ty.kind() {
        TyKind::Fn(signature) => has(signature.result(), scope),
        _ => ty.parts().iter().any(|&part| has(part, scope)),
    }
}

fn has(ty: Ty, scope: StructId) -> bool {
    matches!(*ty.kind(), TyKind::Struct(id, _) if id == scope) || keeps(ty, scope)
}
