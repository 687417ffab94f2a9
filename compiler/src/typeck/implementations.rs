//! What implementations say without methods: that a type's structure does it.

use plat_syntax::diagnostics::{Diagnostic, Sink};

use super::bounds::{Obstacle, has_by_structure, obstacle_in_file, obstacle_whatever_params};
use super::errors::{interfaces as errors, operators};
use crate::hir::{Bound, Hir, Implementation, InterfaceRef};
use crate::types::{InterfacePrinter, Ty, TyKind, TypePrinter};

/// Checks that types have by structure what they are said to have, and what their interfaces extend.
pub(super) fn check(hir: &Hir, sink: &mut Sink) {
    for implementation in hir.definitions.implementations.iter().filter(|it| !it.is_library) {
        if let Some(diagnostic) = second(hir, implementation) {
            sink.emit(diagnostic);
        } else {
            check_one(hir, implementation, sink);
        }
    }
}

/// The complaint about an interface that a type of the language or of the library has by its structure: other code has been
/// written for what that does.
fn second(hir: &Hir, implementation: &Implementation) -> Option<Diagnostic> {
    let definitions = &hir.definitions;
    let ty = implementation.target;
    let is_own = match *ty.kind() {
        TyKind::Struct(id, _) => !definitions.structs[id].is_library,
        TyKind::Enum(id, _) => !definitions.enums[id].is_library,
        TyKind::Class(id, _) => !definitions.classes[id].is_library,
        _ => false,
    };
    let structural = hir.lang.structural(implementation.interface.id).filter(|_| !is_own)?;
    if !has_by_structure(hir, ty, structural) {
        return None;
    }
    let shown = TypePrinter::new(definitions, ty).to_string();
    let interface = definitions.interfaces[implementation.interface.id].name;
    Some(errors::second_implementation(implementation.span, &shown, interface.as_str()))
}

fn check_one(hir: &Hir, implementation: &Implementation, sink: &mut Sink) {
    let definitions = &hir.definitions;
    let (ty, span) = (implementation.target, implementation.span);
    let all = definitions.with_supers(implementation.interface, ty);
    let sharable = definitions.is_sharable_interface(implementation.interface.id).then_some(Bound::Sharable);
    let show = |ty: Ty| TypePrinter::new(definitions, ty).to_string();
    for bound in all.into_iter().map(Bound::Interface).chain(sharable) {
        let is_itself = bound == Bound::Interface(implementation.interface);
        let is_by_structure = match bound {
            Bound::Interface(interface) => hir.lang.structural(interface.id).is_some(),
            Bound::Sharable => true,
            Bound::Object => false,
        };
        if !is_by_structure {
            continue;
        }
        let Some(obstacle) = obstacle_in_file(hir, span.file, ty, bound) else { continue };
        let bound = show_bound(hir, bound);
        let interface = InterfacePrinter::new(definitions, implementation.interface).to_string();
        let diagnostic = match is_itself {
            true => errors::structure_lacks(span, &show(ty), &bound),
            false => errors::super_lacks(span, &show(ty), &interface, &bound),
        };
        sink.emit(explain(hir, diagnostic, ty, &obstacle));
        if is_itself {
            return;
        }
    }
}

/// Checks that the error that `main` may end with can be printed.
pub(super) fn check_main(hir: &Hir, sink: &mut Sink) {
    let Some(main) = hir.main.map(|main| &hir.definitions.functions[main]) else { return };
    let TyKind::Enum(result, [_, error]) = *main.result.ty.kind() else { return };
    let Some(display) = hir.lang.display.filter(|_| Some(result) == hir.lang.result) else { return };
    let bound = Bound::Interface(InterfaceRef::plain(display));
    if let Some(obstacle) = obstacle_whatever_params(hir, *error, bound) {
        let shown = TypePrinter::new(&hir.definitions, *error).to_string();
        let diagnostic = errors::main_error_not_displayable(main.result.span, &shown);
        sink.emit(explain(hir, diagnostic, *error, &obstacle));
    }
}

fn explain(hir: &Hir, diagnostic: Diagnostic, ty: Ty, obstacle: &Obstacle) -> Diagnostic {
    if obstacle.ty == ty {
        return diagnostic;
    }
    let part = TypePrinter::new(&hir.definitions, obstacle.ty).to_string();
    operators::note_obstacle(diagnostic, &part, &show_bound(hir, obstacle.bound), &obstacle.path)
}

fn show_bound(hir: &Hir, bound: Bound) -> String {
    match bound {
        Bound::Sharable => "Sharable".into(),
        Bound::Object => "Object".into(),
        Bound::Interface(interface) => InterfacePrinter::new(&hir.definitions, interface).to_string(),
    }
}
