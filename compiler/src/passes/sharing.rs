//! Whether instances of generic code give only Sharable values to other tasks.
//!
//! What is not generic has been checked with its types; here all type arguments are known. What goes to another task is
//! marked by `Share`.

use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::HashSet;

use super::errors::instance_shares;
use crate::hir::Definitions;
use crate::mir::boxing::contained_tys;
use crate::mir::typing::field_tys;
use crate::mir::{Mir, StatementKind};
use crate::types::{Sharing, Ty, TyKind, TypePrinter};

/// Reports the instances that do not.
pub(super) fn check(mir: &Mir, definitions: &Definitions, sink: &mut Sink) {
    let mut reported = HashSet::default();
    for function in mir.functions.iter() {
        for statement in function.blocks.iter().flat_map(|block| &block.statements) {
            let StatementKind::Share(place) = &statement.kind else { continue };
            let ty = function.place_ty(definitions, place);
            if let Some(culprit) = culprit(definitions, ty, &mut HashSet::default())
                && reported.insert((function.span, ty))
            {
                let show = |ty| TypePrinter::new(definitions, ty).to_string();
                let span = if function.is_library { function.span } else { statement.span };
                sink.emit(instance_shares(span, &function.name, &show(ty), &show(culprit)));
            }
        }
    }
}

/// The part of a type that keeps its values from being used by several tasks.
fn culprit(definitions: &Definitions, ty: Ty, seen: &mut HashSet<Ty>) -> Option<Ty> {
    if !seen.insert(ty) {
        return None;
    }
    match *ty.kind() {
        TyKind::Fn(signature) => (signature.sharing() != Sharing::Sharable).then_some(ty),
        TyKind::Interface(id, _) => (!definitions.is_sharable_interface(id)).then_some(ty),
        TyKind::ChannelHandle(_) => None,
        TyKind::Buffer(part) | TyKind::Task(part) | TyKind::Weak(part) => culprit(definitions, part, seen),
        TyKind::Class(id, _) => {
            let class = &definitions.classes[id];
            if !class.is_cell && class.fields.iter().any(|field| field.is_var) {
                return Some(ty);
            }
            let fields = field_tys(definitions, ty, None).unwrap_or_default();
            fields.into_iter().find_map(|field| culprit(definitions, field, seen))
        }
        _ => contained_tys(definitions, ty).into_iter().find_map(|part| culprit(definitions, part, seen)),
    }
}
